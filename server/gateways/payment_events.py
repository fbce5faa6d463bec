"""What the gateway tells by itself: events whose signature is checked before they are read."""

from dataclasses import dataclass
from enum import StrEnum

import stripe

from server.errors import Malformed


class Heard(StrEnum):
    AUTHORIZED = "payment_intent.amount_capturable_updated"
    SUCCEEDED = "payment_intent.succeeded"
    FAILED = "payment_intent.payment_failed"
    CANCELLED = "payment_intent.canceled"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One event. `heard` is None for the many kinds that mean nothing here."""

    id: str
    heard: Heard | None
    intent_id: str
    charge_id: str | None


def read_event(raw: bytes, signature: str, secret: str) -> PaymentEvent:
    """Give the event of a signed body, not older than Stripe's tolerance of five minutes.

    raises : Malformed for a wrong or old signature, and for a body that is no event
    """
    try:
        event = stripe.Webhook.construct_event(raw, signature, secret)
        thing = event["data"]["object"]
        kind = str(event["type"])
        charge = thing.get("latest_charge") if hasattr(thing, "get") else None
        heard = Heard(kind) if kind in set(Heard) else None
        return PaymentEvent(str(event["id"]), heard, str(thing["id"]), charge)
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as wrong:
        raise Malformed("The event could not be verified.") from wrong
