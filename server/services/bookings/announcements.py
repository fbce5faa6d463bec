"""The events of bookings and payments: what happened and who hears of it.

The service that made the change decides.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.entities import Booking
from server.domain.events import (
    BOOKING_DETAILED,
    BOOKING_MOVED,
    BOOKING_OFFERED,
    BOOKING_REASSIGNED,
    BOOKING_RETIMED,
    PAYMENT_COMPLETED,
    Event,
    booking_topic,
    user_topic,
)
from server.domain.payments import Payment

TOLD = (
    "customer_id",
    "customer_name",
    "provider_id",
    "provider_name",
    "service_id",
    "service_name",
    "state",
    "pincode",
    "address_line",
    "starts_at",
    "ends_at",
    "price_minor",
    "customer_notes",
    "provider_notes",
    "created_at",
)
"""Fields of a booking that its events carry."""

DETAILS = ("address_line", "price_minor", "customer_notes", "provider_notes")
"""Those that change without the booking moving."""


def offered(booking: Booking, provider_ids: Sequence[int]) -> Event:
    """Tell providers of a booking they may accept."""
    return Event(
        BOOKING_OFFERED,
        tuple(user_topic(provider_id) for provider_id in provider_ids),
        _facts(booking),
        booking.updated_at,
    )


def moved(before: Booking, after: Booking) -> Event:
    """Tell both sides, and whoever watches the booking, of a new state."""
    return Event(
        BOOKING_MOVED,
        everyone(after),
        {**_facts(after), "old_state": before.state, "new_state": after.state},
        after.updated_at,
    )


def retimed(before: Booking, after: Booking) -> Event:
    """Tell both sides that the service begins at another time."""
    return Event(
        BOOKING_RETIMED,
        everyone(after),
        {**_facts(after), "old_starts_at": before.starts_at},
        after.updated_at,
    )


def reassigned(before: Booking, after: Booking) -> list[Event]:
    """Tell the customer and the provider who comes, and who came before, if somebody did, that they do not.

    The latter by itself: they may not read the booking any more.
    """
    audiences = [everyone(after), *([provider_topics(before)] if before.provider_id else [])]
    return [Event(BOOKING_REASSIGNED, topics, _facts(after), after.updated_at) for topics in audiences]


def is_detailed(before: Booking, after: Booking) -> bool:
    """Say whether a booking's details differ."""
    return any(getattr(before, name) != getattr(after, name) for name in DETAILS)


def detailed(booking: Booking) -> Event:
    """Tell both sides of other notes, another place or price."""
    return Event(BOOKING_DETAILED, everyone(booking), _facts(booking), booking.updated_at)


def paid(payment: Payment) -> Event:
    """Tell both sides that the money has come."""
    topics = (user_topic(payment.customer_id), user_topic(payment.provider_id))
    return Event(PAYMENT_COMPLETED, topics, payment_facts(payment), payment.updated_at)


def payment_facts(payment: Payment) -> Mapping[str, Any]:
    """Give what both sides may see of a payment: never its secret."""
    return {
        "payment_id": payment.id,
        "booking_id": payment.booking_id,
        "customer_id": payment.customer_id,
        "customer_name": payment.customer_name,
        "provider_id": payment.provider_id,
        "provider_name": payment.provider_name,
        "amount_minor": payment.amount_minor,
        "description": payment.description,
        "status": payment.status,
        "intent_id": payment.intent_id,
        "completed_at": payment.processed_at,
        "created_at": payment.created_at,
    }


def everyone(booking: Booking) -> tuple[str, ...]:
    """Give the topics of a booking: whoever watches it, and both sides."""
    return booking_topics(booking.id, booking.customer_id, booking.provider_id)


def booking_topics(id: str, customer_id: int, provider_id: int | None) -> tuple[str, ...]:
    """Give the topics of what belongs to a booking."""
    provider = (booking_topic(id, provider_id), user_topic(provider_id)) if provider_id else ()
    return (booking_topic(id), user_topic(customer_id), *provider)


def provider_topics(booking: Booking) -> tuple[str, ...]:
    """Give the topics of a booking's provider, none when it has none."""
    return everyone(booking)[2:]


def _facts(booking: Booking) -> dict[str, Any]:
    """Give what faces may tell of a booking."""
    return {"booking_id": booking.id, **{name: getattr(booking, name) for name in TOLD}}
