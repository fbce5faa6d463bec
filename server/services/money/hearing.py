"""What the payment gateway tells by itself: each event has its effect once, in whatever order they come."""

from dataclasses import replace

import structlog

from server import clock
from server.domain.payments import PAID, UNPAID, Payment, PaymentState
from server.errors import Conflict, NotFound
from server.gateways.payment_events import Heard, PaymentEvent, read_event
from server.services.money.payments import Payments
from server.services.money.payout_accounts import PayoutAccounts
from server.services.money.settlement import Settlement
from server.services.talk.notifications import Notifications
from server.settings import Settings
from server.store.database import Database
from server.store.payments import HeardEvent, HeardEvents
from server.store.payments import Payments as PaymentStore

log = structlog.get_logger("hearing")


class Hearing:
    """An event that comes late changes nothing that happened since."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        heard: HeardEvents,
        store: PaymentStore,
        payments: Payments,
        settlement: Settlement,
        accounts: PayoutAccounts,
        notifications: Notifications,
    ) -> None:
        self._secrets = [one for one in (settings.stripe_webhook_secret or "").split(",") if one.strip()]
        self._database, self._heard, self._store = database, heard, store
        self._payments, self._settlement, self._accounts = payments, settlement, accounts
        self._notifications = notifications

    async def hear(self, raw: bytes, signature: str) -> None:
        """Take an event of the gateway, once.

        raises : NotFound when no secret is set, Malformed for a body that is not the gateway's
        """
        if not self._secrets:
            raise NotFound()
        event = read_event(raw, signature, self._secrets)

        async def write() -> None:
            if await self._heard.get(event.id) is not None:
                return
            await self._heard.insert(HeardEvent(event.id, clock.now()))
            if event.account is not None:
                await self._accounts.told(event.account_id, event.account, event.at)
            elif event.heard is not None:
                await self._follow(event.heard, event)

        try:
            await self._database.together(write)
        except Conflict:
            if await self._heard.get(event.id) is None:
                raise  # the gateway will tell it again
            log.info("an event came twice at once", event_id=event.id)

    async def _follow(self, heard: Heard, event: PaymentEvent) -> None:
        """Draw the consequence of an event about a payment; most have none once it is paid."""
        payment = await self._store.of_intent(event.intent_id)
        if payment is None:
            return
        if heard is Heard.REFUNDED:
            await self._give_back(payment, event)
        elif payment.status in UNPAID:
            await self._advance(payment, heard, event)

    async def _advance(self, payment: Payment, heard: Heard, event: PaymentEvent) -> None:
        told = replace(payment, told_at=event.at)
        match heard:
            case Heard.SUCCEEDED:
                await self._payments.complete(None, told, payment.kind, event.charge_id)
            case Heard.AUTHORIZED:
                after = replace(told, status=PaymentState.AUTHORIZED)
                await self._settlement.authorised(await self._payments.write(None, payment, after))
            case Heard.PROCESSING if payment.told_at is None or payment.told_at < event.at:
                await self._payments.write(None, payment, replace(told, status=PaymentState.PROCESSING))
            case Heard.FAILED if payment.told_at is None or payment.told_at <= event.at:
                await self._fail(payment, replace(told, status=PaymentState.FAILED))
            case Heard.CANCELLED:
                await self._fail(payment, replace(told, status=PaymentState.CANCELLED))

    async def _fail(self, before: Payment, after: Payment) -> None:
        await self._payments.write(None, before, after)
        message = "Your payment did not go through"
        await self._notifications.notify([after.customer_id], "payment_failed", message, after.about())

    async def _give_back(self, payment: Payment, event: PaymentEvent) -> None:
        """Follow a refund that was made at the gateway; those of bookings are ordered and noted by us."""
        if payment.booking_id is not None:
            return
        if payment.status in UNPAID:  # the news that it was paid is still under way
            payment = await self._payments.complete(None, payment, payment.kind, event.charge_id)
        refunded = min(event.refunded_minor, payment.amount_minor)
        more = refunded - payment.refunded_minor
        if payment.status in PAID and more > 0:
            await self._payments.give_back(payment, more, f"{payment.id}-{refunded}", promised_minor=0)
