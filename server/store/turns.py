"""Queues within this process for what many write at once.

Revisions alone keep two writers apart; queueing only spares them from colliding over and over. Nobody waits
for anybody in a circle: several turns are taken in the order of their names, and whoever would have to wait
for one more gives back what they have and takes all of them anew.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence


class Elsewhere(Exception):
    """Somebody else has one of these turns; raised inside a transaction, where nobody may wait."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(*names)
        self.names = names


class Turns:
    """A queue a name, for as long as somebody is in it."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: Counter[str] = Counter()

    def is_free(self, name: str) -> bool:
        return not self._wanted[name]

    async def take(self, name: str) -> None:
        """Wait until it is one's turn, behind all who came before; at once when it is free."""
        self._wanted[name] += 1
        try:
            await self._locks[name].acquire()
        except BaseException:
            self._leave(name)
            raise

    def give_back(self, name: str) -> None:
        self._locks[name].release()
        self._leave(name)

    def _leave(self, name: str) -> None:
        self._wanted[name] -= 1
        if not self._wanted[name]:
            del self._wanted[name], self._locks[name]


class Held:
    """The turns that one unit of work has."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._names: set[str] = set()

    async def queue(self, names: Collection[str]) -> None:
        """Wait until it is one's turn with all of these and with what one has; outside of a transaction."""
        wanted = self._names.union(names)
        self.give_back()
        await self._take(sorted(wanted))

    async def take_free(self, names: Collection[str]) -> None:
        """Take these turns without waiting; raises Elsewhere when somebody has one."""
        missing = set(names) - self._names
        if not all(map(self._turns.is_free, missing)):
            raise Elsewhere(missing)
        await self._take(missing)

    async def take_one(self, names: Sequence[str]) -> str:
        """Take the first of these turns that is free, without waiting; name it, or the first of all."""
        free = next((one for one in names if one in self._names or self._turns.is_free(one)), None)
        if free is None:
            return names[0]
        await self.take_free([free])
        return free

    async def _take(self, names: Collection[str]) -> None:
        for name in names:
            await self._turns.take(name)
            self._names.add(name)

    def give_back(self) -> None:
        while self._names:
            self._turns.give_back(self._names.pop())
