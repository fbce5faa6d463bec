"""A provider's day as a route: the least travel through its visits, within their windows.

Confirmed visits that have not begun may move within their arrival window. What else holds the day's time (an
unanswered offer, work under way, a start that has passed) is part of the route where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from engine import routing
from server import clock
from server.domain.entities import Booking, Hold
from server.domain.lifecycle import LIVE, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Conflict
from server.places.table import Places
from server.pools import Pools
from server.services.bookings.consequences import Consequences
from server.services.bookings.eligibility import Eligibility
from server.services.time.diary import Agenda, Diary, day_hour
from server.services.time.travel_times import TravelTimes
from server.store.bookings import BookingStore
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class RouteStop:
    """One visit of a route; travel is the leg that leads to it, waiting comes before its start."""

    booking: Booking
    travel_minutes: int
    arrives_at: datetime
    starts_at: datetime
    departs_at: datetime
    waiting_minutes: int


@dataclass(frozen=True, slots=True)
class Route:
    """A day in one order. Travel includes the legs from and to the provider's base."""

    stops: list[RouteStop]
    travel_minutes: int
    waiting_minutes: int
    is_feasible: bool
    is_proven_optimal: bool


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The booked order beside the best one."""

    date: Date
    booked: Route
    best: Route
    service_minutes: int

    @property
    def saved_minutes(self) -> int:
        """Travel the best route spares, never below 0."""
        return max(0, self.booked.travel_minutes - self.best.travel_minutes)

    @property
    def efficiency(self) -> float:
        """Share of the booked day's working and travel time that is service, 0..10; 10 for an empty day."""
        spent = self.service_minutes + self.booked.travel_minutes + self.booked.waiting_minutes
        return round(10 * self.service_minutes / spent, 1) if spent else 10.0


