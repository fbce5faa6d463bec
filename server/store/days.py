"""Providers' days: the one document whose revision decides every race for a slot."""

from collections.abc import Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from server.domain.entities import Day, Hold, day_id
from server.errors import Stale
from server.store.collection import Collection
from server.store.database import session


class Days(Collection[Day]):
    """Held time by provider and local date; a day without a document holds nothing."""

    NAME = "days"
    ENTITY = Day

    async def of(self, provider_id: int, date: str) -> Day:
        """Give a provider's day, empty at revision 0 when nothing was ever held on it."""
        return await self.get(day_id(provider_id, date)) or empty_day(provider_id, date)

    async def of_many(self, provider_ids: Sequence[int], date: str) -> dict[int, Day]:
        """Give the days, by provider, that have a document."""
        if not provider_ids:
            return {}
        days = await self.find({"_id": {"$in": [day_id(provider, date) for provider in provider_ids]}})
        return {day.provider_id: day for day in days}

    async def arrange(self, day: Day, holds: Sequence[Hold]) -> None:
        """Replace the held time if nobody changed the day since it was read; raises Stale otherwise."""
        kept = sorted(holds, key=lambda hold: hold.starts_at)
        values: list[dict[str, Any]] = [
            {name: getattr(hold, name) for name in Hold.__dataclass_fields__} for hold in kept
        ]
        try:
            done = await self._motor.update_one(
                {"_id": day.id, "revision": day.revision},
                {
                    "$set": {"provider_id": day.provider_id, "date": day.date, "holds": values},
                    "$inc": {"revision": 1},
                },
                upsert=day.revision == 0,
                session=session(),
            )
        except DuplicateKeyError as taken:
            raise Stale() from taken
        if not done.matched_count and done.upserted_id is None:
            raise Stale()


def empty_day(provider_id: int, date: str) -> Day:
    """Give a day on which nothing was ever held."""
    return Day(day_id(provider_id, date), provider_id, date, revision=0)
