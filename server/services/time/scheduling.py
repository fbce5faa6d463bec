"""A provider's free slots for a visit, scored."""

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from engine.slots import Slot
from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.errors import Invalid, NotFound
from server.places.table import Places
from server.services.bookings.eligibility import Eligibility
from server.services.shop.catalogue import Catalogue
from server.services.time.diary import Agenda, Diary, Visit


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A bookable time: the service begins at `starts_at`, the provider is free again at `free_at`.

    score : 0..10, higher is better
    """

    starts_at: datetime
    free_at: datetime
    score: float
    travel_minutes: int
    buffer_minutes: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The best slot of a day and what it takes."""

    slot: FreeSlot
    duration_minutes: int


class Scheduling:
    """Reads agendas; taking time is the bookings' business."""

    def __init__(
        self,
        meaning: Marketplace,
        eligibility: Eligibility,
        catalogue: Catalogue,
        diary: Diary,
        places: Places,
    ) -> None:
        self._meaning, self._eligibility, self._catalogue = meaning, eligibility, catalogue
        self._diary, self._places = diary, places

    async def slots(
        self, provider_id: int, service_id: int, pincode: str, day: Date, preferred: int | None = None
    ) -> list[FreeSlot]:
        """Give every slot of a local day that can be booked, in order of time.

        preferred : minute of the day that the customer would like, None for no wish
        raises    : NotFound (provider, service, pincode), Invalid for a day past or too far ahead
        """
        self.check_day("day", day)
        service = await self._catalogue.get(service_id)
        provider = await self._eligibility.provider(provider_id)
        place = self._places.get(pincode)
        visit = Visit(place.lat, place.lng, service.duration_minutes)
        return await self.slots_for(provider, service.id, pincode, visit, day, preferred)

    async def best(self, provider_id: int, service_id: int, pincode: str, day: Date) -> Suggestion:
        """Give the slot with the highest score, the earliest of equals; raises NotFound when none is free."""
        free = await self.slots(provider_id, service_id, pincode, day)
        if not free:
            raise NotFound("No free slot on that date")
        service = await self._catalogue.get(service_id)
        return Suggestion(max(free, key=lambda slot: slot.score), service.duration_minutes)

    async def slots_for(
        self,
        provider: User,
        service_id: int,
        pincode: str,
        visit: Visit,
        day: Date,
        preferred: int | None = None,
    ) -> list[FreeSlot]:
        """Give the free slots of a provider for a visit; none when they do not offer it there."""
        agenda = await self._diary.agenda(provider.id, day)
        if agenda is None or service_id not in provider.skills or pincode not in agenda.shift.area_pincodes:
            return []
        return [self._free_slot(agenda, slot) for slot in self._diary.free_slots(agenda, visit, preferred)]

    def check_day(self, field: str, day: Date) -> None:
        """Raise Invalid, naming the field, for a day that is past or beyond the booking horizon."""
        today = clock.local_date(clock.now(), self._meaning.timezone)
        if day < today:
            raise Invalid({field: ["The date lies in the past."]})
        if day > today + timedelta(days=self._meaning.booking_horizon_days):
            raise Invalid({field: [f"Bookings reach {self._meaning.booking_horizon_days} days ahead."]})

    def _free_slot(self, agenda: Agenda, slot: Slot) -> FreeSlot:
        zone = self._meaning.timezone
        return FreeSlot(
            clock.at_minute(agenda.date, slot.start, zone),
            clock.at_minute(agenda.date, slot.end, zone),
            slot.score,
            slot.travel,
            agenda.shift.buffer_minutes,
            slot.reasons,
        )
