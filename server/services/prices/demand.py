"""What the market around a pincode looks like in an hour: bookings asked for, providers who could serve.

Counts are cached in the process and dropped the moment a booking or a shift changes anywhere (other
processes tell through the bus), so that the next quote is computed from the present.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from server import clock
from server.domain.entities import Shift
from server.domain.lifecycle import LIVE
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.realtime.bus import Bus
from server.services.memory import Memory
from server.store.bookings import BookingStore
from server.store.days import Days
from server.store.shifts import Shifts
from server.store.users import Users

CACHED_HOURS = 20_000
"""About 5 MB: every pincode of a large city for a day, several services each."""


@dataclass(frozen=True, slots=True)
class Supply:
    """One hour around one pincode: live bookings, and providers of one service on duty and free."""

    booked: int
    on_duty: int
    free: int

    @property
    def index(self) -> float:
        """How asked for the place is, 0..10: 5 when there are as many bookings as providers on duty."""
        return round(10 * self.booked / (self.booked + self.on_duty), 1) if self.booked else 0.0


class Demand:
    """Counts demand and supply by pincode, service and hour."""

    def __init__(
        self,
        meaning: Marketplace,
        bookings: BookingStore,
        days: Days,
        shifts: Shifts,
        users: Users,
        places: Places,
        bus: Bus,
    ) -> None:
        self._meaning, self._bookings, self._days = meaning, bookings, days
        self._shifts, self._users, self._places, self._bus = shifts, users, places, bus
        self._channel = f"demand:{meaning.name}"
        self.memory: Memory[tuple[str, int | None, datetime], Supply] = Memory(CACHED_HOURS)
        self._version = 0
        self._watchers: list[Callable[[Collection[str]], None]] = []
        bus.subscribe(self._channel, self._forget)

    def watch(self, watcher: Callable[[Collection[str]], None]) -> None:
        """Have somebody told, in every process, at which pincodes something changed; none means anywhere."""
        self._watchers.append(watcher)

    def known(self, pincode: str, service_id: int | None, hour: datetime) -> Supply | None:
        """Give the cached counts, None when they must be fetched with `around`."""
        return self.memory.get((pincode, service_id, hour))

    async def around(self, pincode: str, service_id: int | None, hour: datetime) -> Supply:
        """Count around a pincode in the local hour that begins at `hour`."""
        key = (pincode, service_id, hour)
        supply = self.memory.get(key)
        if supply is None:
            version = self._version
            supply = await self._count(pincode, service_id, hour)
            if version == self._version:
                self.memory.put(key, supply)
        return supply

    async def changed(self, *pincodes: str) -> None:
        """Forget every count, here and in the other processes; call it after a committed change.

        pincodes : where bookings changed; none when it is not known where
        """
        payload = ",".join(pincodes).encode()
        self._forget(payload)
        await self._bus.tell(self._channel, payload)

    async def on_duty(self, pincode: str, service_id: int | None, day: Date) -> list[Shift]:
        """Give that weekday's shifts around the pincode, of available providers (of a service)."""
        shifts = await self._shifts.serving(pincode, day.isoweekday())
        people = await self._users.providers([shift.provider_id for shift in shifts], service_id)
        able = {user.id for user in people}
        return [shift for shift in shifts if shift.provider_id in able]

    async def past_hours(self, pincode: str, today: Date, days_back: int) -> Sequence[datetime]:
        """Give the hour of every booking around a pincode in the days before `today`."""
        first, last = today - timedelta(days=days_back), today - timedelta(days=1)
        return await self._bookings.hours_around(self._nearby(pincode), first.isoformat(), last.isoformat())

    async def of_all(self, pincodes: Collection[str], hour: datetime) -> dict[str, Supply]:
        """Count around many pincodes at once, all services together: what `around` gives for each."""
        zone = self._meaning.timezone
        day = clock.local_date(hour, zone)
        begins = clock.minute_of_day(hour, day, zone)
        nearby = {pincode: self._nearby(pincode) for pincode in pincodes}
        live = self._meaning.lifecycle.states_in(*LIVE)
        places = sorted({place for around in nearby.values() for place in around})
        booked = await self._bookings.count_by_place(places, hour, live)
        shifts = await self._shifts.serving_some(sorted(pincodes), day.isoweekday())
        people = await self._users.providers(sorted({one.provider_id for one in shifts}), None)
        able = {user.id for user in people}
        present = [one for one in shifts if one.provider_id in able and _is_within(one, begins)]
        busy = await self._busy({one.provider_id for one in present}, hour)
        found: dict[str, Supply] = {}
        for pincode, around in nearby.items():
            there = {one.provider_id for one in present if pincode in one.area_pincodes}
            count = sum(booked.get(place, 0) for place in around)
            found[pincode] = Supply(count, len(there), len(there - busy))
        return found

    async def _count(self, pincode: str, service_id: int | None, hour: datetime) -> Supply:
        zone = self._meaning.timezone
        day = clock.local_date(hour, zone)
        live = self._meaning.lifecycle.states_in(*LIVE)
        booked = await self._bookings.count_around(self._nearby(pincode), hour, live)
        begins = clock.minute_of_day(hour, day, zone)
        shifts = [
            shift for shift in await self.on_duty(pincode, service_id, day) if _is_within(shift, begins)
        ]
        busy = await self._busy({shift.provider_id for shift in shifts}, hour)
        return Supply(booked, len(shifts), len(shifts) - len(busy))

    async def _busy(self, provider_ids: Collection[int], hour: datetime) -> set[int]:
        """Give those of the providers of whom something is held within the hour."""
        day = clock.local_date(hour, self._meaning.timezone).isoformat()
        held, ends = await self._days.of_many(sorted(provider_ids), day), hour + timedelta(hours=1)
        return {
            provider_id
            for provider_id, one in held.items()
            if any(hold.starts_at < ends and hold.ends_at > hour for hold in one.holds)
        }

    def _nearby(self, pincode: str) -> Sequence[str]:
        return self._places.nearby(pincode, self._meaning.demand_radius_km)

    def _forget(self, payload: bytes) -> None:
        self._version += 1
        self.memory.clear()
        for watcher in self._watchers:
            watcher(payload.decode().split(",") if payload else ())


def _is_within(shift: Shift, minute: int) -> bool:
    """Say whether a shift and the hour that begins at a minute of its day have time in common."""
    return shift.start_minute < minute + 60 and shift.end_minute > minute
