"""Files that may belong to nobody: being uploaded, or of a row that is gone."""

from dataclasses import dataclass
from datetime import datetime

from server.store.collection import Collection
from server.store.database import Index, session


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file to be looked at again; the id is its key."""

    id: str
    due_at: datetime


class Leftovers(Collection[Leftover]):
    """Few: a file's row goes with the file, or once the file has an owner."""

    NAME = "leftovers"
    ENTITY = Leftover
    INDEXES = (Index("due", (("due_at", 1),)),)

    async def expect(self, key: str, due_at: datetime) -> None:
        """Note a file before it is written: beside an open transaction, so that it outlives its undoing."""
        await self._motor.insert_one(self.dump(Leftover(key, due_at)))

    async def put(self, key: str, due_at: datetime) -> None:
        """Note a file whose owner goes, in the transaction that removes the owner."""
        change = {"$set": {"due_at": due_at}}
        await self._motor.update_one({"_id": key}, change, upsert=True, session=session())

    async def due(self, since: datetime, until: datetime, most: int) -> list[Leftover]:
        """Give those to be looked at between two moments."""
        return await self.find({"due_at": {"$gte": since, "$lte": until}}, limit=most)
