"""What was done once and is not to be done again: seeding, upgrades; and where transactions meet."""

from contextlib import suppress
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server import clock
from server.errors import Stale
from server.store.database import Database, session


class Marks:
    """A document a deed."""

    def __init__(self, database: Database) -> None:
        self._motor = database.collection("marks")

    async def known(self, deed: str) -> bool:
        return await self._motor.find_one({"_id": deed}) is not None

    async def set(self, deed: str) -> None:
        await self._motor.update_one({"_id": deed}, {"$set": {"at": clock.now()}}, upsert=True)

    async def touch(self, name: str) -> None:
        """Write a document that others write for the same end: of transactions at once one has to start over.

        raises : Stale when two write it for the first time at once
        """
        change = {"$set": {"at": clock.now()}}
        try:
            await self._motor.update_one({"_id": name}, change, upsert=True, session=session())
        except DuplicateKeyError as collision:
            raise Stale() from collision

    async def at(self, deed: str) -> datetime | None:
        """Give when a deed was done, None when it was not."""
        mark = await self._motor.find_one({"_id": deed})
        return mark["at"] if mark else None

    async def begin(self, deed: str) -> datetime:
        """Give when a deed was begun: now, unless somebody began it before."""
        now = clock.now()
        with suppress(DuplicateKeyError):
            await self._motor.insert_one({"_id": deed, "at": now})
        return await self.at(deed) or now