class DayRoutes:
    """Plans a day, and moves its bookings to the plan in one step."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        eligibility: Eligibility,
        diary: Diary,
        places: Places,
        times: TravelTimes,
        pools: Pools,
        consequences: Consequences,
    ) -> None:
        self._meaning, self._database, self._bookings, self._diary = meaning, database, bookings, diary
        self._eligibility, self._places, self._pools = eligibility, places, pools
        self._times = times
        self._consequences = consequences

    async def plan(self, provider_id: int, date: Date) -> DayPlan:
        """Give the booked and the best route of a provider's day; raises NotFound."""
        await self._eligibility.provider(provider_id)
        visits, agenda = await self._visits(provider_id, date)
        return await self._plan(visits, agenda, date)

    async def apply(self, caller: Caller, date: Date) -> DayPlan:
        """Move the caller's confirmed bookings to the best route's times, all or none, and tell customers.

        raises : Conflict when no route keeps every window
        """

        async def write() -> DayPlan:
            visits, agenda = await self._visits(caller.user_id, date)
            plan = await self._plan(visits, agenda, date)
            if agenda is None or not plan.best.stops:
                return plan
            if not plan.best.is_feasible:
                raise Conflict("No route keeps every arrival window; nothing was moved.")
            await self._rearrange(caller, agenda, plan.best)
            return plan

        # Has driving times remembered: nobody outside is asked while the transaction is open.
        await self.plan(caller.user_id, date)
        return await self._database.together(write, [self._diary.turn(caller.user_id, date.isoformat())])

    async def _visits(self, provider_id: int, date: Date) -> tuple[list[Booking], Agenda | None]:
        states = self._meaning.lifecycle.states_in(*LIVE)
        visits = await self._bookings.of_day(provider_id, date.isoformat(), states)
        return visits, await self._diary.agenda(provider_id, date)

    def _movable(self, visit: Booking) -> bool:
        agreed = self._meaning.lifecycle.phases[visit.state] is Phase.AGREED
        return agreed and visit.starts_at > clock.now()

    async def _plan(self, visits: list[Booking], agenda: Agenda | None, date: Date) -> DayPlan:
        service_minutes = sum(visit.duration_minutes for visit in visits)
        if agenda is None or not visits:
            nothing = Route([], 0, 0, is_feasible=True, is_proven_optimal=True)
            return DayPlan(date, nothing, nothing, service_minutes)
        problem = self._problem(visits, agenda, date, await self._legs(visits, agenda, date))
        order = tuple(range(len(visits)))
        found = await self._pools.thread(routing.solve, problem, start_order=order)
        return DayPlan(
            date,
            self._route(visits, problem, order, date),
            self._route(visits, problem, found.order, date, is_proven_optimal=found.proven_optimal),
            service_minutes,
        )

    async def _legs(self, visits: Sequence[Booking], agenda: Agenda, date: Date) -> NDArray[np.int64]:
        base = self._places.get(agenda.shift.base_pincode)
        points = [(base.lat, base.lng), *((visit.lat, visit.lng) for visit in visits)]
        return await self._times.matrix(points, base.pincode, day_hour(agenda.shift, date))

    def _problem(
        self, visits: Sequence[Booking], agenda: Agenda, date: Date, legs: NDArray[np.int64]
    ) -> routing.Problem:
        """Give the day as the engine reads it: row 0 of the matrix is the base."""

        def minute(moment: datetime) -> int:
            return clock.minute_of_day(moment, date, self._meaning.timezone)

        def stop(visit: Booking) -> routing.Stop:
            opens = closes = minute(visit.starts_at)
            if self._movable(visit):
                opens, closes = max(minute(visit.window_start), minute(clock.now())), minute(visit.window_end)
            return routing.Stop(
                visit.duration_minutes, opens, closes, visit.before_minutes, visit.after_minutes
            )

        # What was booked stands, also where the working hours have been shortened since.
        first, last = visits[0], visits[-1]
        day_start = min(agenda.shift.start_minute, minute(first.starts_at))
        home = minute(last.ends_at) + last.after_minutes + int(legs[len(visits), 0])
        day_end = max(agenda.shift.end_minute, home)
        return routing.Problem(legs, tuple(stop(visit) for visit in visits), day_start, day_end)

    def _route(
        self,
        visits: Sequence[Booking],
        problem: routing.Problem,
        order: Sequence[int],
        date: Date,
        *,
        is_proven_optimal: bool = False,
    ) -> Route:
        """Give an order as a route that keeps booked times where it can."""
        zone = self._meaning.timezone
        booked = [clock.minute_of_day(visit.starts_at, date, zone) for visit in visits]
        plan = routing.evaluate(problem, order, booked)
        places = [0, *(stop + 1 for stop in order)]
        stops = [
            RouteStop(
                visits[stop],
                int(problem.travel[places[position], stop + 1]),
                clock.at_minute(date, plan.arrivals[position], zone),
                clock.at_minute(date, plan.starts[position], zone),
                clock.at_minute(date, plan.departures[position], zone),
                plan.waits[position],
            )
            for position, stop in enumerate(plan.order)
        ]
        return Route(stops, plan.travel_minutes, sum(plan.waits), plan.feasible, is_proven_optimal)

    async def _rearrange(self, caller: Caller, agenda: Agenda, best: Route) -> None:
        """Write the new times into the day and its bookings; raises Stale when either changed meanwhile."""
        planned = {stop.booking.id for stop in best.stops}
        finished = [hold for hold in agenda.day.holds if hold.booking_id not in planned]
        await self._diary.rearrange(agenda.day, [*finished, *(self._hold(stop) for stop in best.stops)])
        following = [*best.stops[1:], None]
        for stop, onward in zip(best.stops, following, strict=True):
            if stop.starts_at == stop.booking.starts_at:
                continue
            after = replace(
                stop.booking,
                starts_at=stop.starts_at,
                ends_at=stop.starts_at + timedelta(minutes=stop.booking.duration_minutes),
                hour=clock.hour_start(stop.starts_at, self._meaning.timezone),
                travel_to_minutes=stop.travel_minutes,
                travel_from_minutes=onward.travel_minutes if onward else stop.booking.travel_from_minutes,
                updated_at=clock.now(),
                revision=stop.booking.revision + 1,
            )
            await self._bookings.rewrite(after, stop.booking.revision)
            await self._consequences.follow(caller, stop.booking, after)

    def _hold(self, stop: RouteStop) -> Hold:
        visit = stop.booking
        return Hold(
            visit.id,
            stop.starts_at,
            stop.starts_at + timedelta(minutes=visit.duration_minutes),
            visit.before_minutes,
            visit.after_minutes,
            visit.lat,
            visit.lng,
        )
