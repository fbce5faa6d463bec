"""The payment of a booking: opened when the work is done, at the price that was booked."""

from uuid import uuid4

from server import clock
from server.domain.entities import Booking, Payment
from server.domain.marketplace import Marketplace
from server.errors import NotFound
from server.gateways.payments import Intent, PaymentGateway
from server.store.payments import Payments as PaymentStore

OPEN = "requires_payment_method"


class Payments:
    """One payment a booking, however often it is asked for."""

    def __init__(self, meaning: Marketplace, store: PaymentStore, gateway: PaymentGateway) -> None:
        self._meaning, self._store, self._gateway = meaning, store, gateway

    async def open(self, booking: Booking) -> Payment:
        """Open the booking's payment and keep it; the gateway gives one intent a booking.

        raises : Busy when the gateway is away, and nothing is written then
        """
        if booking.provider_id is None:
            raise NotFound("Provider not found")
        intent = await self._gateway.open(booking.id, booking.price_minor, self._meaning.currency)
        now = clock.now()
        payment = Payment(
            id=str(uuid4()),
            booking_id=booking.id,
            customer_id=booking.customer_id,
            provider_id=booking.provider_id,
            amount_minor=intent.amount_minor,
            currency=self._meaning.currency,
            status="pending",
            kind="automatic",
            intent_id=intent.id,
            secret=intent.secret,
            created_at=now,
            updated_at=now,
        )
        await self._store.insert(payment)
        return payment

    async def intent(self, booking: Booking) -> Intent:
        """Give the intent of a booking's payment; raises NotFound when none was opened."""
        payment = await self._store.of_booking(booking.id)
        if payment is None:
            raise NotFound("Payment not found")
        return Intent(payment.intent_id, payment.secret, payment.amount_minor, OPEN)
