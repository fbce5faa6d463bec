"""What a dispatch plans: a day's bookings and providers, read once, as the engine takes them and back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date

import numpy as np
from numpy.typing import NDArray

from engine import routing
from engine.fleet.problem import FleetPlan, FleetProblem, Job, Vendor
from server import clock
from server.domain.dispatch import Dispatch, LeftOut, PlannedRoute, PlannedVisit
from server.domain.entities import Booking, User
from server.domain.lifecycle import LIVE, Phase
from server.domain.marketplace import Marketplace
from server.errors import Invalid
from server.places.table import Places
from server.services.time.diary import Agenda, Diary
from server.services.time.travel_times import TravelTimes
from server.store.bookings import BookingStore
from server.store.shifts import Shifts
from server.store.users import Users

MOST_BOOKINGS = 1_000
MOST_PROVIDERS = 200
NEVER_DROPPED = 100_000
"""Minutes: what a customer was promised is not left out for travel saved."""


@dataclass(frozen=True)
class World:
    """Bookings and providers in the order in which the engine's problem names them."""

    date: Date
    bookings: tuple[Booking, ...]
    providers: tuple[User, ...]
    agendas: tuple[Agenda, ...]
    problem: FleetProblem
    current: tuple[tuple[int, ...], ...]
    """Today's orders: bookings by provider."""


