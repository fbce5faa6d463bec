"""What the gateway tells by itself: events whose signature is checked before they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import stripe

from server import clock
from server.domain.payouts import AccountState
from server.errors import Malformed


class Heard(StrEnum):
    PROCESSING = "payment_intent.processing"
    AUTHORIZED = "payment_intent.amount_capturable_updated"
    SUCCEEDED = "payment_intent.succeeded"
    FAILED = "payment_intent.payment_failed"
    CANCELLED = "payment_intent.canceled"
    REFUNDED = "charge.refunded"
    ACCOUNT = "account.updated"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One event. `heard` is None for the many kinds that mean nothing here.

    at             : when it happened, by the gateway's clock, to the second
    intent_id      : of an intent or a charge
    refunded_minor : what has been given back of a charge in all
    account_id, account : of an account
    """

    id: str
    heard: Heard | None
    at: datetime
    intent_id: str = ""
    charge_id: str | None = None
    refunded_minor: int = 0
    account_id: str = ""
    account: AccountState | None = None


def read_event(raw: bytes, signature: str, secrets: Sequence[str]) -> PaymentEvent:
    """Give the event of a body signed with one of some secrets, not older than Stripe's five minutes.

    raises : Malformed for a wrong or old signature, and for a body that is no event
    """
    if not any(_signed(raw, signature, secret) for secret in secrets):
        raise Malformed("The event could not be verified.")
    try:
        plain = orjson.loads(raw)
        kind, thing = str(plain["type"]), plain["data"]["object"]
        heard = Heard(kind) if kind in set(Heard) else None
        created = plain.get("created")
        at = clock.now() if created is None else datetime.fromtimestamp(int(created), UTC)
        return PaymentEvent(str(plain["id"]), heard, at, **_facts(heard, thing))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as wrong:
        raise Malformed("The event could not be read.") from wrong


def _signed(raw: bytes, signature: str, secret: str) -> bool:
    tolerance = stripe.Webhook.DEFAULT_TOLERANCE
    try:
        stripe.WebhookSignature.verify_header(raw, signature, secret, tolerance)
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return True


def _facts(heard: Heard | None, thing: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an event of a kind tells of its object."""
    match heard:
        case None:
            return {}
        case Heard.ACCOUNT:
            flags = [thing.get(name) for name in ("details_submitted", "charges_enabled", "payouts_enabled")]
            return {
                "account_id": str(thing["id"]),
                "account": AccountState(*(flag is True for flag in flags)),
            }
        case Heard.REFUNDED:
            return {
                "intent_id": str(thing.get("payment_intent")),
                "charge_id": str(thing["id"]),
                "refunded_minor": int(thing["amount_refunded"]),
            }
        case _:
            charge = thing.get("latest_charge")
            charge_id = charge if isinstance(charge, str) else None
            return {"intent_id": str(thing["id"]), "charge_id": charge_id}
