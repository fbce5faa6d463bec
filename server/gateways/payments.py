"""Opens payments: at Stripe when a key is set, else at the offline gateway, whose ids say so."""

from dataclasses import dataclass
from typing import Protocol

import stripe

from server.errors import Busy


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that a customer's app can now confirm."""

    id: str
    secret: str
    amount_minor: int
    status: str


class PaymentGateway(Protocol):
    """What the core asks of a payment provider. Opening twice for one booking gives the same intent."""

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent: ...

    async def close(self) -> None: ...


class OfflinePayments:
    """Stands in where no Stripe key is set; refused in production."""

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        intent_id = f"pi_mock_{booking_id}"
        return Intent(intent_id, f"{intent_id}_secret", amount_minor, "requires_payment_method")

    async def close(self) -> None:
        return None


class StripePayments:
    """Stripe's payment intents; the booking is the idempotency key."""

    def __init__(self, secret_key: str, api_base: str | None = None) -> None:
        self._http = stripe.AIOHTTPClient(timeout=10)
        self._client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
        )

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        """Create the booking's intent; raises Busy when Stripe cannot be reached or refuses."""
        try:
            intent = await self._client.v1.payment_intents.create_async(
                {"amount": amount_minor, "currency": currency, "metadata": {"booking_id": booking_id}},
                {"idempotency_key": f"booking-{booking_id}"},
            )
        except stripe.StripeError as refused:
            raise Busy("The payment could not be opened; try again.") from refused
        return Intent(intent.id, intent.client_secret or "", intent.amount, intent.status)

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]
