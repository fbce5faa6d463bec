"""Moving a booking to another time: at once with a day's notice, otherwise when the other side agrees."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from server import clock
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.domain.proposals import Proposal
from server.errors import Forbidden, Invalid, InvalidMove, NotFound
from server.services.audit import Audit
from server.services.consequences import Consequences
from server.services.eligibility import Eligibility
from server.services.holding import Holding
from server.services.notifications import Notifications
from server.services.pricing import Pricing
from server.services.visibility import Visibility
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.proposals import Proposals

NOTICE = timedelta(hours=24)
"""With at least so much notice either side moves the booking alone."""

MOST_MOVES = 10
"""A booking that is moved more often is better made anew."""


@dataclass(frozen=True, slots=True)
class NewTime:
    """What is wished for; without a window the service may begin up to the usual time after `starts_at`."""

    starts_at: datetime
    window_start: datetime | None = None
    window_end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The booking, moved unless there is a proposal that the other side has to answer."""

    booking: Booking
    proposal: Proposal | None


class Rescheduling:
    """The agreed price stays. The old time is freed and the new one held in one step or not at all."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        proposals: Proposals,
        visibility: Visibility,
        eligibility: Eligibility,
        holding: Holding,
        pricing: Pricing,
        consequences: Consequences,
        notifications: Notifications,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._bookings = meaning, database, bookings
        self._proposals, self._visibility, self._eligibility = proposals, visibility, eligibility
        self._holding, self._pricing, self._consequences = holding, pricing, consequences
        self._notifications, self._audit = notifications, audit

    async def move(self, caller: Caller, booking_id: str, wish: NewTime) -> Rescheduled:
        """Move a booking, or propose to: within a day of its start the other side has to agree.

        raises : NotFound, InvalidMove once work began, Invalid (time, window), SlotTaken with alternatives
        """
        booking = await self._visibility.get_as_party(caller, booking_id)
        self._check_movable(booking)
        moved = self._moved(booking, wish)
        if self._needs_consent(caller, booking):
            return Rescheduled(booking, await self._propose(caller, booking, moved, wish.reason))
        return Rescheduled(await self._retime(caller, booking, moved), None)

    async def accept(self, caller: Caller, booking_id: str) -> Booking:
        """Agree to the other side's proposal; raises NotFound, Forbidden (one's own), SlotTaken."""
        booking, proposal = await self._open(caller, booking_id)
        if proposal.party is caller.party:
            raise Forbidden()
        self._check_movable(booking)
        wish = NewTime(proposal.starts_at, proposal.window_start, proposal.window_end)
        return await self._retime(caller, booking, self._moved(booking, wish))

    async def decline(self, caller: Caller, booking_id: str) -> None:
        """Refuse a proposal, or withdraw one's own; raises NotFound."""
        booking, proposal = await self._open(caller, booking_id)

        async def write() -> None:
            if not await self._proposals.delete(proposal.id):
                raise NotFound("Proposal not found")
            await self._audit.record(caller, proposal, None, "decline")
            message = f"{booking.service_name} stays at its time"
            await self._tell_other(caller, booking, "reschedule_declined", message, proposal.starts_at)

        await self._database.together(write)

    async def proposal(self, booking_id: str) -> Proposal | None:
        """Give the open proposal of a booking."""
        found = await self._proposals.get(booking_id)
        return found if found is not None and found.expires_at > clock.now() else None

    def _needs_consent(self, caller: Caller, booking: Booking) -> bool:
        agreed = self._meaning.lifecycle.phases[booking.state] is Phase.AGREED
        return agreed and not caller.is_staff and booking.starts_at - clock.now() < NOTICE

    def _check_movable(self, booking: Booking) -> None:
        if self._meaning.lifecycle.phases[booking.state] not in (Phase.OFFERED, Phase.AGREED):
            raise InvalidMove(f"A {booking.state} booking cannot be moved.", state=booking.state)
        if booking.moved_count >= MOST_MOVES:
            raise InvalidMove(f"A booking is moved at most {MOST_MOVES} times.", state=booking.state)

    def _moved(self, booking: Booking, wish: NewTime) -> Booking:
        """Give the booking at its new time; raises Invalid."""
        now, zone = clock.now(), self._meaning.timezone
        self._pricing.check_time("starts_at", wish.starts_at, now)
        if wish.starts_at == booking.starts_at:
            raise Invalid({"starts_at": ["The booking begins at that time already."]})
        start = wish.window_start or wish.starts_at
        end = wish.window_end or start + timedelta(minutes=self._meaning.arrival_window_minutes)
        if not start <= wish.starts_at <= end or clock.local_date(start, zone) != clock.local_date(end, zone):
            raise Invalid({"arrival_window": ["The new start must lie within a window of one day."]})
        return replace(
            booking,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at + timedelta(minutes=booking.duration_minutes),
            window_start=start,
            window_end=end,
            date=clock.local_date(wish.starts_at, zone).isoformat(),
            hour=clock.hour_start(wish.starts_at, zone),
            moved_count=booking.moved_count + 1,
            warned_at=None,
            updated_at=now,
        )

    async def _retime(self, caller: Caller, seen: Booking, wanted: Booking) -> Booking:
        async def write() -> Booking:
            current = await self._bookings.get(seen.id)
            if current is None or current.revision != seen.revision:
                raise InvalidMove("The booking has just changed; look at it again.", state=seen.state)
            after = wanted
            if provider is not None:
                after = await self._holding.hold(wanted, provider)
                if after.date != current.date:
                    await self._holding.release(current)
            after = replace(after, revision=current.revision + 1)
            await self._bookings.rewrite(after, current.revision)
            await self._proposals.delete(seen.id)
            await self._consequences.follow(caller, current, after)
            return after

        if seen.provider_id is None:
            provider = None
            return await self._database.together(write)
        provider = await self._eligibility.provider(seen.provider_id)
        return await self._holding.in_turn(provider, wanted, write)

    async def _propose(self, caller: Caller, booking: Booking, moved: Booking, reason: str) -> Proposal:
        proposal = Proposal(
            booking.id,
            caller.user_id,
            caller.party,
            moved.starts_at,
            moved.window_start,
            moved.window_end,
            reason,
            clock.now(),
            booking.starts_at,
        )

        async def write() -> None:
            await self._proposals.put(proposal)
            await self._audit.record(caller, None, proposal, "propose")
            message = f"Another time is proposed for {booking.service_name}"
            await self._tell_other(caller, booking, "reschedule_request", message, proposal.starts_at)

        await self._database.together(write)
        return proposal

    async def _open(self, caller: Caller, booking_id: str) -> tuple[Booking, Proposal]:
        booking = await self._visibility.get_as_party(caller, booking_id)
        proposal = await self.proposal(booking_id)
        if proposal is None:
            raise NotFound("Proposal not found")
        return booking, proposal

    async def _tell_other(
        self, caller: Caller, booking: Booking, kind: str, message: str, starts_at: datetime
    ) -> None:
        parties = {Party.CUSTOMER: booking.customer_id, Party.PROVIDER: booking.provider_id}
        others = [who for party, who in parties.items() if party is not caller.party and who is not None]
        facts = {"booking_id": booking.id, "proposed_date": starts_at.isoformat()}
        await self._notifications.notify(others, kind, message, facts)
