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
UPDATED = "updated"
DISPATCH_PROGRESS = "dispatch.progress"
MESSAGE_SENT = "message.sent"
NOTIFIED = "notified"
PAYMENT_COMPLETED = "payment.completed"
NOTIFICATIONS_READ = "notifications.read"
PRESENCE = "presence"
PROVIDER_LOCATED = "provider.located"
DEMAND_CHANGED = "demand.changed"


@dataclass(frozen=True, slots=True)
class Event:
    """One change.

    topics : who hears of it: "user:7", "booking:<id>"
    data   : plain values
    shows  : the things that changed with it, whole, as plain values: {"kind": ..., "value": ...}
    """

    kind: str
    topics: tuple[str, ...]
    data: Mapping[str, Any]
    at: datetime
    id: str = field(default_factory=lambda: uuid4().hex)
    shows: tuple[Mapping[str, Any], ...] = ()


def user_topic(user_id: int) -> str:
    return f"user:{user_id}"


def user_of(topic: str | None) -> int | None:
    """Give whose topic `user_topic` gave; None for any other topic."""
    kind, _, id = (topic or "").partition(":")
    return int(id) if kind == "user" else None


def booking_topic(booking_id: str, provider_id: int | None = None) -> str:
    """Give a booking's topic: its customer's and staff's, or that of its provider.

    A provider's is their own, so that who was replaced hears nothing more, whatever is still open.
    """
    return f"booking:{booking_id}" if provider_id is None else f"booking:{booking_id}:{provider_id}"


def status_topic(user_id: int) -> str:
    """Give the topic on which a user hears who of their company is there."""
    return f"status:{user_id}"


def demand_topic() -> str:
    """Give the topic on which staff hear how demand by pincode changes."""
    return "admin:pincodes"


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
        "shows": event.shows,
    }
    return orjson.dumps(plain)


def from_bytes(payload: bytes) -> Event:
    """Give the event of `to_bytes`."""
    plain = orjson.loads(payload)
    data = {name: _unpack(value) for name, value in plain["data"].items()}
    at, shows = datetime.fromisoformat(plain["at"]), tuple(plain.get("shows", ()))
    return Event(plain["kind"], tuple(plain["topics"]), data, at, plain["id"], shows)


def _pack(value: Any) -> Any:
    return {"time": value.isoformat()} if isinstance(value, datetime) else value


def _unpack(value: Any) -> Any:
    is_time = isinstance(value, dict) and value.keys() == {"time"}
    return datetime.fromisoformat(value["time"]) if is_time else value
