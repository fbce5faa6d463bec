"""Numbered events: what a client missed, in order, exactly once, or that it has missed too much to know.

Announcing is one script in Redis: unless it has seen the event before, it gives the event the next number
of each of its topics, keeps it in the topic's history, and puts it on the bus with its numbers. Whoever
announces again after a crash therefore announces nothing. Numbers hold within an epoch, which ends when
Redis starts anew or loses its keys: then nobody can say what was missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.events import Event, from_bytes

KEPT_EVENTS = 1_000
"""Of a topic; older ones are gone."""
KEPT_SECONDS = 24 * 3600
"""After its last event, a topic's history is gone."""
NUMBERED_SECONDS = 90 * 24 * 3600
"""Numbers of a topic that is silent for so long begin anew: no client waits that long."""

ANNOUNCE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[3], ARGV[4], 'NX')
local numbers = {}
for i = 4, #KEYS, 2 do
  local seq = redis.call('INCR', KEYS[i])
  if seq == 1 then redis.call('DEL', KEYS[i + 1]) end
  redis.call('EXPIRE', KEYS[i], ARGV[7])
  redis.call('XADD', KEYS[i + 1], 'MAXLEN', ARGV[6], seq .. '-0', 'payload', ARGV[3])
  redis.call('EXPIRE', KEYS[i + 1], ARGV[5])
  numbers[#numbers + 1] = seq
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[8], '*', 'name', ARGV[1], 'channel', ARGV[2],
  'payload', ARGV[3], 'epoch', redis.call('GET', KEYS[3]), 'numbers', table.concat(numbers, ','))
redis.call('SET', KEYS[2], 1, 'EX', ARGV[5])
return 1
"""
"""Keys: bus, whether seen, epoch, then counter and history of each topic.

Redis does not roll back: an event is seen only once all else is done. A topic that begins anew has no past.
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event's number on one topic."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Missed:
    """What came after a mark on a topic, oldest first; not `is_whole` when some is not known any more."""

    last: Mark
    events: tuple[tuple[int, Event], ...] = ()
    is_whole: bool = True


class Keys:
    """Where a deployment keeps its numbers; `run` is Redis' own name for its life."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def seen(self, name: str) -> str:
        return f"{self._prefix}:seen:{name}"

    def epoch(self, run: str) -> str:
        return f"{self._prefix}:epoch:{run}"

    def counter(self, channel: str, topic: str) -> str:
        return f"{self._prefix}:{channel}:count:{topic}"

    def history(self, channel: str, topic: str) -> str:
        return f"{self._prefix}:{channel}:past:{topic}"


def missed_since(since: Mark | None, epoch: str, count: int, entries: Sequence[Any]) -> Missed:
    """Give what follows a mark, from a topic's count and its entries beyond the mark; None knows nothing."""
    last = Mark(epoch, count)
    if since is None or since.epoch != epoch or since.seq > count:
        return Missed(last, is_whole=False)
    numbered = [(int(entry.partition(b"-")[0]), fields[b"payload"]) for entry, fields in entries]
    if [seq for seq, _ in numbered] != list(range(since.seq + 1, count + 1)):
        return Missed(last, is_whole=False)
    return Missed(last, tuple((seq, from_bytes(payload)) for seq, payload in numbered))


class Place:
    """Where a client is among its topic's events; while it is being told what it missed, live ones wait."""

    def __init__(self) -> None:
        self._last: Mark | None = None
        self._held: list[tuple[bytes, Mark]] | None = None

    def hold(self) -> None:
        """Keep what comes until `release`."""
        self._held = []

    def is_held(self, frame: bytes, mark: Mark) -> bool:
        """Keep a live event if it has to wait."""
        if self._held is not None:
            self._held.append((frame, mark))
        return self._held is not None

    @property
    def has_room(self) -> bool:
        return self._held is None or len(self._held) <= KEPT_EVENTS

    def release(self, last: Mark) -> list[tuple[bytes, Mark]]:
        """Give what waited, now that the client knows everything up to `last`."""
        self._last, held, self._held = last, self._held or [], None
        return held

    def knows(self, mark: Mark) -> bool:
        """Say whether the client has this event already."""
        return self._last is not None and self._last.epoch == mark.epoch and mark.seq <= self._last.seq

    def is_torn(self, mark: Mark) -> bool:
        """Say whether something may lie between the client's last event and this one: the epoch has ended."""
        return self._last is not None and self._last.epoch != mark.epoch

    def advance(self, mark: Mark) -> None:
        self._last = mark
