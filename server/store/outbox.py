"""Events that are written and not yet announced."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.store.collection import Collection
from server.store.database import Index, session


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event as bytes. `lease_until` is until when its writer is believed to announce it itself."""

    id: str
    written_at: datetime
    lease_until: datetime
    payload: bytes


class OutboxRows(Collection[OutboxRow]):
    """Small: a row lives for milliseconds unless something is broken."""

    NAME = "outbox"
    ENTITY = OutboxRow
    INDEXES = (Index("lease", (("lease_until", 1),)),)

    async def left_behind(self, now: datetime, most: int) -> list[OutboxRow]:
        """Give rows whose writer did not announce them, oldest first."""
        return await self.find({"lease_until": {"$lte": now}}, sort=(("written_at", 1),), limit=most)

    async def lease(self, row: OutboxRow, until: datetime) -> bool:
        """Take a row over, or give it back; of several processes one succeeds."""
        return await self.change(row.id, {"lease_until": until}, where={"lease_until": row.lease_until})

    async def insert_all(self, rows: Sequence[OutboxRow]) -> None:
        """Add rows, in one statement of the open transaction."""
        if rows:
            await self._motor.insert_many([self.dump(row) for row in rows], session=session())

    async def delete_all(self, ids: Several[str]) -> None:
        """Remove the rows that have been announced."""
        if ids:
            await self._motor.delete_many({"_id": {"$in": list(ids)}})
