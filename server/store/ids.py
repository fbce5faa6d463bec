"""Integer ids, allocated in blocks so that most of them cost no write."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from pymongo.errors import DuplicateKeyError

from server.store.database import Database

BLOCK = 20
"""Ids a process takes at once; those it does not use are lost when it ends, which leaves harmless gaps."""


class Ids:
    """Sequences by name, unique over all processes, rising within one."""

    def __init__(self, database: Database) -> None:
        self._counters = database.collection("counters")
        self._next: dict[str, int] = {}
        self._last: dict[str, int] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def next(self, name: str) -> int:
        """Give the next id of a sequence, from 1."""
        async with self._locks[name]:
            if self._next.get(name, 1) > self._last.get(name, 0):
                self._last[name] = await self._allocate(name)
                self._next[name] = self._last[name] - BLOCK + 1
            given = self._next[name]
            self._next[name] = given + 1
            return given

    async def reserve(self, name: str, last: int) -> None:
        """Make sure that no id up to `last` is given out any more, except from blocks of other processes."""
        async with self._locks[name]:
            self._next.pop(name, None)
            self._last.pop(name, None)
            with suppress(DuplicateKeyError):  # another process makes the counter at once; it exists now
                await self._counters.insert_one({"_id": name, "last": 0})
            await self._counters.update_one({"_id": name}, {"$max": {"last": last}})

    async def _allocate(self, name: str) -> int:
        """Take a block and give its last id; never part of a caller's transaction, so never given back."""
        while True:
            try:
                counter = await self._counters.find_one_and_update(
                    {"_id": name}, {"$inc": {"last": BLOCK}}, upsert=True, return_document=True
                )
            except DuplicateKeyError:  # two processes made the counter at once; it exists now
                continue
            if counter is not None:  # the embedded database answers so in the same race
                return int(counter["last"])
