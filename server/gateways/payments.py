"""What the core asks of a payment provider: Stripe when a key is set, else an offline stand-in."""

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


class NotYet(Exception):
    """The customer has not confirmed; the gateway says so by an event when they have."""


class Refused(Exception):
    """The gateway will never do this; its words are safe to show to staff."""


class PaymentGateway(Protocol):
    """Every call bears repeating: the same key gives the same answer and moves no money twice.

    raises : Busy when the gateway is away, Refused when it declines for good, NotYet (capture only)
    """

    answers_at_once: bool
    """Whether a call costs no waiting, so that it may be made before a client is answered."""

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent: ...

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        """Take the money and give the charge's id."""

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None: ...

    async def cancel(self, intent_id: str, key: str) -> None: ...

    async def close(self) -> None: ...


class OfflinePayments:
    """Stands in where no Stripe key is set; refused in production. Everybody's card is good."""

    answers_at_once = True

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        intent_id = f"pi_mock_{booking_id}"
        return Intent(intent_id, f"{intent_id}_secret", amount_minor, "requires_payment_method")

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        return intent_id.replace("pi_mock_", "ch_mock_", 1)

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None:
        return None

    async def cancel(self, intent_id: str, key: str) -> None:
        return None

    async def close(self) -> None:
        return None


class StripePayments:
    """Stripe's payment intents, authorised by the customer and captured by us."""

    answers_at_once = False

    def __init__(self, secret_key: str, api_base: str | None = None) -> None:
        self._http = stripe.AIOHTTPClient(timeout=10)
        self._client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
        )

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        """Create the booking's intent."""
        try:
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": amount_minor,
                    "currency": currency,
                    "capture_method": "manual",
                    "metadata": {"booking_id": booking_id},
                },
                {"idempotency_key": f"booking-{booking_id}-{amount_minor}"},
            )
        except stripe.StripeError as refused:
            raise Busy("The payment could not be opened; try again.") from refused
        return Intent(intent.id, intent.client_secret or "", intent.amount, intent.status)

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        try:
            intent = await self._client.v1.payment_intents.capture_async(
                intent_id, {"amount_to_capture": amount_minor}, {"idempotency_key": key}
            )
        except stripe.InvalidRequestError as refused:
            if refused.code == "payment_intent_unexpected_state":
                raise NotYet from refused
            raise _translated(refused) from refused
        except stripe.StripeError as refused:
            raise _translated(refused) from refused
        charge = intent.latest_charge
        return charge if isinstance(charge, str) else charge.id if charge else intent.id

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None:
        try:
            await self._client.v1.refunds.create_async(
                {"payment_intent": intent_id, "amount": amount_minor}, {"idempotency_key": key}
            )
        except stripe.StripeError as refused:
            raise _translated(refused) from refused

    async def cancel(self, intent_id: str, key: str) -> None:
        try:
            await self._client.v1.payment_intents.cancel_async(intent_id, {}, {"idempotency_key": key})
        except stripe.StripeError as refused:
            raise _translated(refused) from refused

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]


def _translated(fault: stripe.StripeError) -> Exception:
    """Give what a fault means: declined for good, or worth another try."""
    final = isinstance(fault, stripe.InvalidRequestError | stripe.CardError)
    return Refused(fault.user_message or fault.code or "declined") if final else Busy()
