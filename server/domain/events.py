"""What happened, for whoever should hear of it. Faces spell events; the core only names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import orjson

BOOKING_OFFERED = "booking.offered"
BOOKING_MOVED = "booking.moved"
BOOKING_RETIMED = "booking.retimed"
BOOKING_REASSIGNED = "booking.reassigned"
BOOKING_DETAILED = "booking.detailed"
DISPATCH_PROGRESS = "dispatch.progress"
MESSAGE_SENT = "message.sent"
NOTIFIED = "notified"
PAYMENT_COMPLETED = "payment.completed"
PRESENCE = "presence"


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


def status_topic(user_id: int) -> str:
    """Give the topic on which a user hears who of their company is there."""
    return f"status:{user_id}"


def dispatch_topic() -> str:
    """Give the topic on which staff hear how far dispatches are."""
    return "dispatches"


def to_bytes(event: Event) -> bytes:
    """Give an event as bytes; times inside its data become ISO text marked as times."""
    plain = {
        "kind": event.kind,
        "topics": event.topics,
        "data": {name: _pack(value) for name, value in event.data.items()},
        "at": event.at,
        "id": event.id,
    }
    return orjson.dumps(plain)


def from_bytes(payload: bytes) -> Event:
    """Give the event of `to_bytes`."""
    plain = orjson.loads(payload)
    data = {name: _unpack(value) for name, value in plain["data"].items()}
    return Event(
        plain["kind"], tuple(plain["topics"]), data, datetime.fromisoformat(plain["at"]), plain["id"]
    )


def _pack(value: Any) -> Any:
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def _unpack(value: Any) -> Any:
    is_time = isinstance(value, dict) and value.keys() == {"time"}
    return datetime.fromisoformat(value["time"]) if is_time else value
