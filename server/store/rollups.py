"""Counts of bookings, kept as bookings change."""

from collections.abc import Mapping, Sequence
from random import randrange

from server.domain.rollups import Rollup
from server.store.collection import Collection
from server.store.database import Database, Index

SHARDS = 16
"""Documents a count may be spread over, so that bookings of one place and day seldom wait for each other.

A process begins with one of its own and uses as many as it has such bookings at one moment.
"""


class Rollups(Collection[Rollup]):
    """Readers add the shards up."""

    NAME = "rollups"
    ENTITY = Rollup
    INDEXES = (Index("date", (("date", 1),)), Index("place", (("pincode", 1), ("date", 1))))

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        first = randrange(SHARDS)
        self._database, self._shards = database, [*range(first, SHARDS), *range(first)]

    async def add(self, pincode: str, date: str, service_id: int, changes: Mapping[str, int]) -> None:
        """Add to columns, inside the transaction that changes the booking; raises Stale on a collision."""
        ids = {self.turn(id): id for id in (f"{pincode}:{date}:{service_id}:{n}" for n in self._shards)}
        id = ids[await self._database.apart(list(ids))]
        await self.increase(id, changes, {"pincode": pincode, "date": date, "service_id": service_id})

    async def of_dates(self, first: str, last: str) -> list[Rollup]:
        """Give the counts between two local days."""
        return await self.find({"date": {"$gte": first, "$lte": last}})

    async def of_places(self, pincodes: Sequence[str], first: str, last: str) -> list[Rollup]:
        """Give some pincodes' counts between two local days."""
        return await self.find({"pincode": {"$in": list(pincodes)}, "date": {"$gte": first, "$lte": last}})

    async def replace_all(self, rollups: list[Rollup]) -> None:
        """Put freshly counted ones in place of all."""
        await self._motor.delete_many({})
        await self.fill(rollups)
