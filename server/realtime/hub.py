"""One process's sockets by topic. Delivery only delivers: who should hear was decided with the change.

Every client has a bounded queue; one that does not read is closed (1013) and never slows the loop.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog

from server import clock, metrics
from server.domain.events import Event
from server.realtime.frames import text_frame

log = structlog.get_logger("hub")

TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001
UNAUTHORISED = 4001

Speller = Callable[[Event], dict[str, Any] | None]


class Connection(Protocol):
    """A client as the hub knows it."""

    speller: Speller
    session_id: str

    def offer(self, frame: bytes) -> bool:
        """Send or queue a whole WebSocket frame; false when too much is queued."""

    def shut(self, code: int, reason: str) -> None:
        """Close with a code."""


class Hub:
    """Connections by topic and by session."""

    def __init__(self) -> None:
        self._topics: defaultdict[str, dict[Connection, None]] = defaultdict(dict)
        self._joined: dict[Connection, tuple[str, ...]] = {}

    def join(self, connection: Connection, topics: Iterable[str]) -> None:
        """Let a connection hear of these topics."""
        joined = tuple(topics)
        self._joined[connection] = joined
        for topic in joined:
            self._topics[topic][connection] = None
        metrics.SOCKETS.inc()

    def leave(self, connection: Connection) -> None:
        """Forget a connection; without effect when it is not known."""
        topics = self._joined.pop(connection, None)
        if topics is None:
            return
        for topic in topics:
            self._topics[topic].pop(connection, None)
            if not self._topics[topic]:
                del self._topics[topic]
        metrics.SOCKETS.dec()

    def deliver(self, event: Event) -> None:
        """Hand an event to everyone who hears of its topics, once each; each spelling is encoded once."""
        metrics.LAG_SECONDS.observe((clock.now() - event.at).total_seconds())
        frames: dict[Speller, bytes | None] = {}
        slow: list[Connection] = []
        delivered = 0
        for connection in self._receivers(event.topics):
            speller = connection.speller
            if speller not in frames:
                frames[speller] = _frame(speller, event)
            frame = frames[speller]
            if frame is None:
                continue
            if connection.offer(frame):
                delivered += 1
            else:
                slow.append(connection)
        metrics.EVENTS.inc(delivered)
        metrics.DROPPED.inc(len(slow))
        for connection in slow:
            connection.shut(TRY_AGAIN_LATER, "too slow")

    def _receivers(self, topics: tuple[str, ...]) -> dict[Connection, None]:
        if len(topics) == 1:
            return self._topics.get(topics[0], {})
        receivers: dict[Connection, None] = {}
        for topic in topics:
            receivers |= self._topics.get(topic, {})
        return receivers

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


def _frame(speller: Speller, event: Event) -> bytes | None:
    try:
        message = speller(event)
    except Exception:
        # One spelling's fault is not the others' silence.
        log.exception("an event could not be spelled", kind=event.kind)
        return None
    return None if message is None else text_frame(message)
