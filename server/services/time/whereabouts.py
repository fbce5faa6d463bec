"""Where a provider is on the way to a visit, and when they will be there.

A position is told to those who watch the booking, and kept as long as the visit is at hand: who comes later
is told the last one. It is worth nothing afterwards, so it has no number, no place in any history and no
entry in the audit, and it is forgotten with the end of the visit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from server import clock
from server.domain.entities import Booking
from server.domain.events import PROVIDER_LOCATED, Event, booking_topic
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.domain.positions import CLOSES, EVERY, Position, check_watchable
from server.errors import InvalidMove, NotFound
from server.realtime.outbox import Outbox
from server.services.bookings.visibility import Visibility
from server.services.time.travel_times import TravelTimes
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.positions import Positions


@dataclass(frozen=True, slots=True)
class Located:
    """The position as it is kept, and how many seconds later the next one will be told."""

    position: Position
    next_in_seconds: int


class Whereabouts:
    """Only the provider tells, only the two sides and staff see."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        positions: Positions,
        visibility: Visibility,
        travel_times: TravelTimes,
        outbox: Outbox,
    ) -> None:
        self._meaning, self._database = meaning, database
        self._bookings, self._positions, self._visibility = bookings, positions, visibility
        self._travel_times, self._outbox = travel_times, outbox

    async def tell(self, caller: Caller, booking_id: str, lat: float, lng: float) -> Located:
        """Tell where the caller is on the way to a booking; one that comes too soon changes nothing.

        raises : NotFound for another's booking, InvalidMove when nobody may be on the way to it now
        """
        booking, now = await self._own(caller, booking_id), clock.now()
        kept = await self._positions.get(booking_id)
        if kept is not None and now - kept.at < EVERY:
            return _located(kept, now)
        arrives_at = await self._arrival(booking, lat, lng, now)
        forget_at = booking.ends_at + CLOSES
        position = Position(booking.id, caller.user_id, lat, lng, now, arrives_at, forget_at)
        if not await self._positions.put(position, kept.at if kept else None):
            return _located(await self._positions.get(booking_id) or position, now)
        await self._check_still(caller, booking_id)
        await self._outbox.tell(_event(position))
        return _located(position, now)

    async def last(self, booking_id: str) -> Position | None:
        """Give the last position of whoever comes to a booking; None when it is nobody's business any more.

        Who asks must be allowed to read the booking.
        """
        position, booking = await self._positions.get(booking_id), await self._bookings.get(booking_id)
        if position is None or booking is None or position.provider_id != booking.provider_id:
            return None
        try:
            check_watchable(booking, self._phase(booking), clock.now())
        except InvalidMove:
            return None
        return position

    def follow(self, before: Booking | None, after: Booking) -> None:
        """Forget where somebody was once the open transaction has ended their visit, or made it another."""
        if before is None or self._phase(before) not in (Phase.AGREED, Phase.UNDERWAY):
            return
        was = (before.provider_id, before.starts_at)
        if self._phase(after) in (Phase.DONE, Phase.ENDED) or was != (after.provider_id, after.starts_at):
            self._database.after_commit(partial(self._forget, after.id))

    async def _check_still(self, caller: Caller, booking_id: str) -> None:
        """See to it that a visit which ended while its position was written leaves none."""
        try:
            await self._own(caller, booking_id)
        except (NotFound, InvalidMove):
            await self._forget(booking_id)
            raise

    async def _own(self, caller: Caller, booking_id: str) -> Booking:
        booking = await self._visibility.get_as_party(caller, booking_id)
        if booking.provider_id != caller.user_id:
            raise NotFound("Booking not found")
        check_watchable(booking, self._phase(booking), clock.now())
        return booking

    async def _arrival(self, booking: Booking, lat: float, lng: float, now: datetime) -> datetime | None:
        """Give when somebody who is here will be there, at this hour's speed; None when they are."""
        if self._phase(booking) is Phase.UNDERWAY:
            return None
        hour = clock.hour_of_week(now, self._meaning.timezone)
        points = ((lat, lng), (booking.lat, booking.lng))
        minutes = await self._travel_times.leg(*points, booking.pincode, hour)
        return now + timedelta(minutes=minutes)

    async def _forget(self, booking_id: str) -> None:
        # Most visits leave none, and the embedded database syncs a deletion of nothing, too.
        if await self._positions.get(booking_id) is not None:
            await self._positions.delete(booking_id)

    def _phase(self, booking: Booking) -> Phase:
        return self._meaning.lifecycle.phases[booking.state]


def _located(position: Position, now: datetime) -> Located:
    waits = position.at + EVERY - now
    return Located(position, max(0, -(-waits // timedelta(seconds=1))))


def _event(position: Position) -> Event:
    topics = (booking_topic(position.id), booking_topic(position.id, position.provider_id))
    facts = {
        "booking_id": position.id,
        "lat": position.lat,
        "lng": position.lng,
        "arrives_at": position.arrives_at,
    }
    return Event(PROVIDER_LOCATED, topics, facts, position.at)
