"""Customers' unanswered bookings, held within the marketplace's limits."""

from functools import partial

from server import clock
from server.domain.asking import HOUR, Asked, check_pace, check_waiting
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.marks import Marks


class Asking:
    """Counts what is kept, so that it holds for all processes; without limits it asks nothing."""

    def __init__(
        self, meaning: Marketplace, database: Database, bookings: BookingStore, marks: Marks
    ) -> None:
        self._limits, self._database, self._bookings, self._marks = meaning.asking, database, bookings, marks
        self._open = meaning.lifecycle.states_in(Phase.OFFERED)

    async def check(self, booking: Booking, *, is_new: bool) -> None:
        """Raise Conflict or TooMany when the customer holds too much with this booking.

        Call it inside the transaction that writes the booking: of several of one customer at once, all but
        one start over and find the others' bookings.
        """
        if self._limits is None or booking.provider_id is None:
            return
        name, now = f"asking:{booking.customer_id}", clock.now()
        await self._database.together(partial(self._marks.touch, name), [name])
        mine = await self._bookings.asked_by(booking.customer_id, self._open, now - HOUR)
        others = [asked for id, asked in mine.items() if id != booking.id]
        if is_new:
            check_pace(self._limits, others, booking.provider_id, now)
        asked = Asked(booking.provider_id, True, booking.starts_at, booking.ends_at, booking.created_at)
        check_waiting(self._limits, others, asked, now)
