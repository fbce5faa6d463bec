"""What happened, for whoever should hear of it. Faces spell events; the core only names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

BOOKING_OFFERED = "booking.offered"
BOOKING_MOVED = "booking.moved"
BOOKING_RETIMED = "booking.retimed"


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `topics` says who hears of it: "user:7", "booking:<id>"; `data` holds plain values."""

    kind: str
    topics: tuple[str, ...]
    data: Mapping[str, Any]
    at: datetime
    id: str = field(default_factory=lambda: uuid4().hex)


def user_topic(user_id: int) -> str:
    return f"user:{user_id}"


def booking_topic(booking_id: str) -> str:
    return f"booking:{booking_id}"