class DispatchWorld:
    """Reads a day and words plans of it."""

    def __init__(
        self,
        meaning: Marketplace,
        bookings: BookingStore,
        shifts: Shifts,
        users: Users,
        diary: Diary,
        places: Places,
        times: TravelTimes,
    ) -> None:
        self._meaning, self._bookings, self._shifts = meaning, bookings, shifts
        self._users, self._diary, self._places = users, diary, places
        self._times = times

    async def read(self, dispatch: Dispatch) -> World:
        """Give the live bookings at the pincodes and everybody who works there, with all they have that day.

        raises : Invalid when there are more than the limits
        """
        date = Date.fromisoformat(dispatch.date)
        shifts = await self._shifts.serving_any_of(dispatch.pincodes)
        ids = sorted({one.provider_id for one in shifts if one.weekday == date.isoweekday()})
        people = await self._users.providers(ids, None)
        agendas = {user.id: await self._diary.agenda(user.id, date) for user in people}
        providers = [user for user in people if agendas[user.id] is not None]
        states = set(self._meaning.lifecycle.states_in(*LIVE))
        found = {
            one.id: one
            for one in await self._bookings.at_places(dispatch.pincodes, dispatch.date)
            if one.state in states and one.provider_id in {None, *ids}
        }
        for user in providers:
            found |= {one.id: one for one in await self._bookings.of_day(user.id, dispatch.date, [*states])}
        bookings = sorted(found.values(), key=lambda one: (one.starts_at, one.id))
        _check_limits(bookings, providers)
        chosen = [agenda for user in providers if (agenda := agendas[user.id]) is not None]
        return await self._world(dispatch, date, bookings, providers, chosen)

    async def _world(
        self,
        dispatch: Dispatch,
        date: Date,
        bookings: Sequence[Booking],
        providers: Sequence[User],
        agendas: Sequence[Agenda],
    ) -> World:
        fleet = {user.id: index for index, user in enumerate(providers)}
        kept = [one for one in bookings if one.provider_id in {None, *fleet}]
        buffer = max((agenda.shift.buffer_minutes for agenda in agendas), default=0)
        jobs = [
            self._job(dispatch, one, index, fleet.get(one.provider_id or 0), buffer, date)
            for index, one in enumerate(kept)
        ]
        crew = [
            self._vendor(user, agenda, len(kept) + index, [one for one in kept if one.provider_id == user.id])
            for index, (user, agenda) in enumerate(zip(providers, agendas, strict=True))
        ]
        problem = FleetProblem(await self._legs(kept, agendas, date), tuple(jobs), tuple(crew))
        current = tuple(
            tuple(index for index, one in enumerate(kept) if one.provider_id == user.id) for user in providers
        )
        return World(date, tuple(kept), tuple(providers), tuple(agendas), problem, current)

    def _job(
        self, dispatch: Dispatch, booking: Booking, place: int, owner: int | None, buffer: int, date: Date
    ) -> Job:
        """What is agreed stays where and when it is, unless the policy lets it move within its window."""
        policy, zone = dispatch.policy, self._meaning.timezone
        phase = self._meaning.lifecycle.phases[booking.state]
        is_open = owner is None
        is_begun = phase is Phase.UNDERWAY or booking.starts_at <= clock.now()
        may_move = is_open or (policy.may_reassign and phase is Phase.AGREED and not is_begun)
        at = clock.minute_of_day(booking.starts_at, date, zone)
        now = clock.minute_of_day(clock.now(), date, zone) + 1
        return Job(
            place,
            booking.duration_minutes,
            max(now, clock.minute_of_day(booking.window_start, date, zone)) if may_move else at,
            clock.minute_of_day(booking.window_end, date, zone) if may_move else at,
            buffer if is_open else booking.before_minutes,
            buffer if is_open else booking.after_minutes,
            frozenset([str(booking.service_id)]),
            booking.pincode,
            policy.drop_penalty_minutes if is_open else NEVER_DROPPED,
            None if may_move else owner,
            owner,
            policy.move_penalty_minutes,
        )

    def _vendor(self, user: User, agenda: Agenda, place: int, own: Sequence[Booking]) -> Vendor:
        """What a provider has already counts as offered by them, and as within the hours that it takes."""
        zone = self._meaning.timezone
        starts = [clock.minute_of_day(one.starts_at, agenda.date, zone) for one in own]
        ends = [
            clock.minute_of_day(one.ends_at, agenda.date, zone) + one.after_minutes + one.travel_from_minutes
            for one in own
        ]
        return Vendor(
            place,
            min([agenda.shift.start_minute, *starts]),
            max([agenda.shift.end_minute, *ends]),
            frozenset(str(skill) for skill in (*user.skills, *(one.service_id for one in own))),
            frozenset([*agenda.shift.area_pincodes, *(one.pincode for one in own)]),
        )

    async def _legs(
        self, bookings: Sequence[Booking], agendas: Sequence[Agenda], date: Date
    ) -> NDArray[np.int64]:
        bases = [self._places.get(agenda.shift.base_pincode) for agenda in agendas]
        points = [*((one.lat, one.lng) for one in bookings), *((base.lat, base.lng) for base in bases)]
        pincodes = [*(base.pincode for base in bases), *(one.pincode for one in bookings)]
        if not pincodes:
            return np.zeros((0, 0), np.int64)
        starts = [agenda.shift.start_minute for agenda in agendas] or [0]
        ends = [agenda.shift.end_minute for agenda in agendas] or [0]
        # One hour's traffic stands for the day: that in the middle of the working hours.
        hour = date.weekday() * 24 + (min(starts) + max(ends)) // 2 // 60
        return await self._times.matrix(points, pincodes[0], hour)

    def routes(self, world: World, plan: FleetPlan) -> tuple[PlannedRoute, ...]:
        """Give the days of all who have a visit; each begins as near to its wished time as the day allows."""
        return tuple(
            self._route(world, vendor, route.jobs)
            for vendor, route in enumerate(plan.routes)
            if route.jobs or world.current[vendor]
        )

    def _route(self, world: World, vendor: int, order: Sequence[int]) -> PlannedRoute:
        provider, agenda, who = world.providers[vendor], world.agendas[vendor], world.problem.vendors[vendor]
        visits = [world.bookings[job] for job in order]
        zone = self._meaning.timezone
        wished = [clock.minute_of_day(one.starts_at, world.date, zone) for one in visits]
        places = [who.place, *order]
        jobs = [world.problem.jobs[job] for job in order]
        stops = tuple(routing.Stop(one.duration, one.open, one.close, one.before, one.after) for one in jobs)
        legs = world.problem.travel[np.ix_(places, places)]
        day = routing.evaluate(
            routing.Problem(legs, stops, who.shift_start, who.shift_end), range(len(order)), wished
        )

        return PlannedRoute(
            provider.id,
            provider.name,
            agenda.day.revision,
            day.travel_minutes,
            self.travel_minutes(world, vendor, world.current[vendor]),
            clock.at_minute(world.date, day.finish, zone),
            tuple(
                PlannedVisit(
                    visit.id,
                    visit.service_name,
                    visit.revision,
                    clock.at_minute(world.date, day.arrivals[index], zone),
                    clock.at_minute(world.date, day.starts[index], zone),
                    clock.at_minute(world.date, day.departures[index], zone),
                    int(legs[index, index + 1]),
                    visit.provider_id,
                    visit.starts_at,
                )
                for index, visit in enumerate(visits)
            ),
        )

    def travel_minutes(self, world: World, vendor: int, order: Iterable[int]) -> int:
        """Give minutes of travel of an order with both ways from and to the base."""
        jobs = [world.problem.jobs[job].place for job in order]
        if not jobs:
            return 0
        base = world.problem.vendors[vendor].place
        legs = zip([base, *jobs], [*jobs, base], strict=True)
        return int(sum(world.problem.travel[a, b] for a, b in legs))

    def left_out(self, world: World, plan: FleetPlan) -> tuple[LeftOut, ...]:
        """Give the bookings without a provider, and why."""
        return tuple(
            LeftOut(
                world.bookings[left.job].id,
                world.bookings[left.job].service_name,
                left.reason,
                None if left.vendor is None else world.providers[left.vendor].id,
                left.minutes,
            )
            for left in plan.dropped
        )


def _check_limits(bookings: Sequence[Booking], providers: Sequence[User]) -> None:
    if len(bookings) > MOST_BOOKINGS:
        raise Invalid({"pincodes": [f"They have {len(bookings)} bookings; at most {MOST_BOOKINGS} at once."]})
    if len(providers) > MOST_PROVIDERS:
        raise Invalid({"pincodes": [f"{len(providers)} providers work there; at most {MOST_PROVIDERS}."]})
