"""The events of bookings: what happened and who hears of it. The service that made the change decides."""

from collections.abc import Sequence
from typing import Any

from server.domain.entities import Booking
from server.domain.events import (
    BOOKING_DETAILED,
    BOOKING_MOVED,
    BOOKING_OFFERED,
    BOOKING_REASSIGNED,
    BOOKING_RETIMED,
    Event,
    booking_topic,
    user_topic,
)

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
        _everyone(after),
        {**_facts(after), "old_state": before.state, "new_state": after.state},
        after.updated_at,
    )


def retimed(before: Booking, after: Booking) -> Event:
    """Tell both sides that the service begins at another time."""
    return Event(
        BOOKING_RETIMED,
        _everyone(after),
        {**_facts(after), "old_starts_at": before.starts_at},
        after.updated_at,
    )


def reassigned(before: Booking, after: Booking) -> Event:
    """Tell the customer, and both providers if there was one before, who comes."""
    former = [user_topic(before.provider_id)] if before.provider_id else []
    return Event(
        BOOKING_REASSIGNED,
        (*_everyone(after), *former),
        _facts(after),
        after.updated_at,
    )


def is_detailed(before: Booking, after: Booking) -> bool:
    """Say whether a booking's details differ."""
    return any(getattr(before, name) != getattr(after, name) for name in DETAILS)


def detailed(booking: Booking) -> Event:
    """Tell both sides of other notes, another place or price."""
    return Event(BOOKING_DETAILED, _everyone(booking), _facts(booking), booking.updated_at)


def _everyone(booking: Booking) -> tuple[str, ...]:
    parties = [booking.customer_id, *([booking.provider_id] if booking.provider_id else [])]
    return (booking_topic(booking.id), *(user_topic(user_id) for user_id in parties))


def _facts(booking: Booking) -> dict[str, Any]:
    """Give what faces may tell of a booking."""
    return {"booking_id": booking.id, **{name: getattr(booking, name) for name in TOLD}}
