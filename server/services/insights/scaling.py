"""Where bookings are and who serves them, from counts that are kept with every change."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from server import clock
from server.domain.entities import Booking
from server.domain.marketplace import Marketplace
from server.domain.rollups import COLUMNS, Rollup, Zone, ZoneStatus
from server.errors import NotFound
from server.store.bookings import BookingStore
from server.store.marks import Marks
from server.store.rollups import Rollups
from server.store.services import Services
from server.store.shifts import Shifts
from server.store.users import Users

MARK = "rollups"

Place = tuple[str, str, int]
"""Pincode, local day and service: what is counted apart."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Zones, busiest first, and what they come to."""

    zones: Sequence[Zone]
    providers: int

    @property
    def bookings(self) -> int:
        return sum(zone.total for zone in self.zones)

    def count(self, status: ZoneStatus) -> int:
        return sum(zone.status is status for zone in self.zones)


class ScalingService:
    """Counts by pincode, local day and service."""

    def __init__(
        self,
        meaning: Marketplace,
        rollups: Rollups,
        bookings: BookingStore,
        shifts: Shifts,
        services: Services,
        marks: Marks,
        users: Users,
    ) -> None:
        self._meaning, self._rollups, self._bookings = meaning, rollups, bookings
        self._shifts, self._services = shifts, services
        self._marks, self._users = marks, users

    async def count(self, before: Booking | None, after: Booking) -> None:
        """Move a booking from one count to another, inside the transaction that moves it."""
        changes: dict[Place, Counter[str]] = {}
        for booking, step in ((before, -1), (after, 1)):
            if booking is not None:
                place, column = self._place(booking)
                changes.setdefault(place, Counter())[column] += step
        for (pincode, date, service_id), columns in changes.items():
            if any(columns.values()):
                await self._rollups.add(pincode, date, service_id, columns)

    async def scaling(self, days_back: int, service_type: str | None = None) -> Scaling:
        """Give the zones of the last days, today included, and of all days ahead.

        service_type : a category, or a service's name; raises NotFound when there is neither
        """
        wanted = await self._service_ids(service_type)
        rollups = await self._rollups.of_dates(*self._dates(days_back))
        return await self._summed([one for one in rollups if wanted is None or one.service_id in wanted])

    async def of_places(self, pincodes: Collection[str], days_back: int) -> Scaling:
        """Give the zones of some pincodes alone, of those that have bookings; the same as `scaling` gives."""
        return await self._summed(await self._rollups.of_places(sorted(pincodes), *self._dates(days_back)))

    def _dates(self, days_back: int) -> tuple[str, str]:
        today = clock.local_date(clock.now(), self._meaning.timezone)
        last = today + timedelta(days=self._meaning.booking_horizon_days)
        return (today - timedelta(days=days_back)).isoformat(), last.isoformat()

    async def _summed(self, rollups: Sequence[Rollup]) -> Scaling:
        counts: dict[str, Counter[str]] = {}
        for rollup in rollups:
            counted = counts.setdefault(rollup.pincode, Counter())
            counted.update({column: getattr(rollup, column) for column in COLUMNS.values()})
        serving = await self._serving(counts)
        zones = [_zone(pincode, counted, len(serving[pincode])) for pincode, counted in counts.items()]
        busiest = sorted((one for one in zones if one.total), key=lambda one: (-one.intensity, one.pincode))
        return Scaling(busiest, len(set[int]().union(*serving.values())))

    async def ensure_counted(self) -> None:
        """Count everything once, for a database that is older than the counts."""
        if not await self._marks.known(MARK):
            await self.recount()
            await self._marks.set(MARK)

    async def recount(self) -> None:
        """Count all bookings afresh; nobody may change one meanwhile."""
        await self._rollups.replace_all(await self.counted())

    async def counted(self) -> list[Rollup]:
        """Give what the counts should be, from the bookings themselves."""
        found: Counter[tuple[Place, str]] = Counter()
        for date in await self._bookings.dates():
            found.update(self._place(booking) for booking in await self._bookings.find({"date": date}))
        rows: dict[Place, dict[str, int]] = {}
        for (place, column), count in found.items():
            rows.setdefault(place, {})[column] = count
        return [Rollup(f"{p}:{d}:{s}:0", p, d, s, **columns) for (p, d, s), columns in rows.items()]

    def _place(self, booking: Booking) -> tuple[Place, str]:
        """Give where a booking counts, and as what."""
        column = COLUMNS[self._meaning.lifecycle.phases[booking.state]]
        return (booking.pincode, booking.date, booking.service_id), column

    async def _serving(self, pincodes: Collection[str]) -> dict[str, set[int]]:
        """Give who serves each pincode on some day, of those who take bookings."""
        serving: dict[str, set[int]] = {pincode: set() for pincode in pincodes}
        shifts = await self._shifts.serving_any_of(sorted(pincodes))
        people = await self._users.providers(sorted({shift.provider_id for shift in shifts}), None)
        available = {user.id for user in people}
        for shift in shifts:
            if shift.provider_id in available:
                for pincode in serving.keys() & set(shift.area_pincodes):
                    serving[pincode].add(shift.provider_id)
        return serving

    async def _service_ids(self, service_type: str | None) -> frozenset[int] | None:
        if service_type is None:
            return None
        wanted = service_type.casefold()
        services = await self._services.find({"is_active": True})
        found = {one.id for one in services if wanted in (one.category.casefold(), one.name.casefold())}
        if not found:
            raise NotFound("Service type not found")
        return frozenset(found)


def _zone(pincode: str, counted: Mapping[str, int], providers: int) -> Zone:
    return Zone(
        pincode, sum(counted.values()), counted["done"], counted["offered"], counted["ended"], providers
    )
