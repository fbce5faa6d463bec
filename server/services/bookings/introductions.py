"""Two who begin to share a booking are told of each other whether the other one is there."""

from server import clock
from server.domain.entities import Booking
from server.domain.events import PRESENCE, Event, status_topic
from server.realtime.outbox import Outbox
from server.realtime.presence import Presence
from server.store.users import Users


class Introductions:
    """Comings and goings are told to those who share a booking then (`Company`); this is for who comes later.

    Both rewrite the user who is told of: of a coming and an introduction at once the second starts over, and
    sees what the first did.
    """

    def __init__(self, users: Users, presence: Presence, outbox: Outbox) -> None:
        self._users, self._presence, self._outbox = users, presence, outbox

    async def follow(self, before: Booking | None, after: Booking) -> None:
        """Introduce both sides, inside the transaction that brings them together."""
        provider_id = after.provider_id
        if provider_id is None or (before is not None and before.provider_id == provider_id):
            return
        both = (after.customer_id, provider_id)
        for user_id in both:
            await self._users.change(user_id, {"met_at": clock.now()})
        seen = {user.id: user.seen_at for user in await self._users.with_ids(both)}
        for receiver, other in (both, both[::-1]):
            facts = {
                "user_id": other,
                "is_online": await self._presence.online(other),
                "last_seen": seen.get(other),
            }
            await self._outbox.add(Event(PRESENCE, (status_topic(receiver),), facts, after.updated_at))
