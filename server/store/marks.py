"""What was done once and is not to be done again: seeding, upgrades."""

from server import clock
from server.store.database import Database


class Marks:
    """A document a deed."""

    def __init__(self, database: Database) -> None:
        self._motor = database.collection("marks")

    async def known(self, deed: str) -> bool:
        return await self._motor.find_one({"_id": deed}) is not None

    async def set(self, deed: str) -> None:
        await self._motor.update_one({"_id": deed}, {"$set": {"at": clock.now()}}, upsert=True)
