"""A disagreement about a booking, and what was said about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from server.errors import InvalidMove, WrongTable


class DisputeState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


UNSETTLED = frozenset({DisputeState.OPEN, DisputeState.IN_PROGRESS})

_MOVES = {
    DisputeState.OPEN: frozenset({DisputeState.IN_PROGRESS, DisputeState.RESOLVED, DisputeState.CLOSED}),
    # A dispute in progress may be given to another mediator.
    DisputeState.IN_PROGRESS: frozenset(
        {DisputeState.IN_PROGRESS, DisputeState.RESOLVED, DisputeState.CLOSED}
    ),
    DisputeState.RESOLVED: frozenset[DisputeState](),
    DisputeState.CLOSED: frozenset[DisputeState](),
}


class DisputeType(StrEnum):
    QUALITY_ISSUE = "quality_issue"
    PAYMENT_DISPUTE = "payment_dispute"
    SIGNATURE_REFUSAL = "signature_refusal"
    NO_SHOW = "no_show"
    DAMAGE = "damage"
    OTHER = "other"


class Severity(StrEnum):
    """From the lowest up."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def grade(self) -> int:
        """0 for the lowest, 3 for the highest."""
        return tuple(Severity).index(self)


KIND_POINTS: Mapping[DisputeType, int] = {
    DisputeType.OTHER: 0,
    DisputeType.PAYMENT_DISPUTE: 1,
    DisputeType.SIGNATURE_REFUSAL: 1,
    DisputeType.QUALITY_ISSUE: 2,
    DisputeType.NO_SHOW: 2,
    DisputeType.DAMAGE: 4,
}


@dataclass(frozen=True, slots=True)
class SeverityPolicy:
    """How grave a complaint is, by points that add up.

    kinds        : points for what went wrong
    prices_minor : a point for each of these prices that the booking's reaches
    evidence     : points when pictures are shown
    late, late_after : points, usually negative, for a complaint so long after the visit
    floors       : the points from which on it is medium, high, critical
    """

    kinds: Mapping[DisputeType, int] = field(default_factory=lambda: KIND_POINTS)
    prices_minor: tuple[int, ...] = ()
    evidence: int = 1
    late: int = -1
    late_after: timedelta = timedelta(days=7)
    floors: tuple[int, int, int] = (2, 4, 6)

    def check(self) -> None:
        """Raise WrongTable when a kind has no points or the floors do not rise."""
        if set(self.kinds) != set(DisputeType):
            raise WrongTable("severity: every kind of dispute needs its points")
        if sorted(set(self.floors)) != list(self.floors):
            raise WrongTable("severity: the floors do not rise")

    def severity(
        self, kind: DisputeType, price_minor: int, *, has_pictures: bool, waited: timedelta
    ) -> Severity:
        """Give the severity of a complaint made `waited` after the visit."""
        points = self.kinds[kind] + sum(price_minor >= price for price in self.prices_minor)
        points += self.evidence if has_pictures else 0
        points += self.late if waited >= self.late_after else 0
        return tuple(Severity)[sum(points >= floor for floor in self.floors)]


PLAIN_SEVERITY = SeverityPolicy()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What somebody shows for what they say; `photos` are addresses of pictures."""

    photos: tuple[str, ...] = ()
    notes: str = ""


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
    evidence: Evidence
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
    """What the customer gets back, 0..price."""
    resolved_by: int | None = None
    resolved_at: datetime | None = None
    escalated_at: datetime | None = None
    revision: int = 0

    @property
    def concerned(self) -> tuple[int, ...]:
        """Give its parties and who mediates."""
        mediators = () if self.mediator_id is None else (self.mediator_id,)
        return (self.customer_id, self.provider_id, *mediators)

    def check_move(self, state: DisputeState) -> None:
        """Raise InvalidMove unless the dispute may go to `state`."""
        if state not in _MOVES[self.state]:
            raise InvalidMove(f"The dispute is {self.state}.", state=self.state)

    def check_unsettled(self) -> None:
        """Raise InvalidMove when the dispute has ended."""
        if self.state not in UNSETTLED:
            raise InvalidMove(f"The dispute is {self.state}.", state=self.state)


class MessageKind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message."""

    key: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DisputeMessage:
    """What one side wrote: a party to the other one, a mediator to both.

    unread_by : those it is for who have not seen it yet
    """

    id: str
    dispute_id: str
    sender_id: int
    sender_name: str
    recipient_ids: tuple[int, ...]
    recipient_name: str
    kind: MessageKind
    content: str
    created_at: datetime
    unread_by: tuple[int, ...]
    attachment: Attachment | None = None

    def read_by(self, user_id: int) -> "DisputeMessage":
        """Give the message as read by a user."""
        return replace(self, unread_by=tuple(one for one in self.unread_by if one != user_id))


def is_read(recipient_ids: Sequence[int], unread_by: Sequence[int], user_id: int | None) -> bool:
    """Say whether one whom a message is for has read it; for anybody else, whether all of them have."""
    return user_id not in unread_by if user_id in recipient_ids else not unread_by


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """What happened in a dispute's talk at once: what was said, and what somebody has read."""

    dispute: Dispute
    said: DisputeMessage | None = None
    read: tuple[DisputeMessage, ...] = ()

    @property
    def id(self) -> str:
        return self.dispute.id
