"""Holding a provider's time for a booking, and what to offer instead when it is taken."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date as Date
from datetime import timedelta
from typing import TypeVar

from server.domain.entities import Booking, User
from server.errors import SlotTaken
from server.services.time.diary import Diary, Visit
from server.services.time.scheduling import FreeSlot, Scheduling
from server.store.bookings import BookingStore
from server.store.database import Database

T = TypeVar("T")

MAX_ALTERNATIVES = 5
ALTERNATIVE_DAYS = 7
"""How far a refusal looks for other times: far enough to find some, near enough to be wanted."""


class Holding:
    """Ties bookings to the diary."""

    def __init__(self, database: Database, diary: Diary, scheduling: Scheduling) -> None:
        self._database, self._diary, self._scheduling = database, diary, scheduling

    async def hold(self, booking: Booking, provider: User) -> Booking:
        """Take the provider's time and give the booking with its provider, buffers and legs.

        raises : SlotTaken, Stale; call inside a transaction
        """
        hold, legs = await self._diary.take(provider.id, booking.id, _visit(booking), booking.starts_at)
        return replace(
            booking,
            provider_id=provider.id,
            provider_name=provider.public_name,
            before_minutes=hold.before_minutes,
            after_minutes=hold.after_minutes,
            travel_to_minutes=legs.to_minutes,
            travel_from_minutes=legs.from_minutes,
        )

    async def check(self, booking: Booking, provider: User) -> None:
        """Raise SlotTaken unless the provider has time for a booking."""
        await self._diary.check(provider.id, booking.id, _visit(booking), booking.starts_at)

    async def release(self, booking: Booking) -> None:
        """Give the time back; without effect when nobody's is held."""
        if booking.provider_id is not None:
            await self._diary.free(booking.provider_id, booking.id, booking.starts_at)

    async def in_turn(self, provider: User, booking: Booking, write: Callable[[], Awaitable[T]]) -> T:
        """Run `write` in a transaction when booking and day are next; a refusal names other times.

        Behind others, a time that is plainly taken is refused without a transaction.
        """
        turns = (BookingStore.turn(booking.id), self._diary.turn(provider.id, booking.date))
        try:
            if not self._database.is_free(turns):
                await self.check(booking, provider)
            return await self._database.together(write, turns)
        except SlotTaken as taken:
            alternatives = await self._alternatives(provider, booking)
            raise SlotTaken(taken.message, alternatives=alternatives) from taken

    async def _alternatives(self, provider: User, booking: Booking) -> list[FreeSlot]:
        """Give the provider's free slots nearest to the wish, from that day on."""
        found: list[FreeSlot] = []
        for ahead in range(ALTERNATIVE_DAYS):
            day = Date.fromisoformat(booking.date) + timedelta(days=ahead)
            free = await self._scheduling.slots_for(
                provider, booking.service_id, booking.pincode, _visit(booking), day
            )
            found += sorted(free, key=lambda slot: abs(slot.starts_at - booking.starts_at))
            if len(found) >= MAX_ALTERNATIVES:
                break
        return found[:MAX_ALTERNATIVES]


def _visit(booking: Booking) -> Visit:
    return Visit(booking.lat, booking.lng, booking.duration_minutes)
