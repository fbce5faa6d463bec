"""Disputes: opened by a party, listed, withdrawn. Talk and mediation have files of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from server import clock
from server.domain.disputes import Dispute, DisputeState, DisputeType, Evidence, Severity
from server.domain.entities import Booking, User
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.errors import Conflict, Forbidden, InvalidMove
from server.services.audit import Audit
from server.services.bookings.visibility import Visibility
from server.services.disputes.dispute_cases import DisputeCases
from server.services.money.earnings import Earnings
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.disputes import DisputeMessages
from server.store.disputes import Disputes as DisputeStore
from server.store.users import Users

NOTHING_SHOWN = Evidence()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says went wrong."""

    booking_id: str
    kind: DisputeType
    title: str
    description: str
    evidence: Evidence = NOTHING_SHOWN


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """What a list is narrowed by; None means any."""

    state: DisputeState | None = None
    kind: DisputeType | None = None
    severity: Severity | None = None
    booking_id: str | None = None

    def query(self) -> dict[str, object]:
        given = {
            "booking_id": self.booking_id,
            "state": self.state,
            "kind": self.kind,
            "severity": self.severity,
        }
        return {name: value for name, value in given.items() if value is not None}


class Disputes:
    """While a dispute is unsettled, the provider's earning of the booking is on hold."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: DisputeStore,
        messages: DisputeMessages,
        users: Users,
        visibility: Visibility,
        earnings: Earnings,
        cases: DisputeCases,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._messages = meaning, database, store, messages
        self._users, self._visibility = users, visibility
        self._earnings, self._cases, self._audit = earnings, cases, audit

    async def create(self, caller: Caller, complaint: Complaint) -> Dispute:
        """Open a dispute about a visit; holds the earning, finds a mediator, tells the other side.

        raises : NotFound for another's booking, Forbidden for staff, InvalidMove before the work began or
                 long after it, Conflict while another dispute of the booking is unsettled
        """

        async def write() -> Dispute:
            booking = await self._visibility.get_as_party(caller, complaint.booking_id)
            if caller.user_id not in (booking.customer_id, booking.provider_id):
                raise Forbidden()
            waited = self._check_disputable(booking)
            await self._cases.meet(booking.id)
            if await self._store.open_of(booking.id) is not None:
                raise Conflict("The booking has an unsettled dispute.")
            dispute = self._draft(caller, booking, complaint, waited, await self._free_mediator())
            await self._store.insert(dispute)
            await self._audit.record(caller, None, dispute)
            await self._earnings.hold(caller, booking.id)
            concerned = dispute.concerned
            facts = {"dispute_type": dispute.kind, "severity": dispute.severity}
            await self._cases.tell(caller, dispute, concerned, "dispute_opened", dispute.title, **facts)
            return dispute

        return await self._database.together(write, [BookingStore.turn(complaint.booking_id)])

    async def list(
        self, caller: Caller, narrowed: DisputeFilter, paging: Paging
    ) -> tuple[Listed[Dispute], Mapping[str, int]]:
        """Give one page, newest first, and by id how many messages the caller has not read.

        Of the disputes the caller is party to; of all for mediators.
        """
        where = narrowed.query()
        if not self._cases.is_mediator(caller):
            side = "customer_id" if caller.party is Party.CUSTOMER else "provider_id"
            where = {side: caller.user_id, **where}
        listed = await self._store.listed(where, paging)
        return listed, await self._messages.unread(caller.user_id, [one.id for one in listed.items])

    async def get(self, caller: Caller, dispute_id: str) -> Dispute:
        """Give a dispute the caller may see; raises NotFound."""
        return await self._cases.get(caller, dispute_id)

    async def close(self, caller: Caller, dispute_id: str) -> Dispute:
        """Withdraw a dispute; only who opened it, or a mediator. Raises NotFound, Forbidden, InvalidMove."""

        async def write() -> Dispute:
            dispute = await self._cases.get(caller, dispute_id)
            if not self._cases.is_mediator(caller) and dispute.opened_by != caller.user_id:
                raise Forbidden()
            dispute.check_move(DisputeState.CLOSED)
            after = await self._cases.write(
                caller, dispute, replace(dispute, state=DisputeState.CLOSED), "close"
            )
            await self._cases.meet(dispute.booking_id)
            await self._earnings.resume(caller, dispute.booking_id)
            concerned = dispute.concerned
            message = f"Withdrawn: {dispute.title}"
            await self._cases.tell(caller, after, concerned, "dispute_resolved", message, status=after.state)
            return after

        return await self._database.together(write, [DisputeStore.turn(dispute_id)])

    def _check_disputable(self, booking: Booking) -> timedelta:
        """Give how long ago the visit was; raises InvalidMove unless it can be disputed now."""
        phase = self._meaning.lifecycle.phases[booking.state]
        if phase in (Phase.OFFERED, Phase.AGREED) or booking.provider_id is None:
            raise InvalidMove(f"A {booking.state} booking cannot be disputed.", state=booking.state)
        waited = clock.now() - (booking.completed_at or booking.cancelled_at or booking.ends_at)
        if waited > timedelta(days=self._meaning.dispute_days):
            raise InvalidMove(
                f"Disputes are opened within {self._meaning.dispute_days} days.", state=booking.state
            )
        return waited

    def _draft(
        self,
        caller: Caller,
        booking: Booking,
        complaint: Complaint,
        waited: timedelta,
        mediator: User | None,
    ) -> Dispute:
        now = clock.now()
        severity = self._meaning.severity.severity(
            complaint.kind,
            booking.price_minor,
            has_pictures=bool(complaint.evidence.photos),
            waited=waited,
        )
        return Dispute(
            id=str(uuid4()),
            booking_id=booking.id,
            service_name=booking.service_name,
            customer_id=booking.customer_id,
            customer_name=booking.customer_name,
            provider_id=booking.provider_id or 0,
            provider_name=booking.provider_name or "",
            opened_by=caller.user_id,
            kind=complaint.kind,
            severity=severity,
            title=complaint.title,
            description=complaint.description,
            evidence=complaint.evidence,
            state=DisputeState.OPEN,
            price_minor=booking.price_minor,
            created_at=now,
            updated_at=now,
            date=now.date().isoformat(),
            mediator_id=mediator.id if mediator else None,
            mediator_name=mediator.name if mediator else None,
        )

    async def _free_mediator(self) -> User | None:
        """Give the mediator with the fewest unsettled disputes, None when the marketplace has none."""
        staff = await self._users.with_roles(sorted(self._meaning.mediators))
        # One after the other: a transaction's statements never overlap.
        loads = [(await self._store.load_of(user.id), user.id) for user in staff]
        chosen = min(loads, default=None)
        return next((user for user in staff if chosen and user.id == chosen[1]), None)
