"""Bookings, and the questions asked of them: whose, where, when."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from server import clock
from server.domain.asking import Asked
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

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Say whether a document has every value that is asked for."""
        return all(
            wanted is None or row[name] == wanted
            for name, wanted in (("state", self.state), ("pincode", self.pincode), ("date", self.date))
        )

    def query(self) -> dict[str, Any]:
        given = {"state": self.state, "pincode": self.pincode, "date": self.date}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Offers:
    """What an open booking must have to be open to somebody."""

    states: Sequence[str]
    pincodes: Sequence[str]
    service_ids: Sequence[int]


LISTED = ("state", "pincode", "date", "created_at", "service_id")
"""Fields that lists are narrowed and ordered by."""


class BookingStore(Collection[Booking]):
    """Every booking of the marketplace."""

    NAME = "bookings"
    ENTITY = Booking
    INDEXES = (
        Index("customer", (("customer_id", 1), ("created_at", -1))),
        Index("customer_state", (("customer_id", 1), ("state", 1), ("starts_at", 1))),
        Index("provider_date", (("provider_id", 1), ("date", 1))),
        Index("hour_place", (("hour", 1), ("pincode", 1))),
        Index("place_date", (("pincode", 1), ("date", 1))),
        Index("open", (("provider_id", 1), ("state", 1), ("pincode", 1))),
        Index("state", (("state", 1), ("created_at", -1))),
        Index("date", (("date", 1),)),
    )

    async def of_customer(self, user_id: int, narrowed: BookingFilter, paging: Paging) -> Listed[Booking]:
        return await self._newest(await self._rows({"customer_id": user_id}, *LISTED), narrowed, paging)

    async def of_provider(
        self, user_id: int, offers: Offers, narrowed: BookingFilter, paging: Paging
    ) -> Listed[Booking]:
        """Give the provider's own bookings and those open to them."""
        rows = await self._rows({"provider_id": user_id}, *LISTED)
        for state in offers.states:
            nearby = {"provider_id": None, "state": state, "pincode": {"$in": list(offers.pincodes)}}
            found = await self._rows(nearby, *LISTED)
            rows += [row for row in found if row["service_id"] in offers.service_ids]
        return await self._newest(rows, narrowed, paging)

    async def open_at(self, pincodes: Sequence[str], states: Sequence[str]) -> list[Booking]:
        """Give the bookings at these pincodes that are in one of these states and nobody's yet."""
        found: list[Booking] = []
        for state in states:
            nearby = {"provider_id": None, "state": state, "pincode": {"$in": list(pincodes)}}
            found += await self.find(nearby)
        return found

    async def of_all(self, narrowed: BookingFilter, paging: Paging) -> Listed[Booking]:
        return await self.page(narrowed.query(), paging, (("created_at", -1), ("_id", 1)))

    async def of_day(self, provider_id: int, date: str, states: Sequence[str]) -> list[Booking]:
        """Give a provider's bookings of one local day in these states, in order of time."""
        found = await self.find({"provider_id": provider_id, "date": date})
        return sorted((one for one in found if one.state in states), key=lambda one: one.starts_at)

    async def at_places(self, pincodes: Sequence[str], date: str) -> list[Booking]:
        """Give the bookings of one local day at any of these pincodes."""
        found: list[Booking] = []
        for pincode in pincodes:
            found += await self.find({"pincode": pincode, "date": date})
        return found

    async def of_date(self, date: str, states: Sequence[str]) -> list[Booking]:
        """Give everybody's bookings of one local day in these states."""
        return [one for one in await self.find({"date": date}) if one.state in states]

    async def dates(self) -> list[str]:
        """Give every local day that has bookings; reads the whole collection."""
        return sorted(await self._motor.distinct("date"))

    async def of_provider_dates(self, provider_id: int, first: str, last: str) -> list[Booking]:
        """Give a provider's bookings between two local days."""
        return await self.find({"provider_id": provider_id, "date": {"$gte": first, "$lte": last}})

    async def starting(self, since: datetime, until: datetime, zone: ZoneInfo) -> list[Booking]:
        """Give the bookings that begin between two moments, by the local hours of `zone`."""
        found = await self.find({"hour": {"$gte": clock.hour_start(since, zone), "$lte": until}})
        return [one for one in found if since <= one.starts_at <= until]

    async def asked_by(
        self, customer_id: int, open_states: Sequence[str], since: datetime
    ) -> dict[str, Asked]:
        """Give a customer's bookings that have a provider by id: made since a moment, or open and to come."""
        fields = ("provider_id", "state", "starts_at", "ends_at", "created_at")
        rows = await self._rows({"customer_id": customer_id, "created_at": {"$gt": since}}, *fields)
        for state in open_states:
            to_come = {"customer_id": customer_id, "state": state, "starts_at": {"$gt": clock.now()}}
            rows += await self._rows(to_come, *fields)
        return {
            row["_id"]: Asked(
                row["provider_id"],
                row["state"] in open_states,
                row["starts_at"],
                row["ends_at"],
                row["created_at"],
            )
            for row in rows
            if row["provider_id"] is not None
        }

    async def has_between(self, customer_id: int, provider_id: int, states: Sequence[str]) -> bool:
        """Say whether a provider has a booking of a customer in one of these states."""
        rows = await self._rows({"customer_id": customer_id}, "provider_id", "state")
        return any(row["provider_id"] == provider_id and row["state"] in states for row in rows)

    async def count_around(self, pincodes: Sequence[str], hour: datetime, states: Sequence[str]) -> int:
        """Count the bookings in these states that begin within one hour at any of these pincodes."""
        rows = await self._rows({"hour": hour, "pincode": {"$in": list(pincodes)}}, "state")
        return sum(row["state"] in states for row in rows)

    async def count_by_place(
        self, pincodes: Sequence[str], hour: datetime, states: Sequence[str]
    ) -> dict[str, int]:
        """Count the bookings in these states that begin within one hour, by pincode."""
        rows = await self._rows({"hour": hour, "pincode": {"$in": list(pincodes)}}, "state", "pincode")
        return dict(Counter(row["pincode"] for row in rows if row["state"] in states))

    async def hours_around(self, pincodes: Sequence[str], first: str, last: str) -> list[datetime]:
        """Give the hour of every booking, called off or not, at these pincodes between two dates."""
        dates = {"$gte": first, "$lte": last}
        hours: list[datetime] = []
        for pincode in pincodes:  # one after the other: a transaction's statements never overlap
            hours += [row["hour"] for row in await self._rows({"pincode": pincode, "date": dates}, "hour")]
        return hours

    async def _rows(self, where: Mapping[str, Any], *fields: str) -> list[dict[str, Any]]:
        """Give some fields of every match; `where` names an index's keys and nothing else."""
        cursor = self._motor.find(where, projection=dict.fromkeys(fields, 1), session=session())
        found: list[dict[str, Any]] = await cursor.to_list(length=None)
        return found

    async def _newest(
        self, rows: Sequence[Mapping[str, Any]], narrowed: BookingFilter, paging: Paging
    ) -> Listed[Booking]:
        """Give one page of rows, newest first.

        Rows come from queries that read one index each; narrowing, order and paging happen here on a few
        fields, because a disjunction has the embedded database read the whole collection.
        """
        fitting = [row for row in rows if narrowed.fits(row)]
        newest = sorted(fitting, key=lambda row: (row["created_at"], row["_id"]), reverse=True)
        wanted = [row["_id"] for row in newest[paging.skip : paging.skip + paging.size]]
        found = {one.id: one for one in await self.find({"_id": {"$in": wanted}})} if wanted else {}
        return Listed([found[id] for id in wanted if id in found], len(fitting), paging)
