"""Moving a booking along its lifecycle: accept, start, complete, cancel, and notes on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from server import clock
from server.domain.entities import Booking, User
from server.domain.lifecycle import Effect, Step
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.errors import Conflict, Forbidden, Invalid
from server.gateways.payments import Intent
from server.services.bookings.cancelling import Cancelling, CancelWish
from server.services.bookings.consequences import Consequences
from server.services.bookings.eligibility import Eligibility
from server.services.bookings.holding import Holding
from server.services.bookings.visibility import Visibility
from server.services.money.payments import Payments
from server.services.shop.reviews import Reviews
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.users import Users

RESCHEDULE = "reschedule"
"""The lifecycle's name for moving to another time, or for asking to."""

NOTES = {"customer_notes": Party.CUSTOMER, "provider_notes": Party.PROVIDER}
"""Whose each note is; staff may write both."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a client changes at once; None leaves as it is."""

    state: str | None = None
    customer_notes: str | None = None
    provider_notes: str | None = None
    address_line: str | None = None
    price_minor: int | None = None

    def details(self) -> dict[str, Any]:
        """Give what changes beside the state."""
        given = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "state"}
        return {name: value for name, value in given.items() if value is not None}


class Moves:
    """A move reads the booking, asks the lifecycle, carries out the effects and writes, in one transaction.

    The booking's revision decides between two movers: the one that comes second starts over, sees the
    new state, and is refused or goes on from there.
    """

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        users: Users,
        visibility: Visibility,
        eligibility: Eligibility,
        holding: Holding,
        payments: Payments,
        cancelling: Cancelling,
        reviews: Reviews,
        consequences: Consequences,
    ) -> None:
        self._meaning, self._database, self._bookings, self._users = meaning, database, bookings, users
        self._visibility, self._eligibility, self._holding = visibility, eligibility, holding
        self._payments, self._consequences = payments, consequences
        self._cancelling, self._reviews = cancelling, reviews

    async def complete(self, caller: Caller, booking_id: str) -> Intent:
        """Finish the work and give the opened payment; raises as `move` does."""
        booking = await self.move(caller, booking_id, "complete")
        return await self._payments.intent(booking)

    async def change(self, caller: Caller, booking_id: str, changes: Changes) -> Booking:
        """Set details and go to a named state.

        raises : NotFound, Invalid (unknown state, the other side's notes), InvalidMove, Forbidden
        """
        for field in changes.details():
            if not self._may_write(caller, field):
                raise Invalid({field: ["Only the other side may write this."]})
        lifecycle = self._meaning.lifecycle
        if changes.state is not None and changes.state not in lifecycle.phases:
            raise Invalid({"state": [f'"{changes.state}" is not a valid choice.']})
        booking = await self._visibility.get(caller, booking_id)
        if changes.state is None or changes.state == booking.state:
            return await self._annotate(caller, booking, changes.details())
        return await self.move(
            caller, booking_id, lifecycle.action_to(booking.state, changes.state), changes.details()
        )

    async def move(
        self,
        caller: Caller,
        booking_id: str,
        action: str,
        details: Mapping[str, Any] | None = None,
        wish: CancelWish = CancelWish(),  # noqa: B008 - a frozen value
    ) -> Booking:
        """Take one action; everything it entails is carried out with it or not at all.

        raises : NotFound, InvalidMove, Forbidden, Conflict (taken by another provider), SlotTaken
        """
        provider = (
            await self._eligibility.provider(caller.user_id) if caller.party is Party.PROVIDER else None
        )
        seen = await self._visibility.get(caller, booking_id, provider)
        foreseen = self._meaning.lifecycle.step(seen.state, action, caller.party)
        self._check_mover(seen, foreseen, caller.party, provider)
        await self._prepare(caller, seen, foreseen, wish)

        async def write() -> Booking:
            booking = await self._bookings.get(booking_id) or seen
            step = self._meaning.lifecycle.step(booking.state, action, caller.party)
            self._check_mover(booking, step, caller.party, provider)
            after = replace(booking, state=step.state, updated_at=clock.now(), **(details or {}))
            if action == RESCHEDULE:
                after = replace(after, moved_by=caller.party)
            after = await self._carry_out(caller, step, booking, after, provider)
            if Effect.FREE in step.effects:
                await self._holding.release(booking)
                after = await self._cancelling.settle(caller, booking, after, wish)
            return await self._write(caller, booking, after)

        if provider is not None and seen.provider_id is None:
            return await self._holding.in_turn(provider, seen, write)
        return await self._database.together(write, [self._bookings.turn(booking_id)])

    async def _prepare(self, caller: Caller, seen: Booking, foreseen: Step, wish: CancelWish) -> None:
        """Have the gateway open what will be charged, before anything is locked."""
        if Effect.CHARGE in foreseen.effects:
            await self._payments.prepare(seen.id, seen.price_minor)
        if Effect.FREE in foreseen.effects:
            await self._cancelling.prepare(caller, seen, wish)

    def _check_mover(self, booking: Booking, step: Step, party: Party, provider: User | None) -> None:
        """An open booking can only be taken; one that has a provider is that provider's alone.

        Who moved a booking last does not agree to it in the other side's stead.
        """
        if step.by_other and booking.moved_by is party:
            raise Forbidden("The other side has to agree to the new time.")
        if provider is None or booking.provider_id == provider.id:
            return
        if booking.provider_id is not None:
            raise Conflict("The booking has been taken by another provider.")
        if Effect.HOLD not in step.effects:
            raise Forbidden()

    async def _carry_out(
        self, caller: Caller, step: Step, before: Booking, after: Booking, provider: User | None
    ) -> Booking:
        if Effect.HOLD in step.effects and provider is not None and before.provider_id is None:
            after = await self._holding.hold(after, provider)
        if Effect.BEGIN in step.effects:
            after = replace(after, started_at=after.updated_at)
        if Effect.FINISH in step.effects and before.provider_id is not None:
            after = replace(after, completed_at=after.updated_at)
            await self._users.count_completed(before.provider_id)
            await self._reviews.verify(caller, before.provider_id, before.customer_id)
        if Effect.CHARGE in step.effects and before.provider_id is not None:
            await self._payments.open(caller, after, after.price_minor)
        return after

    def _may_write(self, caller: Caller, field: str) -> bool:
        if field in self._meaning.shared_details:
            return True
        return field in NOTES and caller.party in (NOTES[field], Party.STAFF)

    async def _annotate(self, caller: Caller, booking: Booking, details: Mapping[str, Any]) -> Booking:
        if caller.party is Party.PROVIDER and booking.provider_id != caller.user_id:
            raise Forbidden()

        async def write() -> Booking:
            current = await self._bookings.get(booking.id) or booking
            after = replace(current, updated_at=clock.now(), **details)
            return await self._write(caller, current, after)

        return await self._database.together(write, [self._bookings.turn(booking.id)])

    async def _write(self, caller: Caller, before: Booking, after: Booking) -> Booking:
        await self._bookings.rewrite(replace(after, revision=before.revision + 1), before.revision)
        await self._consequences.follow(caller, before, after)
        return after
