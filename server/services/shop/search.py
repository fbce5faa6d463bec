"""Which providers serve a pincode, the best first."""

from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from engine.travel import between, whole_minutes
from server import clock
from server.domain.entities import Shift, User
from server.domain.marketplace import Marketplace
from server.places.table import Place, Places
from server.services.prices.demand import Demand
from server.services.shop.catalogue import Catalogue
from server.services.time.diary import Agenda, Diary, Visit, day_hour
from server.services.time.traffic import Traffic
from server.store.days import Days, empty_day
from server.store.shifts import Shifts
from server.store.users import Users

NEUTRAL_RATING = 3.5
"""What a provider without ratings is ranked as; shown is what they have: 0."""

RATING_WEIGHT, TRAVEL_WEIGHT, SLOT_WEIGHT = 2.0, 0.1, 0.5
"""A whole star outweighs 20 minutes of travel; the day's best slot (0..10) breaks ties of both."""


@dataclass(frozen=True, slots=True)
class Match:
    """A provider who serves the pincode, with the next shift and the way there."""

    provider: User
    shift: Shift
    travel_minutes: int
    distance_km: float
    rank: float


@dataclass(frozen=True, slots=True)
class Matches:
    """The ranked providers of a pincode, and how asked for it is now (0..10)."""

    pincode: str
    providers: list[Match]
    demand_index: float


class Search:
    """Ranks providers by rating, travel and the best free slot of their next working day."""

    def __init__(
        self,
        meaning: Marketplace,
        users: Users,
        shifts: Shifts,
        days: Days,
        catalogue: Catalogue,
        demand: Demand,
        diary: Diary,
        places: Places,
        traffic: Traffic,
    ) -> None:
        self._meaning, self._users, self._shifts, self._days = meaning, users, shifts, days
        self._catalogue, self._demand, self._diary, self._places = catalogue, demand, diary, places
        self._traffic = traffic

    async def providers(self, pincode: str, service_id: int | None = None) -> Matches:
        """Give the available providers who serve a pincode, best first; raises NotFound."""
        place = self._places.get(pincode)
        await self._traffic.refresh()
        today = clock.local_date(clock.now(), self._meaning.timezone)
        duration = 60
        if service_id is not None:
            duration = (await self._catalogue.get(service_id)).duration_minutes
        shifts = self._next_shifts(await self._shifts.serving_any_day(pincode), today)
        people = await self._users.providers(list(shifts), service_id)
        agendas = await self._agendas([shifts[user.id] for user in people])
        visit = Visit(place.lat, place.lng, duration)
        best = self._diary.best_scores([agendas[user.id] for user in people], visit)
        found = [
            self._match(user, agendas[user.id], place, score)
            for user, score in zip(people, best, strict=True)
        ]
        found.sort(key=lambda match: (-match.rank, match.provider.id))
        hour = clock.hour_start(clock.now(), self._meaning.timezone)
        supply = await self._demand.around(pincode, service_id, hour)
        return Matches(pincode, found, supply.index)

    def _next_shifts(self, shifts: list[Shift], today: Date) -> dict[int, tuple[Shift, Date]]:
        """Give each provider's next shift from today on, with its date."""
        chosen: dict[int, tuple[Shift, Date]] = {}
        for shift in shifts:
            date = today + timedelta(days=(shift.weekday - today.isoweekday()) % 7)
            if shift.provider_id not in chosen or date < chosen[shift.provider_id][1]:
                chosen[shift.provider_id] = (shift, date)
        return chosen

    async def _agendas(self, shifts: list[tuple[Shift, Date]]) -> dict[int, Agenda]:
        """Give each provider's agenda with one read a date."""
        agendas: dict[int, Agenda] = {}
        for date in {date for _, date in shifts}:
            working = [shift for shift, day in shifts if day == date]
            days = await self._days.of_many([shift.provider_id for shift in working], date.isoformat())
            for shift in working:
                day = days.get(shift.provider_id) or empty_day(shift.provider_id, date.isoformat())
                agendas[shift.provider_id] = Agenda(shift, day, date)
        return agendas

    def _match(self, user: User, agenda: Agenda, place: Place, best: float) -> Match:
        base = self._places.get(agenda.shift.base_pincode)
        hour = day_hour(agenda.shift, agenda.date)
        leg = between(
            (base.lat, base.lng), (place.lat, place.lng), self._traffic.model(agenda.shift.base_pincode), hour
        )
        rating = user.rating if user.rating_count else NEUTRAL_RATING
        rank = RATING_WEIGHT * rating - TRAVEL_WEIGHT * leg.minutes + SLOT_WEIGHT * best
        distance_km = round(leg.distance_km, 1)
        return Match(user, agenda.shift, whole_minutes(leg.minutes), distance_km, round(rank, 3))
