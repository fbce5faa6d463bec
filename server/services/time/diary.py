"""A provider's day: what is free, and the only way to take and give back time.

The day's document lists the holds; taking time reads it, asks the engine whether the visit fits, and
rewrites it on condition that its revision is still the one that was read. Two takers of one slot
therefore never both succeed, whatever the number of processes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from zoneinfo import ZoneInfo

from engine import slots, slots_many
from engine.travel import TravelModel, between, whole_minutes
from server import clock
from server.domain.entities import Day, Hold, Shift, day_id
from server.domain.marketplace import Marketplace
from server.errors import SlotTaken
from server.places.table import Places
from server.services.time.traffic import Traffic
from server.store.days import Days
from server.store.shifts import Shifts

NOWHERE = (0.0, 0.0)
"""Where all visits of a placeless marketplace are: no way between them."""

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Visit:
    """What wants a provider's time: where, how long, and the buffers that provider keeps."""

    lat: float
    lng: float
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class Legs:
    """Whole minutes of travel to a visit from the place before it, and from it to the place after."""

    to_minutes: int
    from_minutes: int


@dataclass(frozen=True, slots=True)
class Agenda:
    """A provider's shift and held time on one local date."""

    shift: Shift
    day: Day
    date: Date

    def without(self, booking_id: str) -> "Agenda":
        """Give the same agenda as if that booking held nothing."""
        kept = tuple(hold for hold in self.day.holds if hold.booking_id != booking_id)
        return Agenda(
            self.shift,
            Day(self.day.id, self.day.provider_id, self.day.date, self.day.revision, kept),
            self.date,
        )


