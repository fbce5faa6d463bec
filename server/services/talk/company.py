"""Who hears whether somebody is there: those who share a booking with them."""

from datetime import datetime, timedelta

from server import clock
from server.domain.events import PRESENCE, Event, status_topic
from server.domain.marketplace import Marketplace
from server.domain.parties import Party
from server.realtime.outbox import Outbox
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.users import Users

BACK = timedelta(days=30)
"""A visit longer ago makes no company any more."""


class Company:
    """Computed from bookings each time, so that a new booking needs no new connection."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        users: Users,
        outbox: Outbox,
    ) -> None:
        self._meaning, self._database = meaning, database
        self._bookings, self._users, self._outbox = bookings, users, outbox

    async def of(self, user_id: int) -> list[int]:
        """Give the other sides of a user's bookings of the last month and ahead."""
        user = await self._users.get(user_id)
        if user is None:
            return []
        today = clock.local_date(clock.now(), self._meaning.timezone)
        first = (today - BACK).isoformat()
        last = (today + timedelta(days=self._meaning.booking_horizon_days)).isoformat()
        if self._meaning.roles.get(user.role) is Party.PROVIDER:
            found = await self._bookings.of_provider_dates(user_id, first, last)
            return sorted({booking.customer_id for booking in found})
        mine = await self._bookings.find({"customer_id": user_id})
        near = [booking for booking in mine if first <= booking.date <= last]
        return sorted({booking.provider_id for booking in near if booking.provider_id is not None})

    async def announce(self, user_id: int, is_online: bool) -> None:
        """Tell a user's company, and the user, that they came or left; remembers when."""
        now = clock.now()
        facts = {"user_id": user_id, "is_online": is_online, "last_seen": now}

        async def write() -> None:
            await self._users.change(user_id, {"seen_at": now})
            receivers = [user_id, *await self.of(user_id)]
            topics = tuple(status_topic(receiver) for receiver in receivers)
            await self._outbox.add(Event(PRESENCE, topics, facts, now))

        await self._database.together(write)

    async def last_seen(self, user_id: int) -> datetime | None:
        """Give when a user last came or left."""
        user = await self._users.get(user_id)
        return user.seen_at if user else None
