"""Bookings, and the questions asked of them: whose, where, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.entities import Booking
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """What a list is narrowed by; None means any."""

    state: str | None = None
    pincode: str | None = None
    date: str | None = None

    def query(self) -> dict[str, Any]:
        given = {"state": self.state, "pincode": self.pincode, "date": self.date}
        return {name: value for name, value in given.items() if value is not None}


class BookingStore(Collection[Booking]):
    """Every booking of the marketplace."""

    NAME = "bookings"
    ENTITY = Booking
    INDEXES = (
        Index("customer", (("customer_id", 1), ("created_at", -1))),
        Index("provider_date", (("provider_id", 1), ("date", 1))),
        Index("place_hour", (("pincode", 1), ("hour", 1))),
        Index("place_date", (("pincode", 1), ("date", 1))),
        Index("open", (("state", 1), ("provider_id", 1), ("pincode", 1))),
    )

    async def of_customer(self, user_id: int, narrowed: BookingFilter, paging: Paging) -> Listed[Booking]:
        return await self._page({"customer_id": user_id, **narrowed.query()}, paging)

    async def of_provider(
        self, user_id: int, open_offers: Mapping[str, Any] | None, narrowed: BookingFilter, paging: Paging
    ) -> Listed[Booking]:
        """Give the provider's own bookings and, when given, those open to them."""
        own: dict[str, Any] = {"provider_id": user_id}
        where = {"$or": [own, dict(open_offers)]} if open_offers else own
        if narrowed.query():
            where = {"$and": [where, narrowed.query()]}
        return await self._page(where, paging)

    async def of_all(self, narrowed: BookingFilter, paging: Paging) -> Listed[Booking]:
        return await self._page(narrowed.query(), paging)

    async def of_day(self, provider_id: int, date: str, states: Sequence[str]) -> list[Booking]:
        """Give a provider's bookings of one local day in these states, in order of time."""
        where = {"provider_id": provider_id, "date": date, "state": {"$in": list(states)}}
        return await self.find(where, sort=(("starts_at", 1),))

    async def count_around(self, pincodes: Sequence[str], hour: datetime, states: Sequence[str]) -> int:
        """Count the bookings in these states that begin within one hour at any of these pincodes."""
        return await self.count(
            {"pincode": {"$in": list(pincodes)}, "hour": hour, "state": {"$in": list(states)}}
        )

    async def hours_around(self, pincodes: Sequence[str], dates: Sequence[str]) -> list[datetime]:
        """Give the hour of every booking, called off or not, at these pincodes on these local dates."""
        cursor = self._motor.find(
            {"pincode": {"$in": list(pincodes)}, "date": {"$in": list(dates)}},
            projection={"_id": 0, "hour": 1},
            session=session(),
        )
        return [row["hour"] for row in await cursor.to_list(length=None)]

    async def _page(self, where: Mapping[str, Any], paging: Paging) -> Listed[Booking]:
        total = await self.count(where)
        found = await self.find(
            where, sort=(("created_at", -1), ("_id", 1)), skip=paging.skip, limit=paging.size
        )
        return Listed(found, total, paging)
