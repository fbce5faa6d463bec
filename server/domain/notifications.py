"""What a user is told, by which channels, and how often a channel is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Channel(StrEnum):
    """A way to reach somebody. The socket carries everything; the others what is worth a message."""

    WEBSOCKET = "websocket"
    EMAIL = "email"
    SMS = "sms"


class DeliveryState(StrEnum):
    """Skipped: there was no address, as with somebody who signed up by phone and has no mail."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class Kind(StrEnum):
    """Everything users are told about."""

    SIGNATURE_REQUEST = "signature_request"
    SIGNATURE_SIGNED = "signature_signed"
    SIGNATURE_REFUSED = "signature_refused"
    SIGNATURE_EXPIRED = "signature_expired"
    PAYMENT_COMPLETED = "payment_completed"
    PAYMENT_FAILED = "payment_failed"
    PAYMENT_HOLD = "payment_hold"
    PAYMENT_REFUNDED = "payment_refunded"
    EARNING_RELEASED = "earning_released"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_MESSAGE = "dispute_message"
    DISPUTE_ASSIGNED = "dispute_assigned"
    DISPUTE_ESCALATED = "dispute_escalated"
    DISPUTE_RESOLVED = "dispute_resolved"
    APPLICATION_SUBMITTED = "application_submitted"
    APPLICATION_REVIEWED = "application_reviewed"
    APPOINTMENT_REQUESTED = "appointment_requested"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_TIMEOUT = "booking_timeout"
    RESCHEDULE_REQUEST = "reschedule_request"
    RESCHEDULE_ACCEPTED = "reschedule_accepted"
    RESCHEDULE_DECLINED = "reschedule_declined"
    RESCHEDULE_WITHDRAWN = "reschedule_withdrawn"
    RESCHEDULE_LAPSED = "reschedule_lapsed"
    RESCHEDULE_DONE = "reschedule_done"
    REVIEW_RECEIVED = "review_received"
    BONUS_ALERT = "bonus_alert"


_SOCKET: tuple[Channel, ...] = ()
_MAIL = (Channel.EMAIL,)
_URGENT = (Channel.EMAIL, Channel.SMS)

USUAL: Mapping[str, tuple[Channel, ...]] = {
    Kind.SIGNATURE_REQUEST: _MAIL,
    Kind.SIGNATURE_SIGNED: _SOCKET,
    Kind.SIGNATURE_REFUSED: _MAIL,
    Kind.SIGNATURE_EXPIRED: _MAIL,
    Kind.PAYMENT_COMPLETED: _MAIL,
    Kind.PAYMENT_FAILED: _MAIL,
    Kind.PAYMENT_HOLD: _MAIL,
    Kind.PAYMENT_REFUNDED: _MAIL,
    Kind.EARNING_RELEASED: _MAIL,
    Kind.DISPUTE_OPENED: _MAIL,
    Kind.DISPUTE_MESSAGE: _SOCKET,
    Kind.DISPUTE_ASSIGNED: _SOCKET,
    Kind.DISPUTE_ESCALATED: _MAIL,
    Kind.DISPUTE_RESOLVED: _MAIL,
    Kind.APPLICATION_SUBMITTED: _SOCKET,
    Kind.APPLICATION_REVIEWED: _MAIL,
    Kind.APPOINTMENT_REQUESTED: _MAIL,
    Kind.BOOKING_CANCELLED: _URGENT,
    Kind.BOOKING_TIMEOUT: _URGENT,
    Kind.RESCHEDULE_REQUEST: _URGENT,
    Kind.RESCHEDULE_ACCEPTED: _URGENT,
    Kind.RESCHEDULE_DECLINED: _MAIL,
    Kind.RESCHEDULE_WITHDRAWN: _SOCKET,
    Kind.RESCHEDULE_LAPSED: _MAIL,
    Kind.RESCHEDULE_DONE: _URGENT,
    Kind.REVIEW_RECEIVED: _MAIL,
    Kind.BONUS_ALERT: _MAIL,
}
"""What besides the socket carries a kind to a user who did not choose: SMS only what cannot wait."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200))
"""How long a channel rests after its first, second, ... failure; the attempt after the last is the end."""

MOST_ATTEMPTS = len(PAUSES) + 1


@dataclass(frozen=True, slots=True)
class Notification:
    """Something a user was told. `data` holds plain values."""

    id: str
    user_id: int
    kind: str
    message: str
    data: Mapping[str, Any]
    created_at: datetime
    is_read: bool = False
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notification on one channel.

    attempts : how often it was begun
    due_at   : when it is tried (again); None once it is settled
    date     : the marketplace's local day of `settled_at`, YYYY-MM-DD; empty before
    """

    id: str
    notification_id: str
    user_id: int
    kind: str
    channel: Channel
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    due_at: datetime | None = None
    settled_at: datetime | None = None
    date: str = ""

    def settled(self, state: DeliveryState, at: datetime, date: str) -> "Delivery":
        """Give the delivery as it is once there is nothing left to do."""
        return replace(self, state=state, due_at=None, settled_at=at, date=date)


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries of one local day, channel and kind ended in which way."""

    id: str
    date: str
    channel: Channel
    kind: str
    sent: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user wants besides the socket; the id is the user's.

    email, sms : False keeps a channel silent whatever the kind
    kinds      : kind -> its channels, where the user chose other ones than the usual
    """

    id: int
    email: bool = True
    sms: bool = True
    kinds: Mapping[str, tuple[Channel, ...]] = field(default_factory=dict)

    def chosen(self, kind: str) -> tuple[Channel, ...]:
        """Give the channels of a kind besides the socket, silent ones included."""
        return self.kinds.get(kind, USUAL.get(kind, _SOCKET))

    def channels(self, kind: str) -> tuple[Channel, ...]:
        """Give every channel that a kind takes to this user."""
        is_on = {Channel.EMAIL: self.email, Channel.SMS: self.sms}
        return (Channel.WEBSOCKET, *(channel for channel in self.chosen(kind) if is_on[channel]))

    def changed(
        self, email: bool | None, sms: bool | None, kinds: Mapping[str, tuple[Channel, ...] | None]
    ) -> "Preferences":
        """Give the preferences with what is given set; None for a kind means the usual again."""
        merged = {**self.kinds, **kinds}
        return Preferences(
            self.id,
            self.email if email is None else email,
            self.sms if sms is None else sms,
            {kind: tuple(dict.fromkeys(to)) for kind, to in merged.items() if to is not None},
        )
