"""What a process remembers so as not to look it up again."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memory(Generic[K, V]):
    """A bounded dictionary that counts how often it knew; the longest unasked goes first."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._most = most
        self.hits = self.misses = 0

    def get(self, key: K) -> V | None:
        """Give what is known, None when nothing is."""
        known = self._kept.get(key)
        if known is None:
            self.misses += 1
        else:
            self.hits += 1
            self._kept.move_to_end(key)
        return known

    def put(self, key: K, value: V) -> None:
        """Remember; None cannot be remembered."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: K) -> None:
        self._kept.pop(key, None)

    def clear(self) -> None:
        """Forget everything; the counts go on."""
        self._kept.clear()

    def items(self) -> list[tuple[K, V]]:
        return list(self._kept.items())

    def __len__(self) -> int:
        return len(self._kept)
