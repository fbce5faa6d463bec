"""Carrying out a dispatch: every booking and every day in one transaction, or nothing."""

from dataclasses import replace
from datetime import timedelta

from server import clock
from server.domain.dispatch import Dispatch, DispatchState, PlannedRoute, PlannedVisit
from server.domain.entities import Booking, Hold
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Conflict, Outdated
from server.services.audit import Audit
from server.services.bookings.consequences import Consequences
from server.services.dispatch.dispatching import Dispatching
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.days import Days
from server.store.dispatches import Dispatches


class DispatchApplying:
    """A plan holds for the bookings and days it was made from: one that has changed since refuses it all."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        dispatching: Dispatching,
        dispatches: Dispatches,
        bookings: BookingStore,
        days: Days,
        consequences: Consequences,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._dispatching = meaning, database, dispatching
        self._dispatches, self._bookings, self._days = dispatches, bookings, days
        self._consequences, self._audit = consequences, audit

    async def apply(self, caller: Caller, dispatch_id: str) -> Dispatch:
        """Give every booking its provider and time, once; asked again, give what was done.

        raises : NotFound, Conflict when it is not proposed, Outdated naming what has changed since
        """

        async def write() -> Dispatch:
            found = await self._dispatching.get(dispatch_id)
            if found.state is DispatchState.APPLIED:
                return found
            if found.state is not DispatchState.PROPOSED:
                raise Conflict(f"The dispatch is {found.state}; only a proposed one can be applied.")
            before = await self._unchanged(found)
            for route in found.routes:
                await self._arrange(found, route, before)
            for route in found.routes:
                for position, visit in enumerate(route.visits):
                    if visit.changes(route.provider_id):
                        await self._assign(caller, route, position, before[visit.booking_id])
            after = replace(
                found,
                state=DispatchState.APPLIED,
                applied_at=clock.now(),
                updated_at=clock.now(),
                revision=found.revision + 1,
            )
            await self._dispatches.rewrite(after, found.revision)
            await self._dispatching.announce(after)
            await self._audit.record(caller, found, after, "apply")
            return after

        return await self._database.together(write)

    async def _unchanged(self, dispatch: Dispatch) -> dict[str, Booking]:
        """Give the planned bookings by id; raises Outdated naming everything that has changed."""
        found: dict[str, Booking] = {}
        bookings: list[str] = []
        providers: list[int] = []
        for route in dispatch.routes:
            day = await self._days.of(route.provider_id, dispatch.date)
            if day.revision != route.day_revision:
                providers.append(route.provider_id)
            for visit in route.visits:
                booking = await self._bookings.get(visit.booking_id)
                is_past = visit.changes(route.provider_id) and visit.starts_at <= clock.now()
                if booking is None or booking.revision != visit.revision or is_past:
                    bookings.append(visit.booking_id)
                else:
                    found[booking.id] = booking
        if bookings or providers:
            raise Outdated(bookings=bookings, providers=providers)
        return found

    async def _arrange(self, dispatch: Dispatch, route: PlannedRoute, before: dict[str, Booking]) -> None:
        """Rewrite a provider's day, keeping what it holds beside the plan."""
        day = await self._days.of(route.provider_id, dispatch.date)
        others = [hold for hold in day.holds if hold.booking_id not in before]
        holds = [_hold(visit, before[visit.booking_id]) for visit in route.visits]
        if sorted([*others, *holds], key=lambda hold: hold.starts_at) != list(day.holds):
            await self._days.arrange(day, [*others, *holds])

    async def _assign(self, caller: Caller, route: PlannedRoute, position: int, before: Booking) -> None:
        visit = route.visits[position]
        onward = route.visits[position + 1].travel_minutes if position + 1 < len(route.visits) else 0
        buffer = _buffer_minutes(visit, before)
        after = replace(
            before,
            provider_id=route.provider_id,
            provider_name=route.provider_name,
            starts_at=visit.starts_at,
            ends_at=visit.starts_at + timedelta(minutes=before.duration_minutes),
            hour=clock.hour_start(visit.starts_at, self._meaning.timezone),
            before_minutes=buffer,
            after_minutes=buffer,
            travel_to_minutes=visit.travel_minutes,
            travel_from_minutes=onward,
            updated_at=clock.now(),
            revision=before.revision + 1,
        )
        await self._bookings.rewrite(after, before.revision)
        await self._consequences.follow(caller, before, after)


def _buffer_minutes(visit: PlannedVisit, booking: Booking) -> int:
    """Give what the plan keeps free before and after a visit."""
    return (visit.leaves_at - visit.starts_at) // timedelta(minutes=1) - booking.duration_minutes


def _hold(visit: PlannedVisit, booking: Booking) -> Hold:
    buffer = _buffer_minutes(visit, booking)
    ends_at = visit.starts_at + timedelta(minutes=booking.duration_minutes)
    return Hold(booking.id, visit.starts_at, ends_at, buffer, buffer, booking.lat, booking.lng)
