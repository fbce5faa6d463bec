"""Payments: a booking's is opened when the work is done, at the booked price; each is completed once."""

from collections.abc import Collection
from dataclasses import replace

from server import clock
from server.domain.entities import Booking
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.domain.payments import UNPAID, Payment, PaymentKind, PaymentState
from server.errors import InvalidMove, NotFound
from server.gateways.payments import Intent, PaymentGateway
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.services.bookings import announcements
from server.services.bookings.new_ids import NewIds
from server.services.memory import Memory
from server.services.money.earnings import Earnings
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.payments import Payments as PaymentStore

OPEN = "requires_payment_method"
REMEMBERED_INTENTS = 1000
"""As many as may be under way between a gateway's answer and the transaction that writes it down."""


class Payments:
    """One payment a booking, however often it is asked for; direct ones are opened by `DirectPayments`."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        store: PaymentStore,
        bookings: BookingStore,
        gateway: PaymentGateway,
        earnings: Earnings,
        new_ids: NewIds,
        notifications: Notifications,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store, self._bookings = meaning, database, store, bookings
        self._gateway, self._earnings = gateway, earnings
        self._new_ids = new_ids
        self._prepared: Memory[tuple[str, int], Intent] = Memory(REMEMBERED_INTENTS)
        self._notifications, self._outbox, self._audit = notifications, outbox, audit

    async def prepare(self, booking_id: str, amount_minor: int) -> Intent:
        """Have the gateway open an intent and give it; asked before a transaction, `open` waits for nothing.

        One that is never used holds no money and lapses. raises : Busy when the gateway is away
        """
        known = self._prepared.get((booking_id, amount_minor))
        if known is None:
            known = await self._gateway.open(booking_id, amount_minor, self._meaning.currency)
            self._prepared.put((booking_id, amount_minor), known)
        return known

    async def open(
        self,
        caller: Caller | None,
        booking: Booking,
        amount_minor: int,
        kind: PaymentKind = PaymentKind.AUTOMATIC,
    ) -> Payment:
        """Open the booking's payment and keep it; the gateway gives one intent a booking.

        raises : Busy when the gateway is away, and nothing is written then
        """
        if booking.provider_id is None:
            raise NotFound("Provider not found")
        intent = await self.prepare(booking.id, amount_minor)
        now = clock.now()
        payment = Payment(
            id=await self._new_ids.of("payments"),
            booking_id=booking.id,
            customer_id=booking.customer_id,
            provider_id=booking.provider_id,
            customer_name=booking.customer_name,
            provider_name=booking.provider_name or "",
            description=booking.service_name,
            amount_minor=intent.amount_minor,
            currency=self._meaning.currency,
            status=PaymentState.PENDING,
            kind=kind,
            intent_id=intent.id,
            secret=intent.secret,
            created_at=now,
            updated_at=now,
        )
        return await self.add(caller, payment)

    async def add(self, caller: Caller | None, payment: Payment) -> Payment:
        """Keep an opened payment and give it; call inside a transaction."""
        await self._store.insert(payment)
        await self._audit.record(caller, None, payment)
        return payment

    async def intent(self, booking: Booking) -> Intent:
        """Give the intent of a booking's payment; raises NotFound when none was opened."""
        payment = await self._store.of_booking(booking.id)
        if payment is None:
            raise NotFound("Payment not found")
        return Intent(payment.intent_id, payment.secret, payment.amount_minor, OPEN)

    async def list(
        self,
        caller: Caller,
        statuses: Collection[PaymentState],
        booking_id: str | None,
        paging: Paging,
    ) -> Listed[Payment]:
        """Give one page of the payments the caller is party to, or for staff of all, newest first.

        statuses : any of these; none: whatever they are
        """
        where: dict[str, object] = {}
        if not caller.is_staff:
            side = "customer_id" if caller.party is Party.CUSTOMER else "provider_id"
            where[side] = caller.user_id
        if statuses:
            where["status"] = {"$in": sorted(statuses)}
        if booking_id is not None:
            where["booking_id"] = booking_id
        return await self._store.listed(where, paging)

    async def get(self, caller: Caller, payment_id: str) -> Payment:
        """Give a payment the caller is party to; raises NotFound."""
        payment = await self._store.get(payment_id)
        if payment is None or not (
            caller.is_staff or caller.user_id in (payment.customer_id, payment.provider_id)
        ):
            raise NotFound("Payment not found")
        return payment

    async def complete(
        self, caller: Caller | None, payment: Payment, kind: PaymentKind, charge_id: str | None
    ) -> Payment:
        """Note that the money has come, share it, and tell both sides; call inside a transaction.

        raises : InvalidMove when it came before, Stale when somebody else changed the payment meanwhile
        """
        if payment.status not in UNPAID:
            raise InvalidMove(f"The payment is {payment.status.replace('_', ' ')}.", state=payment.status)
        booking = await self._booking(payment)
        if booking is not None:
            # A dispute that begins or ends meanwhile claims it too: it holds the earning or sees none.
            claimed = replace(booking, revision=booking.revision + 1)
            await self._bookings.rewrite(claimed, booking.revision)
        now = clock.now()
        after = replace(
            payment,
            status=PaymentState.COMPLETED,
            kind=kind,
            charge_id=charge_id,
            processed_by=caller.user_id if caller else None,
            processed_at=now,
        )
        after = await self.write(caller, payment, after)
        await self._earnings.open(caller, after, booking)
        about = {**payment.about(), "amount_minor": payment.amount_minor}
        message = f"The payment for {_subject(payment, booking)} is complete"
        parties = [payment.customer_id, payment.provider_id]
        await self._notifications.notify(parties, "payment_completed", message, about)
        await self._outbox.add(announcements.paid(after))
        return after

    async def give_back(self, payment: Payment, amount_minor: int, key: str, *, promised_minor: int) -> None:
        """Note that part of a completed payment was given back, once for a key; call inside a transaction.

        promised_minor : how much of it had been promised before
        """
        refunded = payment.refunded_minor + amount_minor
        is_whole = refunded >= payment.amount_minor
        after = replace(
            payment,
            refunded_minor=refunded,
            refunding_minor=payment.refunding_minor - promised_minor,
            status=PaymentState.REFUNDED if is_whole else PaymentState.PARTIALLY_REFUNDED,
        )
        await self.write(None, payment, after)
        booking = await self._booking(payment)
        await self._earnings.give_back(None, payment, booking, amount_minor, key)
        about = {**payment.about(), "amount_minor": amount_minor}
        message = f"A refund for {_subject(payment, booking)} is on its way"
        await self._notifications.notify([payment.customer_id], "payment_refunded", message, about)

    async def _booking(self, payment: Payment) -> Booking | None:
        """Give a payment's booking, None for a direct one; raises NotFound for one whose booking is gone."""
        if payment.booking_id is None:
            return None
        booking = await self._bookings.get(payment.booking_id)
        if booking is None:
            raise NotFound("Booking not found")
        return booking

    async def write(self, caller: Caller | None, before: Payment, after: Payment) -> Payment:
        """Keep a changed payment and give it; raises Stale when it is not the one that was read."""
        after = replace(after, updated_at=clock.now(), revision=before.revision + 1)
        await self._store.rewrite(after, before.revision)
        await self._audit.record(caller, before, after)
        return after


def _subject(payment: Payment, booking: Booking | None) -> str:
    return booking.service_name if booking else payment.description
