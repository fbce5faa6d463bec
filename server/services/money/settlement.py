"""What the gateway is to do: written with the change that demands it, carried out after the commit.

An order's key is the gateway's idempotency key, so that a crash between the gateway's answer and our note of
it costs a repetition and no cent. A job carries out whatever was left behind.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from server import clock
from server.domain.parties import Caller
from server.domain.payments import (
    PAID,
    UNPAID,
    GatewayOrder,
    OrderAction,
    Payment,
    PaymentKind,
    PaymentState,
)
from server.errors import Busy, Invalid
from server.gateways.payments import NotYet, PaymentGateway, Refused
from server.services.money.payments import Payments
from server.store.database import Database
from server.store.payments import GatewayOrders
from server.store.payments import Payments as PaymentStore

log = structlog.get_logger("settlement")

BATCH = 50
CLAIM = timedelta(minutes=2)
OLDEST = timedelta(days=60)
LONGEST_PAUSE = timedelta(hours=1)


class Settlement:
    """Captures, refunds, cancels."""

    def __init__(
        self,
        database: Database,
        payments: Payments,
        store: PaymentStore,
        orders: GatewayOrders,
        gateway: PaymentGateway,
    ) -> None:
        self._database, self._payments, self._store = database, payments, store
        self._orders, self._gateway = orders, gateway

    async def capture(self, caller: Caller | None, booking_id: str) -> None:
        """Take a booking's money as soon as it can be had; call inside the transaction that allows it."""
        payment = await self._store.of_booking(booking_id)
        if payment is None or payment.status not in UNPAID or payment.is_wanted:
            return
        await self._payments.write(caller, payment, replace(payment, is_wanted=True))
        await self._order(payment, OrderAction.CAPTURE, payment.amount_minor, f"capture-{payment.id}")

    async def refund(self, caller: Caller | None, booking_id: str, amount_minor: int, key: str) -> None:
        """Give part of a booking's money back, once for a key; inside the transaction that decides it.

        Money that has not been taken yet is not taken: the payment shrinks, or is cancelled.

        raises : Invalid when there is not so much to give back
        """
        payment = await self._store.of_booking(booking_id)
        if payment is None:
            raise Invalid({"amount": ["There is no payment to give back."]})
        if await self._orders.get(f"refund-{key}") is not None:
            return
        unpaid = payment.status in UNPAID
        if amount_minor > (payment.amount_minor if unpaid else payment.refundable_minor):
            raise Invalid({"amount": ["More than what was paid."]})
        if not unpaid:
            promised = replace(payment, refunding_minor=payment.refunding_minor + amount_minor)
            await self._payments.write(caller, payment, promised)
            await self._order(payment, OrderAction.REFUND, amount_minor, f"refund-{key}")
        elif amount_minor < payment.amount_minor:
            less = replace(payment, amount_minor=payment.amount_minor - amount_minor)
            await self._payments.write(caller, payment, less)
        else:
            await self._payments.write(caller, payment, replace(payment, status=PaymentState.CANCELLED))
            await self._order(payment, OrderAction.CANCEL, 0, f"cancel-{payment.id}")

    async def refunded_at(self, key: str) -> datetime | None:
        """Give when the refund of a key was carried out, None while it is not, or when there is none."""
        order = await self._orders.get(f"refund-{key}")
        return order.done_at if order else None

    async def authorised(self, payment: Payment) -> None:
        """Have a capture that waits for its customer carried out now; call inside a transaction."""
        if payment.is_wanted:
            await self._orders.change(f"capture-{payment.id}", {"due_at": clock.now()})

    async def settle_by_hand(self, caller: Caller, payment_id: str) -> Payment:
        """Note that an open payment was settled otherwise, once; raises NotFound, InvalidMove."""

        async def write() -> Payment:
            payment = await self._payments.get(caller, payment_id)
            after = await self._payments.complete(caller, payment, PaymentKind.MANUAL, None)
            await self._order(payment, OrderAction.CANCEL, 0, f"cancel-{payment.id}")
            return after

        return await self._database.together(write)

    async def settle_due(self) -> int:
        """Carry out the orders whose time has come and give how many; safe to run anywhere, twice."""
        now = clock.now()
        due = await self._orders.due(now - OLDEST, now, BATCH)
        done = 0
        for order in due:
            if await self._orders.claim(order, now + CLAIM):
                done += await self._carry_out(order)
        return done

    async def _order(self, payment: Payment, action: OrderAction, amount_minor: int, key: str) -> None:
        now = clock.now()
        if await self._orders.get(key) is None:
            await self._orders.insert(GatewayOrder(key, payment.id, action, amount_minor, now, now))
        if self._gateway.answers_at_once:
            self._database.after_commit(self._settle_now)

    async def _settle_now(self) -> None:
        await self.settle_due()

    async def _carry_out(self, order: GatewayOrder) -> bool:
        payment = await self._store.get(order.payment_id)
        if payment is None:
            return False
        try:
            charge_id = await self._ask(order, payment)
        except NotYet:
            await self._orders.change(order.id, {"due_at": None, "round": order.round + 1})
            return False
        except Busy:
            pause = min(timedelta(seconds=5) * 2**order.attempts, LONGEST_PAUSE)
            attempt = {"due_at": clock.now() + pause, "attempts": order.attempts + 1}
            await self._orders.change(order.id, attempt)
            return False
        except Refused as refused:
            log.error("the gateway refused", order=order.id, reason=str(refused))
            await self._orders.change(order.id, {"due_at": None, "done_at": clock.now()})
            return False
        await self._database.together(lambda: self._note(order, charge_id))
        return True

    async def _ask(self, order: GatewayOrder, payment: Payment) -> str | None:
        """Have the gateway do it; gives the charge's id after a capture."""
        if order.action is OrderAction.CAPTURE:
            if payment.status not in UNPAID:
                return None
            return await self._gateway.capture(payment.intent_id, payment.amount_minor, order.key)
        if payment.kind is PaymentKind.MANUAL and order.action is OrderAction.REFUND:
            return None  # what was settled by hand is given back by hand
        if order.action is OrderAction.REFUND:
            await self._gateway.refund(payment.intent_id, order.amount_minor, order.key)
        else:
            await self._call_off(order, payment)
        return None

    async def _call_off(self, order: GatewayOrder, payment: Payment) -> None:
        """Cancel an intent; what had been taken in that very moment is given back, not kept twice."""
        try:
            await self._gateway.cancel(payment.intent_id, order.key)
        except Refused:
            await self._gateway.refund(payment.intent_id, payment.amount_minor, f"{order.key}-taken")

    async def _note(self, order: GatewayOrder, charge_id: str | None) -> None:
        """Write what the gateway did, once."""
        kept = await self._orders.get(order.id)
        payment = await self._store.get(order.payment_id)
        if kept is None or payment is None or kept.done_at is not None:
            return
        await self._orders.change(order.id, {"due_at": None, "done_at": clock.now()})
        if order.action is OrderAction.CAPTURE and payment.status in UNPAID:
            await self._payments.complete(None, payment, payment.kind, charge_id)
        elif order.action is OrderAction.REFUND and payment.status in PAID:
            amount = order.amount_minor
            await self._payments.give_back(payment, amount, order.id, promised_minor=amount)