class Diary:
    """Providers' agendas, and changes to them."""

    def __init__(
        self, meaning: Marketplace, days: Days, shifts: Shifts, places: Places, traffic: Traffic
    ) -> None:
        self._meaning, self._days, self._shifts = meaning, days, shifts
        self._places, self._traffic = places, traffic

    @property
    def _zone(self) -> ZoneInfo:
        return self._meaning.timezone

    async def agenda(self, provider_id: int, date: Date) -> Agenda | None:
        """Give the agenda of a date, None when the provider does not work then."""
        if self._meaning.placeless:
            day = await self._days.of(provider_id, date.isoformat())
            return Agenda(_whole_day(provider_id, date), day, date)
        await self._traffic.refresh()
        shift = await self._shifts.of(provider_id, date.isoweekday())
        if shift is None or not shift.is_active:
            return None
        return Agenda(shift, await self._days.of(provider_id, date.isoformat()), date)

    def _model(self, agenda: Agenda) -> TravelModel:
        """Give how people drive where the provider begins."""
        if self._meaning.placeless:
            return self._meaning.travel
        return self._traffic.model(agenda.shift.base_pincode)

    def _base(self, agenda: Agenda) -> tuple[float, float]:
        """Give where the provider begins, as latitude and longitude."""
        if self._meaning.placeless:
            return NOWHERE
        base = self._places.get(agenda.shift.base_pincode)
        return base.lat, base.lng

    def engine_day(self, agenda: Agenda) -> slots.Day:
        """Give the agenda as the engine reads it, in minutes from local midnight."""
        lat, lng = self._base(agenda)
        midnight = clock.midnight(agenda.date, self._zone)

        def minute(moment: datetime) -> int:
            return int((moment - midnight) / timedelta(minutes=1))

        held = tuple(
            slots.Held(
                minute(hold.starts_at),
                minute(hold.ends_at),
                hold.before_minutes,
                hold.after_minutes,
                hold.lat,
                hold.lng,
            )
            for hold in agenda.day.holds
        )
        return slots.Day(agenda.shift.start_minute, agenda.shift.end_minute, lat, lng, held)

    def request(self, agenda: Agenda, visit: Visit, preferred: int | None = None) -> slots.Request:
        """Give a visit as the engine reads it; nothing before the present minute is offered."""
        now_minute = clock.minute_of_day(clock.now(), agenda.date, self._zone)
        return slots.Request(
            visit.lat,
            visit.lng,
            visit.duration_minutes,
            before=agenda.shift.buffer_minutes,
            after=agenda.shift.buffer_minutes,
            earliest=max(0, now_minute + 1),
            preferred=preferred,
            step=self._meaning.slot_step_minutes,
        )

    def free_slots(self, agenda: Agenda, visit: Visit, preferred: int | None = None) -> list[slots.Slot]:
        """Give every slot that can be booked, in order of time."""
        return slots.find(
            self.engine_day(agenda),
            self.request(agenda, visit, preferred),
            self._model(agenda),
            agenda.date.weekday(),
        )

    def best_scores(self, agendas: Sequence[Agenda], visit: Visit) -> list[float]:
        """Give each agenda's best score for a visit, 0..10, 0 where it does not fit; many at once."""
        scores = [0.0] * len(agendas)
        alike: defaultdict[tuple[Date, int, str], list[int]] = defaultdict(list)
        for index, agenda in enumerate(agendas):
            city = self._traffic.city(agenda.shift.base_pincode)
            alike[agenda.date, agenda.shift.buffer_minutes, city].append(index)
        for (date, _, _), indices in alike.items():
            days = [self.engine_day(agendas[index]) for index in indices]
            gathered = slots_many.gather(days, self._model(agendas[indices[0]]), date.weekday())
            best = slots_many.find_many(gathered, self.request(agendas[indices[0]], visit))
            for index, score in zip(indices, best.score.tolist(), strict=True):
                scores[index] = score
        return scores

    def turn(self, provider_id: int, date: str) -> str:
        """Name the queue for a provider's day."""
        return self._days.turn(day_id(provider_id, date))

    async def check(self, provider_id: int, booking_id: str, visit: Visit, starts_at: datetime) -> Agenda:
        """Give the provider's agenda, without the booking's own hold, if the visit fits into it.

        raises : SlotTaken, saying why it does not
        """
        date = clock.local_date(starts_at, self._zone)
        agenda = await self.agenda(provider_id, date)
        if agenda is None:
            raise SlotTaken("The provider does not work on that day.")
        agenda = agenda.without(booking_id)
        minute = clock.minute_of_day(starts_at, date, self._zone)
        refusal = slots.check(
            self.engine_day(agenda), self.request(agenda, visit), minute, self._model(agenda), date.weekday()
        )
        if refusal is not None:
            raise SlotTaken(REFUSALS[refusal])
        return agenda

    async def take(
        self, provider_id: int, booking_id: str, visit: Visit, starts_at: datetime
    ) -> tuple[Hold, Legs]:
        """Hold time for a booking and give the hold; a booking's own earlier hold is replaced.

        raises : SlotTaken when it does not fit, Stale when the day changed meanwhile (try again)
        """
        agenda = await self.check(provider_id, booking_id, visit, starts_at)
        hold = Hold(
            booking_id,
            starts_at,
            starts_at + timedelta(minutes=visit.duration_minutes),
            agenda.shift.buffer_minutes,
            agenda.shift.buffer_minutes,
            visit.lat,
            visit.lng,
        )
        await self._days.arrange(agenda.day, (*agenda.day.holds, hold))
        return hold, self.legs(agenda, hold)

    async def free(self, provider_id: int, booking_id: str, starts_at: datetime) -> None:
        """Give a booking's time back; without effect when it holds none."""
        date = clock.local_date(starts_at, self._zone).isoformat()
        day = await self._days.of(provider_id, date)
        kept = [hold for hold in day.holds if hold.booking_id != booking_id]
        if len(kept) != len(day.holds):
            await self._days.arrange(day, kept)

    async def rearrange(self, day: Day, holds: Sequence[Hold]) -> None:
        """Replace a day's holds in one step; raises Stale when the day is no longer as it was read."""
        await self._days.arrange(day, holds)

    def legs(self, agenda: Agenda, hold: Hold) -> Legs:
        """Give the travel to and from a held visit, given its neighbours that day (or the base)."""
        base = self._base(agenda)
        before = [other for other in agenda.day.holds if other.starts_at < hold.starts_at]
        after = [other for other in agenda.day.holds if other.starts_at > hold.starts_at]
        origin = (before[-1].lat, before[-1].lng) if before else base
        target = (after[0].lat, after[0].lng) if after else base
        hour, model = day_hour(agenda.shift, agenda.date), self._model(agenda)
        return Legs(
            leg_minutes(origin, (hold.lat, hold.lng), model, hour),
            leg_minutes((hold.lat, hold.lng), target, model, hour),
        )


REFUSALS = {
    slots.Refusal.OUTSIDE_HOURS: "The requested time is outside the provider's working hours.",
    slots.Refusal.OVERLAP: "The provider is already booked at that time.",
    slots.Refusal.TOO_NEAR: "The requested time is too near to another booking of the provider.",
    slots.Refusal.PAST: "The requested time has passed.",
}


def _whole_day(provider_id: int, date: Date) -> Shift:
    """Give the hours of somebody who may be asked for any."""
    midnight = datetime.combine(date, datetime.min.time(), UTC)
    return Shift(0, provider_id, "", date.isoweekday(), 0, DAY_MINUTES, "", (), 0, midnight, midnight)


def day_hour(shift: Shift, date: Date) -> int:
    """Give the hour of week whose traffic stands for the whole day: the middle of the working hours."""
    return date.weekday() * 24 + (shift.start_minute + shift.end_minute) // 2 // 60


def leg_minutes(
    origin: tuple[float, float], target: tuple[float, float], model: TravelModel, hour_of_week: int
) -> int:
    """Give whole minutes from one point to another, rounded up."""
    return whole_minutes(between(origin, target, model, hour_of_week).minutes)
