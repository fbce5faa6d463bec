"""A disagreement about a booking, and what was said about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from server.errors import InvalidMove


class DisputeState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


UNSETTLED = frozenset({DisputeState.OPEN, DisputeState.IN_PROGRESS})

_MOVES = {
    (DisputeState.OPEN, DisputeState.IN_PROGRESS),
    (DisputeState.OPEN, DisputeState.RESOLVED),
    (DisputeState.OPEN, DisputeState.CLOSED),
    (DisputeState.IN_PROGRESS, DisputeState.RESOLVED),
    (DisputeState.IN_PROGRESS, DisputeState.CLOSED),
}


class DisputeType(StrEnum):
    QUALITY_ISSUE = "quality_issue"
    PAYMENT_DISPUTE = "payment_dispute"
    SIGNATURE_REFUSAL = "signature_refusal"
    NO_SHOW = "no_show"
    DAMAGE = "damage"
    OTHER = "other"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


_WEIGHTS = {DisputeType.DAMAGE: 2, DisputeType.NO_SHOW: 1, DisputeType.QUALITY_ISSUE: 1}
_PRICES_MINOR = (100_000, 300_000)
"""From each of these prices on, more is at stake."""


def severity_of(kind: DisputeType, price_minor: int) -> Severity:
    """Give how grave a dispute is: by what went wrong and by the price at stake."""
    weight = _WEIGHTS.get(kind, 0) + sum(price_minor >= price for price in _PRICES_MINOR)
    return tuple(Severity)[min(weight, len(Severity) - 1)]


@dataclass(frozen=True, slots=True)
class Dispute:
    """One disagreement. `date` is the UTC day it was opened; `opened_by` is one of the two parties."""

    id: str
    booking_id: str
    service_name: str
    customer_id: int
    customer_name: str
    provider_id: int
    provider_name: str
    opened_by: int
    kind: DisputeType
    severity: Severity
    title: str
    description: str
    evidence: Mapping[str, Any]
    state: DisputeState
    price_minor: int
    created_at: datetime
    updated_at: datetime
    date: str
    mediator_id: int | None = None
    mediator_name: str | None = None
    messages_count: int = 0
    resolution_notes: str = ""
    resolution_type: str | None = None
    resolution_minor: int = 0
    resolved_by: int | None = None
    resolved_at: datetime | None = None
    provider_answered_at: datetime | None = None
    """When the provider first wrote."""
    revision: int = 0

    def check_move(self, state: DisputeState) -> None:
        """Raise InvalidMove unless the dispute may go to `state`."""
        if (self.state, state) not in _MOVES:
            words = (self.state.replace("_", " "), state.replace("_", " "))
            raise InvalidMove(f"A dispute that is {words[0]} cannot be {words[1]}.", state=self.state)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message."""

    key: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DisputeMessage:
    """What one side wrote. `read_by` names who has seen it besides its sender."""

    id: str
    dispute_id: str
    sender_id: int
    sender_name: str
    recipient_id: int | None
    recipient_name: str | None
    kind: str
    content: str
    created_at: datetime
    attachment: Attachment | None = None
    read_by: tuple[int, ...] = ()
