"""The customer's signature under finished work: asked for by the provider, given or refused once."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from server import clock
from server.domain.disputes import DisputeType
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.domain.signatures import Signature, SignatureState
from server.errors import Forbidden, InvalidMove, NotFound
from server.services.audit import Audit
from server.services.bookings.visibility import Visibility
from server.services.disputes.disputes import Complaint, Disputes
from server.services.money.settlement import Settlement
from server.services.talk.notifications import Notifications
from server.store.database import Database
from server.store.signatures import Signatures as SignatureStore
from server.store.users import Users

OPEN_FOR = timedelta(hours=48)
REMINDED = timedelta(hours=12)
"""How long before its end a signature is asked for once more, unasked."""
BATCH = 100


class Signatures:
    """A signature counts the rating and takes the money, in the transaction that writes it."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: SignatureStore,
        users: Users,
        visibility: Visibility,
        settlement: Settlement,
        disputes: Disputes,
        notifications: Notifications,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._users = meaning, database, store, users
        self._visibility, self._settlement, self._disputes = visibility, settlement, disputes
        self._notifications, self._audit = notifications, audit

    async def request(self, caller: Caller, booking_id: str) -> Signature:
        """Ask the customer to sign, and give the signature: the same one however often it is asked for.

        One that expired or was refused opens anew.
        raises : NotFound, Forbidden (another's booking), InvalidMove before the work is done or once it was
                 signed
        """

        async def write() -> Signature:
            booking = await self._visibility.get(caller, booking_id)
            if booking.provider_id != caller.user_id:
                raise Forbidden()
            if self._meaning.lifecycle.phases[booking.state] is not Phase.DONE:
                message = f"A {booking.state} booking cannot be signed yet."
                raise InvalidMove(message, state=booking.state, action="request a signature")
            kept, now = await self._store.of_booking(booking_id), clock.now()
            if kept is not None and kept.at(now).state is SignatureState.PENDING:
                return kept
            asked = _asked(booking, caller, now)
            if kept is None:
                await self._store.insert(asked)
                await self._audit.record(caller, None, asked)
            else:
                kept.at(now).check_move(SignatureState.PENDING)
                asked = replace(asked, id=kept.id)
                await self._write(caller, kept, asked)
            await self._ask(asked)
            return asked

        return await self._database.together(write)

    async def sign(self, caller: Caller, signature_id: str, rating: int, comments: str) -> Signature:
        """Sign, once: the rating counts and the money is taken; rating 1..5.

        raises : NotFound for another's signature, InvalidMove when it is not open
        """

        async def write() -> Signature:
            kept = await self._own(caller, signature_id, SignatureState.SIGNED)
            signed = replace(
                kept,
                state=SignatureState.SIGNED,
                signed_at=clock.now(),
                rating=rating,
                comments=comments,
            )
            signed = replace(signed, digest=signed.digest_now())
            await self._write(caller, kept, signed)
            await self._users.count_rating(kept.provider_id, rating)
            await self._settlement.capture(caller, kept.booking_id)
            message = f"{kept.service_name} was signed with {rating} of 5"
            await self._tell(kept.provider_id, "signature_signed", message, kept)
            return signed

        return await self._database.together(write)

    async def refuse(
        self, caller: Caller, signature_id: str, reason: str, *, open_dispute: bool
    ) -> Signature:
        """Refuse to sign, and on request open a dispute; raises as `sign` and `Disputes.create` do."""

        async def write() -> Signature:
            kept = await self._own(caller, signature_id, SignatureState.REFUSED)
            refused = replace(kept, state=SignatureState.REFUSED, reason=reason)
            await self._write(caller, kept, refused)
            await self._tell(
                kept.provider_id, "signature_refused", f"{kept.service_name} was not signed", kept
            )
            if open_dispute:
                title = f"Signature refused for {kept.service_name}"
                complaint = Complaint(kept.booking_id, DisputeType.SIGNATURE_REFUSAL, title, reason)
                await self._disputes.create(caller, complaint)
            return refused

        return await self._database.together(write)

    async def get(self, caller: Caller, signature_id: str) -> Signature:
        """Give a signature the caller is party to; raises NotFound."""
        kept = await self._store.get(signature_id)
        parties = () if kept is None else (kept.customer_id, kept.provider_id)
        if kept is None or not (caller.is_staff or caller.user_id in parties):
            raise NotFound("Signature not found")
        return kept.at(clock.now())

    async def list(
        self, caller: Caller, state: SignatureState | None, booking_id: str | None, paging: Paging
    ) -> Listed[Signature]:
        """Give one page of the signatures the caller is party to, newest first."""
        where: dict[str, object] = {}
        if not caller.is_staff:
            side = "customer_id" if caller.party is Party.CUSTOMER else "provider_id"
            where[side] = caller.user_id
        if booking_id is not None:
            where["booking_id"] = booking_id
        now = clock.now()
        listed = await self._store.listed(where, state, now, paging)
        return listed.map(lambda one: one.at(now))

    async def expire_due(self) -> int:
        """Close the signatures whose time is over and tell both sides; gives how many."""
        now = clock.now()
        due = await self._store.waiting(now - timedelta(days=30), now, BATCH)
        return sum([await self._database.together(partial(self._expire, one.id)) for one in due])

    async def remind(self, within: timedelta) -> int:
        """Ask again for signatures that expire within a time; gives how many were asked for.

        Each is asked for once in every day since it was requested, however often this is called.
        """
        now = clock.now()
        soon = await self._store.waiting(now, now + within)
        return sum([await self._database.together(partial(self._remind, one.id)) for one in soon])

    async def _expire(self, signature_id: str) -> bool:
        kept = await self._store.get(signature_id)
        if kept is None or kept.at(clock.now()) is kept:  # given, refused or asked for anew meanwhile
            return False
        await self._write(None, kept, replace(kept, state=SignatureState.EXPIRED))
        message = f"The signature for {kept.service_name} was not given in time"
        for user_id in (kept.customer_id, kept.provider_id):
            await self._tell(user_id, "signature_expired", message, kept)
        return True

    async def _remind(self, signature_id: str) -> int:
        kept = await self._store.get(signature_id)
        if kept is None or kept.at(clock.now()).state is not SignatureState.PENDING:
            return 0
        day = (clock.now() - kept.requested_at).days
        return await self._ask(kept, once=f"{kept.id}:{kept.requested_at.isoformat()}:{day}")

    async def _own(self, caller: Caller, signature_id: str, to: SignatureState) -> Signature:
        """Give the caller's signature, which may go to a state; raises NotFound, InvalidMove."""
        kept = await self._store.get(signature_id)
        if kept is None or kept.customer_id != caller.user_id:
            raise NotFound("Signature not found")
        kept.at(clock.now()).check_move(to)
        return kept

    async def _ask(self, asked: Signature, once: str | None = None) -> int:
        message = f"Signature requested for {asked.service_name}"
        return await self._tell(asked.customer_id, "signature_request", message, asked, once)

    async def _tell(
        self, user_id: int, kind: str, message: str, about: Signature, once: str | None = None
    ) -> int:
        facts = {"signature_id": about.id, "booking_id": about.booking_id}
        return await self._notifications.notify([user_id], kind, message, facts, once=once)

    async def _write(self, caller: Caller | None, before: Signature, after: Signature) -> None:
        await self._store.rewrite(replace(after, revision=before.revision + 1), before.revision)
        await self._audit.record(caller, before, after)


def _asked(booking: Booking, provider: Caller, now: datetime) -> Signature:
    """Give a fresh request for the signature under a booking."""
    return Signature(
        id=str(uuid4()),
        booking_id=booking.id,
        service_name=booking.service_name,
        customer_id=booking.customer_id,
        provider_id=provider.user_id,
        state=SignatureState.PENDING,
        requested_at=now,
        expires_at=now + OPEN_FOR,
    )
