"""One process's sockets by topic. Delivery only delivers: who should hear was decided with the change.

Every client has a bounded queue; one that does not read is closed (1013) and never slows the loop.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import structlog

from server import clock, metrics
from server.domain.events import Event
from server.realtime.frames import text_frame
from server.realtime.numbering import Mark

log = structlog.get_logger("hub")

TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001
UNAUTHORISED = 4001

NO_MARKS: Mapping[str, Mark] = MappingProxyType({})
Speller = Callable[[Event], dict[str, Any] | None]


class Connection(Protocol):
    """A client as the hub knows it."""

    speller: Speller
    session_id: str

    def offer(self, frame: bytes, mark: Mark | None = None) -> bool:
        """Send or queue a whole WebSocket frame; false when too much is queued.

        mark : the number of the event in it, or from which on to go on
        """

    def shut(self, code: int, reason: str) -> None:
        """Close with a code."""


Offer = Callable[[bytes, Mark | None], bool]
Listeners = dict[Speller, dict[Connection, Offer]]
"""Who hears of a topic, by how they are told."""

NOBODY: Listeners = {}


class Hub:
    """Connections by topic and by session."""

    def __init__(self) -> None:
        self._topics: defaultdict[str, Listeners] = defaultdict(dict)
        self._joined: dict[Connection, str | None] = {}

    def join(self, connection: Connection, topic: str | None) -> None:
        """Let a connection hear of a topic; None for one that only asks and is answered."""
        self._joined[connection] = topic
        if topic is not None:
            self._topics[topic].setdefault(connection.speller, {})[connection] = connection.offer
        metrics.SOCKETS.inc()

    def leave(self, connection: Connection) -> None:
        """Forget a connection; without effect when it is not known."""
        if connection not in self._joined:
            return
        metrics.SOCKETS.dec()
        topic = self._joined.pop(connection)
        if topic is None:
            return
        listeners = self._topics[topic]
        del listeners[connection.speller][connection]
        if not listeners[connection.speller]:
            del listeners[connection.speller]
        if not listeners:
            del self._topics[topic]

    def deliver(self, event: Event, marks: Mapping[str, Mark] = NO_MARKS) -> None:
        """Hand an event to everyone who hears of its topics; each spelling is encoded once a topic.

        marks : the event's number on each topic, which its message carries
        """
        metrics.LAG_SECONDS.observe((clock.now() - event.at).total_seconds())
        told = 0
        slow: list[Connection] = []
        messages: dict[Speller, dict[str, Any] | None] = {}
        for topic in event.topics:
            mark = marks.get(topic)
            for speller, connections in self._topics.get(topic, NOBODY).items():
                frame = _frame(messages, speller, event, mark)
                if frame is not None:
                    told += len(connections)
                    slow += [one for one, offer in connections.items() if not offer(frame, mark)]
        metrics.EVENTS.inc(told - len(slow))
        metrics.DROPPED.inc(len(slow))
        for connection in slow:
            connection.shut(TRY_AGAIN_LATER, "too slow")

    def hears(self, topic: str) -> bool:
        """Say whether somebody hears of a topic."""
        return topic in self._topics

    @property
    def topics(self) -> list[str]:
        """Give the topics that somebody hears of."""
        return list(self._topics)

    def resync(self, topic: str, mark: Mark) -> None:
        """Tell everyone on a topic who is not there yet to fetch afresh and go on from a mark."""
        frame = resync_frame(mark)
        everybody = [one for connections in self._topics.get(topic, NOBODY).values() for one in connections]
        for connection in everybody:
            if not connection.offer(frame, mark):
                connection.shut(TRY_AGAIN_LATER, "too slow")

    def close_session(self, session_id: str) -> None:
        """Close the sockets of a session that has ended."""
        for connection in [one for one in self._joined if one.session_id == session_id]:
            connection.shut(UNAUTHORISED, "session ended")

    def close_all(self, code: int = GOING_AWAY) -> None:
        """Close every socket; unless told otherwise because the process stops."""
        for connection in list(self._joined):
            connection.shut(code, "server stops")

    def __len__(self) -> int:
        return len(self._joined)


def spelled(speller: Speller, event: Event) -> dict[str, Any] | None:
    """Give an event as a socket's message, None when it does not speak of it."""
    try:
        return speller(event)
    except Exception:
        # One spelling's fault is not the others' silence.
        log.exception("an event could not be spelled", kind=event.kind)
        return None


def marked_frame(message: dict[str, Any], mark: Mark | None) -> bytes:
    """Give a message's frame, with its number when it has one."""
    return text_frame(message if mark is None else {**message, "seq": mark.seq, "epoch": mark.epoch})


def resync_frame(mark: Mark) -> bytes:
    """Give the message that something may be missing: fetch afresh, and go on from this mark."""
    metrics.RESYNCS.inc()
    return text_frame({"type": "resync", "seq": mark.seq, "epoch": mark.epoch})


def _frame(
    messages: dict[Speller, dict[str, Any] | None], speller: Speller, event: Event, mark: Mark | None
) -> bytes | None:
    if speller not in messages:
        messages[speller] = spelled(speller, event)
    message = messages[speller]
    return None if message is None else marked_frame(message, mark)
