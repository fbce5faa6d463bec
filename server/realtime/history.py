"""What a client missed: in order, exactly once, or that it has missed too much to know."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.domain.events import Event, from_bytes
from server.realtime.numbering import KEPT_EVENTS, Mark


@dataclass(frozen=True, slots=True)
class Missed:
    """What came after a mark on a topic, oldest first; not `is_whole` when some is not known any more."""

    last: Mark
    events: tuple[tuple[int, Event], ...] = ()
    is_whole: bool = True


def missed_since(since: Mark, last: Mark, entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> Missed:
    """Give what follows a mark, from the topic's last one and its entries beyond the mark.

    entries : (mark, the field's name and value), oldest first
    """
    if since.epoch != last.epoch or since.seq > last.seq:
        return Missed(last, is_whole=False)
    numbered = [(Mark.read(entry).seq, payload) for entry, (_, payload) in entries]
    if [seq for seq, _ in numbered] != list(range(since.seq + 1, last.seq + 1)):
        return Missed(last, is_whole=False)
    return Missed(last, tuple((seq, from_bytes(payload)) for seq, payload in numbered))


class Place:
    """Where a client is among its topic's events; while it is being told what it missed, live ones wait."""

    __slots__ = ("_held", "_last")

    def __init__(self) -> None:
        self._last: Mark | None = None
        self._held: deque[tuple[bytes, Mark]] | None = None

    def hold(self) -> None:
        """Keep what comes until it is taken by `held`."""
        self._held = deque()

    def follows(self, mark: Mark) -> bool:
        """Note a live event that the client is to be told now; false when it has to wait or is known."""
        return self._held is None and self.advance(mark)

    def keep(self, frame: bytes, mark: Mark) -> bool:
        """Keep a live event that has to wait; false when too much does."""
        if self._held is not None:
            self._held.append((frame, mark))
        return self._held is None or len(self._held) <= KEPT_EVENTS

    def held(self) -> Iterator[tuple[bytes, Mark]]:
        """Give what waits one by one, what comes meanwhile included; afterwards nothing waits any more."""
        while self._held:
            yield self._held.popleft()
        self._held = None

    def advance(self, mark: Mark) -> bool:
        """Note that the client knows everything up to a mark; false when it did already."""
        if self._last is not None and self._last.epoch == mark.epoch and mark.seq <= self._last.seq:
            return False
        self._last = mark
        return True
