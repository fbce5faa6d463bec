"""What a user is told, by which channels, and how often a channel is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """A way to reach somebody. The socket carries everything; the others what is worth a message."""

    WEBSOCKET = "websocket"
    EMAIL = "email"
    SMS = "sms"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


MAILED = frozenset(
    {
        "signature_request",
        "signature_expired",
        "payment_completed",
        "payment_failed",
        "payment_refunded",
        "payment_hold",
        "earning_released",
        "dispute_opened",
        "dispute_resolved",
        "application_reviewed",
        "booking_cancelled",
        "reschedule_request",
        "reschedule_accepted",
        "reschedule_declined",
        "reschedule_lapsed",
        "reschedule_done",
        "bonus_alert",
    }
)
"""Kinds that are also mailed, to who has not said otherwise."""

TEXTED = frozenset(
    {"booking_cancelled", "reschedule_request", "reschedule_accepted", "reschedule_done", "booking_timeout"}
)
"""Kinds that cannot wait for a mail to be read."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200))
"""How long a channel rests after its first, second, … failure; after the last it is given up."""


@dataclass(frozen=True, slots=True)
class Notification:
    """Something a user was told. `data` holds plain values; `date` is the UTC day of `created_at`."""

    id: str
    user_id: int
    kind: str
    message: str
    data: Mapping[str, Any]
    created_at: datetime
    date: str
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification on one channel. `due_at` is None once it is sent or given up."""

    id: str
    notification_id: str
    user_id: int
    kind: str
    channel: Channel
    state: DeliveryState
    date: str
    attempts: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user wants besides the socket; the id is the user's."""

    id: int
    email: bool = True
    sms: bool = True
    muted: tuple[str, ...] = ()
    """Kinds that reach this user on the socket alone."""

    def channels(self, kind: str) -> tuple[Channel, ...]:
        """Give the channels that a kind takes to this user."""
        if kind in self.muted:
            return (Channel.WEBSOCKET,)
        wanted = ((Channel.EMAIL, self.email and kind in MAILED), (Channel.SMS, self.sms and kind in TEXTED))
        return (Channel.WEBSOCKET, *(channel for channel, is_wanted in wanted if is_wanted))
