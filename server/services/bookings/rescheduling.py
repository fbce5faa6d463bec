"""Moving a booking to another time: at once with enough notice, otherwise when the other side agrees."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from server import clock
from server.domain.entities import Booking, User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.domain.proposals import Proposal
from server.errors import Forbidden, Invalid, InvalidMove, NotFound
from server.services.audit import Audit
from server.services.bookings.consequences import Consequences
from server.services.bookings.eligibility import Eligibility
from server.services.bookings.holding import Holding
from server.services.bookings.moves import RESCHEDULE
from server.services.bookings.visibility import Visibility
from server.services.prices.pricing import Pricing
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.proposals import Proposals

T = TypeVar("T")

ANSWER_WITHIN = timedelta(hours=12)
"""A proposal that nobody answers lapses after this, so that its author may plan otherwise."""

MOST_MOVES = 10
"""A booking that is moved more often is better made anew; nor is another time proposed more often."""

BATCH = 100


@dataclass(frozen=True, slots=True)
class NewTime:
    """What is wished for; without a window the service may begin up to the usual time after `starts_at`."""

    starts_at: datetime
    window_start: datetime | None = None
    window_end: datetime | None = None
    reason: str = ""
    ends_at: datetime | None = None
    """Unset: the visit takes as long as before."""


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """A booking as it is now, and the open proposal to move it, which the other side has to answer."""

    booking: Booking
    proposal: Proposal | None


class Rescheduling:
    """The agreed price stays, whatever the new hour costs others: it was agreed on for the work.

    The old time is freed and the new one held in one step or not at all. Every proposal and every answer
    rewrites the booking, so that of two at once the second starts over and sees what the first did.
    """

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

    async def get(self, caller: Caller, booking_id: str) -> Rescheduled:
        """Give a booking the caller may see, with its open proposal; raises NotFound."""
        booking = await self._visibility.get(caller, booking_id)
        return Rescheduled(booking, await self._open(booking))

    async def move(self, caller: Caller, booking_id: str, wish: NewTime) -> Rescheduled:
        """Move a booking, or propose to: shortly before its start the other side has to agree.

        raises : NotFound, InvalidMove once work began or somebody else changed it just now, Invalid (time,
                 window), SlotTaken with alternatives
        """
        seen = await self._visibility.get_as_party(caller, booking_id)
        self._check_movable(caller, seen)
        if self._needs_consent(caller, seen):
            return await self._propose(caller, seen, wish)
        return Rescheduled(await self._retime(caller, seen, wish, None), None)

    async def accept(self, caller: Caller, booking_id: str) -> Booking:
        """Agree to the other side's proposal and move the booking.

        raises : NotFound when there is none (any more), Forbidden for one's own, SlotTaken with alternatives,
                 and then the proposal stays open
        """
        seen, proposal = await self._answerable(caller, booking_id)
        if proposal.party is caller.party:
            raise Forbidden()
        wish = NewTime(proposal.starts_at, proposal.window_start, proposal.window_end)
        return await self._retime(caller, seen, wish, proposal)

    async def decline(self, caller: Caller, booking_id: str) -> None:
        """Refuse a proposal, or withdraw one's own; raises NotFound when there is none (any more)."""

        async def write() -> None:
            booking, proposal = await self._answerable(caller, booking_id)
            is_own = proposal.party is caller.party
            await self._touch(booking)
            await self._proposals.delete(booking_id)
            await self._audit.record(caller, proposal, None, "withdraw" if is_own else "decline")
            kind = "reschedule_withdrawn" if is_own else "reschedule_declined"
            message = f"{booking.service_name} stays at its time"
            facts = {"proposed_date": proposal.starts_at.isoformat()}
            await self._tell_other(caller, booking, kind, message, facts)

        await self._database.together(write, [self._bookings.turn(booking_id)])

    async def lapse_due(self) -> int:
        """Drop the proposals whose time is over, tell who made them, and give how many; bears repeating."""
        lapsed = 0
        for proposal in await self._proposals.lapsed(clock.now(), BATCH):
            lapsed += await self._database.together(lambda one=proposal: self._lapse(one))  # type: ignore[misc]
        return lapsed

    async def _lapse(self, seen: Proposal) -> bool:
        booking = await self._bookings.get(seen.id)
        if booking is None or await self._proposals.get(seen.id) != seen:
            return False
        await self._touch(booking)
        await self._proposals.delete(seen.id)
        await self._audit.record(None, seen, None, "lapse")
        message = f"Nobody answered; {booking.service_name} stays at its time"
        facts = {"booking_id": booking.id, "proposed_date": seen.starts_at.isoformat()}
        await self._notifications.notify([seen.proposed_by], "reschedule_lapsed", message, facts)
        return True

    def _check_movable(self, caller: Caller, booking: Booking) -> None:
        """Raise InvalidMove or Forbidden unless the caller may move the booking, or propose to."""
        self._meaning.lifecycle.step(booking.state, RESCHEDULE, caller.party)
        if booking.moved_count >= MOST_MOVES:
            raise InvalidMove(f"A booking is moved at most {MOST_MOVES} times.", state=booking.state)
        if self._needs_consent(caller, booking) and booking.starts_at <= clock.now():
            raise InvalidMove("The booked start has passed.", state=booking.state)

    def _needs_consent(self, caller: Caller, booking: Booking) -> bool:
        notice = booking.starts_at - clock.now()
        is_late = notice < timedelta(hours=self._meaning.consent_hours)
        return booking.provider_id is not None and not caller.is_staff and is_late

    def _moved(self, booking: Booking, wish: NewTime) -> Booking:
        """Give the booking at its new time; raises Invalid."""
        now, zone = clock.now(), self._meaning.timezone
        self._pricing.check_time("starts_at", wish.starts_at, now)
        ends_at = wish.ends_at or wish.starts_at + timedelta(minutes=booking.duration_minutes)
        if (wish.starts_at, ends_at) == (booking.starts_at, booking.ends_at):
            raise Invalid({"starts_at": ["The booking begins at that time already."]})
        start = wish.window_start or wish.starts_at
        end = wish.window_end or start + timedelta(minutes=self._meaning.arrival_window_minutes)
        if not start <= wish.starts_at <= end or clock.local_date(start, zone) != clock.local_date(end, zone):
            raise Invalid({"arrival_window": ["The new start must lie within a window of one day."]})
        return replace(
            booking,
            starts_at=wish.starts_at,
            ends_at=ends_at,
            duration_minutes=(ends_at - wish.starts_at) // timedelta(minutes=1),
            window_start=start,
            window_end=end,
            date=clock.local_date(wish.starts_at, zone).isoformat(),
            hour=clock.hour_start(wish.starts_at, zone),
            moved_count=booking.moved_count + 1,
            warned_at=None,
            updated_at=now,
        )

    async def _retime(self, caller: Caller, seen: Booking, wish: NewTime, agreed: Proposal | None) -> Booking:
        """Hold the new time, free the old one, write and tell; `agreed` must still be the open proposal."""

        async def write(provider: User | None) -> Booking:
            current = await self._unchanged(seen)
            if agreed is not None and await self._open(current) != agreed:
                raise NotFound("Proposal not found")
            step = self._meaning.lifecycle.step(current.state, RESCHEDULE, caller.party)
            after = replace(self._moved(current, wish), state=step.state, moved_by=caller.party)
            if provider is not None:
                after = await self._holding.hold(after, provider)
                if after.date != current.date:
                    await self._holding.release(current)
            after = replace(after, revision=current.revision + 1)
            await self._bookings.rewrite(after, current.revision)
            await self._consequences.follow(caller, current, after)
            kind = "reschedule_done" if agreed is None else "reschedule_accepted"
            message = f"{after.service_name} begins at another time"
            facts = {"scheduled_date": clock.text(after.starts_at), "reason": wish.reason}
            await self._tell_other(caller, after, kind, message, facts)
            return after

        return await self._in_turn(seen, wish, write)

    async def _in_turn(self, seen: Booking, wish: NewTime, write: Callable[[User | None], Awaitable[T]]) -> T:
        """Run `write` with the booking's provider, when it is its turn with the booking and the day."""
        moved = self._moved(seen, wish)
        if seen.provider_id is None:
            return await self._database.together(lambda: write(None), [self._bookings.turn(seen.id)])
        provider = await self._eligibility.provider(seen.provider_id)
        return await self._holding.in_turn(provider, moved, lambda: write(provider))

    async def _propose(self, caller: Caller, seen: Booking, wish: NewTime) -> Rescheduled:
        """Ask the other side for a time that is free as yet."""

        async def write(provider: User | None) -> Rescheduled:
            booking, now = await self._unchanged(seen), clock.now()
            if booking.proposed_count >= MOST_MOVES:
                message = f"Another time is proposed at most {MOST_MOVES} times."
                raise InvalidMove(message, state=booking.state)
            moved = self._moved(booking, wish)
            if provider is not None:
                await self._holding.check(moved, provider)
            proposal = Proposal(
                id=booking.id,
                proposed_by=caller.user_id,
                party=caller.party,
                starts_at=moved.starts_at,
                window_start=moved.window_start,
                window_end=moved.window_end,
                reason=wish.reason,
                created_at=now,
                expires_at=min(now + ANSWER_WITHIN, booking.starts_at, moved.starts_at),
            )
            older = await self._proposals.get(booking.id)
            booking = await self._touch(replace(booking, proposed_count=booking.proposed_count + 1))
            await self._proposals.put(proposal)
            await self._audit.record(caller, older, proposal, "propose")
            message = f"Another time is proposed for {booking.service_name}"
            facts = {"proposed_date": clock.text(moved.starts_at), "reason": wish.reason}
            await self._tell_other(caller, booking, "reschedule_request", message, facts)
            return Rescheduled(booking, proposal)

        return await self._in_turn(seen, wish, write)

    async def _unchanged(self, seen: Booking) -> Booking:
        """Give the booking as it is now; raises InvalidMove when it is no longer what was decided on."""
        current = await self._bookings.get(seen.id)
        if current is None or (current.state, current.starts_at, current.provider_id) != (
            seen.state,
            seen.starts_at,
            seen.provider_id,
        ):
            raise InvalidMove("The booking has just changed; look at it again.", state=seen.state)
        return current

    async def _touch(self, booking: Booking) -> Booking:
        """Write the booking, so that whatever else happens to it at the same moment starts over."""
        after = replace(booking, revision=booking.revision + 1)
        await self._bookings.rewrite(after, booking.revision)
        return after

    async def _open(self, booking: Booking) -> Proposal | None:
        """Give the open proposal of a booking, whether or not the job came by since it lapsed."""
        found = await self._proposals.get(booking.id) if booking.proposed_count else None
        return found if found is not None and found.expires_at > clock.now() else None

    async def _answerable(self, caller: Caller, booking_id: str) -> tuple[Booking, Proposal]:
        booking = await self._visibility.get_as_party(caller, booking_id)
        proposal = await self._open(booking)
        if proposal is None:
            raise NotFound("Proposal not found")
        return booking, proposal

    async def _tell_other(
        self, caller: Caller, booking: Booking, kind: str, message: str, facts: Mapping[str, str]
    ) -> None:
        """Tell the side that did not do it; both when it was staff."""
        parties = {Party.CUSTOMER: booking.customer_id, Party.PROVIDER: booking.provider_id}
        others = [who for party, who in parties.items() if party is not caller.party and who is not None]
        await self._notifications.notify(others, kind, message, {"booking_id": booking.id, **facts})
