"""Providers' working hours by weekday."""

from collections.abc import Sequence

from server import clock
from server.domain.entities import Shift
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Invalid
from server.places.table import Places
from server.services.audit import Audit
from server.services.bookings.eligibility import Eligibility
from server.services.prices.demand import Demand
from server.store.database import Database
from server.store.ids import Ids
from server.store.shifts import Shifts


class Availability:
    """One row a provider and weekday; a new one replaces the old."""

    def __init__(
        self,
        database: Database,
        shifts: Shifts,
        ids: Ids,
        places: Places,
        eligibility: Eligibility,
        demand: Demand,
        audit: Audit,
    ) -> None:
        self._database, self._shifts, self._ids, self._places = database, shifts, ids, places
        self._eligibility, self._demand, self._audit = eligibility, demand, audit

    async def list(self, caller: Caller, provider_id: int | None, paging: Paging) -> Listed[Shift]:
        """Give one page of the rows the caller may see: a provider's own, any for staff.

        provider_id : narrows to one provider's rows; None means all of them
        """
        if caller.is_staff:
            return await self._shifts.listed(provider_id, paging)
        if provider_id not in (None, caller.user_id):
            return Listed((), 0, paging)
        return await self._shifts.listed(caller.user_id, paging)

    async def put(
        self,
        caller: Caller,
        *,
        weekday: int,
        start_minute: int,
        end_minute: int,
        base_pincode: str,
        area_pincodes: Sequence[str],
        buffer_minutes: int,
        is_active: bool,
    ) -> Shift:
        """Set the caller's hours on a weekday (1 is Monday) and give the row as it is kept.

        The base is always part of the area. The next quote and search see the new hours.

        raises : Invalid when the end is not after the start, UnknownPincode
        """
        if end_minute <= start_minute:
            raise Invalid({"end_minute": ["The end must be after the start."]})
        area = tuple(dict.fromkeys((base_pincode, *area_pincodes)))
        for pincode in area:
            self._places.get(pincode)
        provider = await self._eligibility.provider(caller.user_id)
        now = clock.now()
        shift = Shift(
            id=await self._ids.next("shifts"),
            provider_id=provider.id,
            provider_name=provider.public_name,
            weekday=weekday,
            start_minute=start_minute,
            end_minute=end_minute,
            base_pincode=base_pincode,
            area_pincodes=area,
            buffer_minutes=buffer_minutes,
            created_at=now,
            updated_at=now,
            is_active=is_active,
        )

        async def write() -> Shift:
            before = await self._shifts.of(provider.id, weekday)
            kept = await self._shifts.put(shift)
            await self._audit.record(caller, before, kept)
            self._database.after_commit(self._demand.changed)
            return kept

        return await self._database.together(write)
