"""Queues within this process for what many write at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """A queue a name, for as long as somebody is in it.

    Revisions alone keep two writers apart; queueing only spares them from colliding over and over.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str | int, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, name: str | int) -> AsyncIterator[None]:
        """Wait until it is one's turn with what has this name, and have it until the end of the block."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        async with lock:
            yield
