"""What everything that touches a dispute shares: who sees it, how a change is kept, who is told."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.disputes import Dispute
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import NotFound
from server.services.audit import Audit
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.disputes import Disputes


class DisputeCases:
    """Somebody else's dispute does not exist; mediators see all."""

    def __init__(
        self,
        meaning: Marketplace,
        store: Disputes,
        bookings: BookingStore,
        notifications: Notifications,
        audit: Audit,
    ) -> None:
        self._meaning, self._store, self._bookings = meaning, store, bookings
        self._notifications, self._audit = notifications, audit

    def is_mediator(self, caller: Caller) -> bool:
        """Say whether somebody may see and settle every dispute."""
        return caller.role in self._meaning.mediators

    def may_see(self, caller: Caller, dispute: Dispute) -> bool:
        """Say whether a dispute and what hangs on it are the caller's to see."""
        return self.is_mediator(caller) or caller.user_id in (dispute.customer_id, dispute.provider_id)

    async def get(self, caller: Caller, dispute_id: str) -> Dispute:
        """Give a dispute the caller is party to, or any for mediators; raises NotFound."""
        dispute = await self._store.get(dispute_id)
        if dispute is None or not self.may_see(caller, dispute):
            raise NotFound("Dispute not found")
        return dispute

    async def meet(self, booking_id: str) -> None:
        """Claim a booking's revision, in the transaction that begins or ends a dispute about it.

        A second complaint, and the payment whose earning a dispute holds, claim it too: of two at once the
        later one starts over and sees what the other did.
        """
        booking = await self._bookings.get(booking_id)
        if booking is None:
            raise NotFound("Booking not found")
        await self._bookings.rewrite(replace(booking, revision=booking.revision + 1), booking.revision)

    async def write(self, caller: Caller | None, before: Dispute, after: Dispute, action: str) -> Dispute:
        """Keep a changed dispute and give it; raises Stale when it is not the one that was read."""
        after = replace(after, updated_at=clock.now(), revision=before.revision + 1)
        await self._store.rewrite(after, before.revision)
        await self._audit.record(caller, before, after, action)
        return after

    async def claim(self, dispute: Dispute) -> Dispute:
        """Claim a dispute's revision where something of it changes that it does not hold; raises Stale.

        Of somebody who writes and somebody who reads at once the later one counts what the other did.
        """
        after = replace(dispute, revision=dispute.revision + 1)
        await self._store.rewrite(after, dispute.revision)
        self._audit.mention(dispute, after)
        return after

    async def tell(
        self,
        caller: Caller | None,
        dispute: Dispute,
        user_ids: Iterable[int | None],
        kind: str,
        message: str,
        **facts: Any,
    ) -> None:
        """Tell users, except whoever did it, what happened to a dispute; inside its transaction."""
        about: Mapping[str, Any] = {"dispute_id": dispute.id, "booking_id": dispute.booking_id, **facts}
        acting = caller.user_id if caller else None
        known = {user_id for user_id in user_ids if user_id is not None and user_id != acting}
        await self._notifications.notify(sorted(known), kind, message, about)
