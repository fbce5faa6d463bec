"""Disputes: opened by a party, talked over, mediated, resolved once with or without a refund."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from server import clock
from server.domain.changes import Change
from server.domain.disputes import (
    Attachment,
    Dispute,
    DisputeMessage,
    DisputeState,
    DisputeType,
    Severity,
    severity_of,
)
from server.domain.entities import Booking, User
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.errors import Conflict, Forbidden, Invalid, InvalidMove, NotFound
from server.services.audit import Audit
from server.services.earnings import Earnings
from server.services.notifications import Notifications
from server.services.settlement import Settlement
from server.services.uploads import Uploads
from server.services.visibility import Visibility
from server.store.bookings import BookingStore
from server.store.changes import Changes
from server.store.database import Database
from server.store.disputes import DisputeMessages
from server.store.disputes import Disputes as DisputeStore
from server.store.users import Users

OPEN_FOR = timedelta(days=30)
"""How long after a visit a dispute may be opened."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says went wrong."""

    booking_id: str
    kind: DisputeType
    title: str
    description: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """What a list is narrowed by; None means any."""

    state: DisputeState | None = None
    kind: DisputeType | None = None
    severity: Severity | None = None
    booking_id: str | None = None

    def query(self) -> dict[str, object]:
        given = {
            "state": self.state,
            "kind": self.kind,
            "severity": self.severity,
            "booking_id": self.booking_id,
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
        changes: Changes,
        users: Users,
        visibility: Visibility,
        bookings: BookingStore,
        settlement: Settlement,
        earnings: Earnings,
        notifications: Notifications,
        uploads: Uploads,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._messages = meaning, database, store, messages
        self._changes, self._users = changes, users
        self._visibility, self._bookings = visibility, bookings
        self._settlement, self._earnings, self._notifications = settlement, earnings, notifications
        self._uploads, self._audit = uploads, audit

    async def create(self, caller: Caller, complaint: Complaint) -> Dispute:
        """Open a dispute about a visit; holds the earning, finds a mediator, tells the other side.

        raises : NotFound for another's booking, InvalidMove before the work began or long after it,
                 Conflict while another dispute of the booking is unsettled
        """

        async def write() -> Dispute:
            booking = await self._visibility.get_as_party(caller, complaint.booking_id)
            if caller.user_id not in (booking.customer_id, booking.provider_id):
                raise Forbidden()
            self._check_disputable(booking)
            # Two at once meet in the booking's revision, so that the second starts over and sees the first.
            await self._bookings.rewrite(replace(booking, revision=booking.revision + 1), booking.revision)
            if await self._store.open_of(booking.id) is not None:
                raise Conflict("The booking has an unsettled dispute.")
            dispute = self._draft(caller, booking, complaint, await self._free_mediator())
            await self._store.insert(dispute)
            await self._audit.record(caller, None, dispute)
            await self._earnings.hold(caller, booking.id)
            others = {booking.customer_id, booking.provider_id, dispute.mediator_id}
            await self._tell(dispute, others - {caller.user_id}, "dispute_opened", dispute.title)
            return dispute

        return await self._database.together(write)

    async def list(self, caller: Caller, narrowed: DisputeFilter, paging: Paging) -> Listed[Dispute]:
        """Give one page of the disputes the caller is party to, or for staff of all, newest first."""
        where = narrowed.query()
        if not caller.is_staff:
            side = "customer_id" if caller.party is Party.CUSTOMER else "provider_id"
            where[side] = caller.user_id
        return await self._store.listed(where, paging)

    async def get(self, caller: Caller, dispute_id: str) -> Dispute:
        """Give a dispute the caller is party to; raises NotFound."""
        dispute = await self._store.get(dispute_id)
        if dispute is None or not may_see(caller, dispute):
            raise NotFound("Dispute not found")
        return dispute

    async def messages(self, caller: Caller, dispute_id: str, paging: Paging) -> Listed[DisputeMessage]:
        """Give one page of what was said, oldest first; what others wrote counts as read by the caller."""
        await self.get(caller, dispute_id)
        listed = await self._messages.of(dispute_id, paging)
        unread = [
            one.id
            for one in listed.items
            if one.sender_id != caller.user_id and caller.user_id not in one.read_by
        ]
        await self._messages.mark_read(unread, caller.user_id)
        return listed.map(
            lambda one: replace(one, read_by=(*one.read_by, caller.user_id)) if one.id in unread else one
        )

    async def send(
        self, caller: Caller, dispute_id: str, kind: str, content: str, attachment: Path | None
    ) -> DisputeMessage:
        """Write to the other side; raises NotFound, InvalidMove once it is settled, Invalid, Busy."""
        dispute = await self.get(caller, dispute_id)
        _check_unsettled(dispute)
        kept = await self._uploads.document("disputes", attachment, "attachment") if attachment else None
        sender = await self._user(caller.user_id)
        recipient_id, recipient_name = _other_side(dispute, caller)
        message = DisputeMessage(
            id=str(uuid4()),
            dispute_id=dispute.id,
            sender_id=caller.user_id,
            sender_name=sender.name,
            recipient_id=recipient_id,
            recipient_name=recipient_name,
            kind=kind,
            content=content,
            created_at=clock.now(),
            attachment=Attachment(kept.key, kept.content_type, kept.size_bytes) if kept else None,
        )

        async def write() -> None:
            current = await self.get(caller, dispute_id)
            _check_unsettled(current)
            await self._messages.insert(message)
            after = replace(current, messages_count=current.messages_count + 1)
            if caller.user_id == current.provider_id and current.provider_answered_at is None:
                after = replace(after, provider_answered_at=message.created_at)
            await self._write(caller, current, after, "message")
            everyone = {current.customer_id, current.provider_id, current.mediator_id} - {caller.user_id}
            facts = {"message_id": message.id, "sender_name": sender.name, "content": content}
            await self._tell(current, everyone, "dispute_message", content, facts)

        await self._database.together(write)
        return message

    async def assign(self, caller: Caller, dispute_id: str, mediator_id: int) -> Dispute:
        """Make a member of staff the mediator; raises NotFound, Invalid, InvalidMove once it is settled."""

        async def write() -> Dispute:
            dispute = await self.get(caller, dispute_id)
            _check_unsettled(dispute)
            mediator = await self._users.get(mediator_id)
            if mediator is None or mediator.role not in self._meaning.mediators:
                raise Invalid({"mediator_id": ["Not somebody who can mediate."]})
            after = replace(
                dispute, mediator_id=mediator.id, mediator_name=mediator.name, state=DisputeState.IN_PROGRESS
            )
            await self._write(caller, dispute, after, "assign")
            await self._tell(after, {mediator.id}, "dispute_opened", dispute.title)
            return after

        return await self._database.together(write)

    async def resolve(
        self, caller: Caller, dispute_id: str, notes: str, amount_minor: int, kind: str | None
    ) -> Dispute:
        """End a dispute, once, with a refund of 0 up to the price.

        raises : NotFound, Invalid for an amount beyond the price or what was paid, InvalidMove
        """

        async def write() -> Dispute:
            dispute = await self.get(caller, dispute_id)
            dispute.check_move(DisputeState.RESOLVED)
            if amount_minor > dispute.price_minor:
                raise Invalid({"resolution_minor": ["More than the booking's price."]})
            now = clock.now()
            after = replace(
                dispute,
                state=DisputeState.RESOLVED,
                resolution_notes=notes,
                resolution_minor=amount_minor,
                resolution_type=kind or _resolution(amount_minor, dispute.price_minor),
                resolved_by=caller.user_id,
                resolved_at=now,
            )
            await self._write(caller, dispute, after, "resolve")
            await self._earnings.resume(caller, dispute.booking_id)
            if amount_minor:
                await self._settlement.refund(caller, dispute.booking_id, amount_minor, dispute.id)
            parties: set[int | None] = {dispute.customer_id, dispute.provider_id}
            await self._tell(after, parties, "dispute_resolved", f"Resolved: {dispute.title}")
            return after

        return await self._database.together(write)

    async def close(self, caller: Caller, dispute_id: str) -> Dispute:
        """Withdraw a dispute; only who opened it, or staff. Raises NotFound, Forbidden, InvalidMove."""

        async def write() -> Dispute:
            dispute = await self.get(caller, dispute_id)
            if not caller.is_staff and dispute.opened_by != caller.user_id:
                raise Forbidden()
            dispute.check_move(DisputeState.CLOSED)
            after = replace(dispute, state=DisputeState.CLOSED)
            await self._write(caller, dispute, after, "close")
            await self._earnings.resume(caller, dispute.booking_id)
            return after

        return await self._database.together(write)

    async def timeline(self, caller: Caller, dispute_id: str) -> Sequence[Change]:
        """Give what happened to a dispute, oldest first; raises NotFound."""
        await self.get(caller, dispute_id)
        return await self._changes.of_subject("Dispute", dispute_id)

    def _check_disputable(self, booking: Booking) -> None:
        phase = self._meaning.lifecycle.phases[booking.state]
        if phase in (Phase.OFFERED, Phase.AGREED) or booking.provider_id is None:
            raise InvalidMove(f"A {booking.state} booking cannot be disputed.", state=booking.state)
        if clock.now() - (booking.completed_at or booking.ends_at) > OPEN_FOR:
            raise InvalidMove(f"Disputes are opened within {OPEN_FOR.days} days.", state=booking.state)

    def _draft(
        self, caller: Caller, booking: Booking, complaint: Complaint, mediator: User | None
    ) -> Dispute:
        now = clock.now()
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
            severity=severity_of(complaint.kind, booking.price_minor),
            title=complaint.title,
            description=complaint.description,
            evidence=dict(complaint.evidence),
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
        waiting = [dispute.mediator_id for dispute in await self._store.unsettled()]
        return min(staff, key=lambda user: (waiting.count(user.id), user.id), default=None)

    async def _user(self, user_id: int) -> User:
        user = await self._users.get(user_id)
        if user is None:
            raise NotFound("User not found")
        return user

    async def _tell(
        self,
        dispute: Dispute,
        user_ids: set[int | None],
        kind: str,
        message: str,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        about = {"dispute_id": dispute.id, "booking_id": dispute.booking_id, **(facts or {})}
        known = sorted(user_id for user_id in user_ids if user_id is not None)
        await self._notifications.notify(known, kind, message, about)

    async def _write(self, caller: Caller, before: Dispute, after: Dispute, action: str) -> None:
        after = replace(after, updated_at=clock.now(), revision=before.revision + 1)
        await self._store.rewrite(after, before.revision)
        await self._audit.record(caller, before, after, action)


def may_see(caller: Caller, dispute: Dispute) -> bool:
    """Say whether a dispute and what hangs on it are the caller's to see."""
    return caller.is_staff or caller.user_id in (dispute.customer_id, dispute.provider_id)


def _check_unsettled(dispute: Dispute) -> None:
    if dispute.state not in (DisputeState.OPEN, DisputeState.IN_PROGRESS):
        raise InvalidMove(f"The dispute is {dispute.state}.", state=dispute.state)


def _other_side(dispute: Dispute, caller: Caller) -> tuple[int | None, str | None]:
    """Give whom a message is for: the other party, or for staff who opened the dispute."""
    if caller.user_id == dispute.customer_id or (
        caller.is_staff and dispute.opened_by == dispute.provider_id
    ):
        return dispute.provider_id, dispute.provider_name
    return dispute.customer_id, dispute.customer_name


def _resolution(amount_minor: int, price_minor: int) -> str:
    if amount_minor == 0:
        return "no_refund"
    return "full_refund" if amount_minor >= price_minor else "partial_refund"
