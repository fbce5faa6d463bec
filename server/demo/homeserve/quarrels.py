"""The demo's disputes and what was said in them, as pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from server.domain.disputes import (
    Dispute,
    DisputeMessage,
    DisputeState,
    DisputeType,
    Evidence,
    MessageKind,
    SeverityPolicy,
)
from server.domain.entities import Booking, User

MEDIATED = timedelta(hours=36)
QUESTION = "Can you both agree on that?"
"""When the mediator speaks, and what they ask."""

SETTLED_DAYS, YOUNG_DAYS = 4, 9
"""Complaints are settled within so many days; of those younger than the second, many are not."""


@dataclass(frozen=True, slots=True)
class Story:
    """A typical complaint. `share` of the price is what customers get back, give or take."""

    kind: DisputeType
    title: str
    description: str
    answer: str
    share: float


STORIES = (
    Story(
        DisputeType.QUALITY_ISSUE,
        "Not working as before",
        "The repair did not last a day, it makes the same noise again.",
        "I can come again on Saturday and look at it for free.",
        0.25,
    ),
    Story(
        DisputeType.QUALITY_ISSUE,
        "Left unfinished",
        "Half of the work was left, and nobody came back to finish.",
        "A part was missing. I will bring it this week.",
        0.4,
    ),
    Story(
        DisputeType.PAYMENT_DISPUTE,
        "Charged too much",
        "The price was higher than what we had agreed.",
        "The price was shown before the booking was made.",
        0.0,
    ),
    Story(
        DisputeType.DAMAGE,
        "Scratched the wall",
        "There is a long scratch on the wall beside the unit.",
        "I am sorry, the ladder slipped. I will pay for the paint.",
        0.4,
    ),
    Story(
        DisputeType.NO_SHOW,
        "Came two hours late",
        "We had to wait the whole morning, and nobody called.",
        "The visit before took longer than planned.",
        0.1,
    ),
)
PICTURES = ("https://pictures.example/before.jpg", "https://pictures.example/after.jpg")


@dataclass(frozen=True, slots=True)
class Quarrel:
    """A dispute with its messages."""

    dispute: Dispute
    messages: list[DisputeMessage]


def quarrel_about(
    rng: Random, booking: Booking, mediator: User, severity: SeverityPolicy, now: datetime
) -> Quarrel | None:
    """Give how a finished visit was disputed until `now`; None when the complaint is still to come."""
    story, finished = rng.choice(STORIES), booking.completed_at or booking.ends_at
    waited = timedelta(hours=rng.randint(3, 20))
    photos = PICTURES if rng.random() < 0.4 else ()
    opened = finished + waited
    resolved = opened + timedelta(hours=rng.randint(10, 24 * SETTLED_DAYS))
    share = max(0.0, story.share + rng.uniform(-0.05, 0.05)) if story.share else 0.0
    is_over = resolved < now and (now - opened > timedelta(days=YOUNG_DAYS) or rng.random() < 0.4)
    answered = opened + timedelta(hours=rng.randint(1, 30))
    if opened > now:
        return None
    dispute = Dispute(
        id=str(uuid5(NAMESPACE_URL, f"doorstep:dispute:{booking.id}")),
        booking_id=booking.id,
        service_name=booking.service_name,
        customer_id=booking.customer_id,
        customer_name=booking.customer_name,
        provider_id=booking.provider_id or 0,
        provider_name=booking.provider_name or "",
        opened_by=booking.customer_id,
        kind=story.kind,
        severity=severity.severity(story.kind, booking.price_minor, has_pictures=bool(photos), waited=waited),
        title=story.title,
        description=story.description,
        evidence=Evidence(photos),
        state=DisputeState.OPEN,
        price_minor=booking.price_minor,
        created_at=opened,
        updated_at=opened,
        date=opened.date().isoformat(),
        mediator_id=mediator.id,
        mediator_name=mediator.name,
    )
    said = [(opened, booking.customer_id, story.description)]
    said += [(answered, dispute.provider_id, story.answer), (opened + MEDIATED, mediator.id, QUESTION)]
    end = resolved if is_over else now
    names = {booking.customer_id: dispute.customer_name, dispute.provider_id: dispute.provider_name}
    names[mediator.id] = mediator.name
    messages = [
        _message(dispute, number, at, sender_id, names, content)
        for number, (at, sender_id, content) in enumerate(sorted(said))
        if at <= end
    ]
    dispute = replace(dispute, messages_count=len(messages))
    if is_over:
        return Quarrel(_resolved(dispute, mediator, share, resolved), [_seen(one) for one in messages])
    if any(one.sender_id == mediator.id for one in messages):
        dispute = replace(dispute, state=DisputeState.IN_PROGRESS, updated_at=opened + MEDIATED)
    return Quarrel(dispute, [*(_seen(one) for one in messages[:-1]), messages[-1]])


def _resolved(dispute: Dispute, mediator: User, share: float, at: datetime) -> Dispute:
    """Give the dispute as it ended: a share of the price goes back, in whole rupees."""
    refund_minor = round(dispute.price_minor * share / 100) * 100
    return replace(
        dispute,
        state=DisputeState.RESOLVED,
        updated_at=at,
        resolution_notes="Agreed by both sides" if refund_minor else "The price was the one shown",
        resolution_type="partial_refund" if refund_minor else "no_refund",
        resolution_minor=refund_minor,
        resolved_by=mediator.id,
        resolved_at=at,
    )


def _message(
    dispute: Dispute, number: int, at: datetime, sender_id: int, names: Mapping[int, str], content: str
) -> DisputeMessage:
    recipients = [id for id in (dispute.customer_id, dispute.provider_id) if id != sender_id]
    return DisputeMessage(
        id=str(uuid5(NAMESPACE_URL, f"doorstep:message:{dispute.id}:{number}")),
        dispute_id=dispute.id,
        sender_id=sender_id,
        sender_name=names[sender_id],
        recipient_ids=tuple(recipients),
        recipient_name=", ".join(names[id] for id in recipients),
        kind=MessageKind.TEXT,
        content=content,
        created_at=at,
        unread_by=tuple(recipients),
    )


def _seen(message: DisputeMessage) -> DisputeMessage:
    return replace(message, unread_by=())
