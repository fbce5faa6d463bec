"""One-time codes: one a destination and purpose, hashed."""

from dataclasses import dataclass
from datetime import datetime

from server.store.collection import Collection
from server.store.database import Index


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent. `id` is "<purpose>:<destination>", so that a new one replaces the old."""

    id: str
    digest: str
    expires_at: datetime
    tries_left: int


class Codes(Collection[Code]):
    """Removed by the database when they have expired."""

    NAME = "codes"
    ENTITY = Code
    INDEXES = (Index("expiry", (("expires_at", 1),), expire_seconds=0),)

    async def put(self, code: Code) -> None:
        """Keep a code in place of the one before."""
        await self._motor.replace_one({"_id": code.id}, self.dump(code), upsert=True)

    async def spend_try(self, id: str, now: datetime) -> Code | None:
        """Take one try from a live code and give it as it was; None when there is none or no try is left."""
        where = {"expires_at": {"$gt": now}, "tries_left": {"$gt": 0}}
        done = await self._motor.update_one({"_id": id, **where}, {"$inc": {"tries_left": -1}})
        return await self.get(id) if done.matched_count else None

    async def use(self, id: str, digest: str) -> bool:
        """Remove a code if it is still this one; of several at once one succeeds."""
        return await self.delete(id, where={"digest": digest})
