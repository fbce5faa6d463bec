"""What followed the demo's finished visits, as pure values: signatures, and a few disputes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from server.demo.money import SIGNED_AFTER
from server.domain.disputes import Dispute, DisputeMessage, DisputeState, DisputeType, severity_of
from server.domain.entities import Booking, User
from server.domain.signatures import Signature, SignatureState

DISPUTED = 0.05
"""Share of finished visits that somebody complains about."""

SETTLED_DAYS, YOUNG_DAYS = 4, 9
"""Complaints are settled within so many days; of those younger than the second, many are not."""

_STORIES = (
    (DisputeType.QUALITY_ISSUE, "Not working as before", "The repair did not last a day.", 0.25),
    (DisputeType.PAYMENT_DISPUTE, "Charged too much", "The price was higher than agreed.", 0.0),
    (DisputeType.DAMAGE, "Scratched the wall", "There is a scratch beside the unit.", 0.4),
    (DisputeType.NO_SHOW, "Came two hours late", "We had to wait the whole morning.", 0.1),
)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What followed some bookings."""

    signatures: list[Signature]
    disputes: list[Dispute]
    messages: list[DisputeMessage]


def aftermath_of(
    seed: int,
    bookings: Sequence[Booking],
    ratings: Sequence[tuple[int | None, str]],
    mediator: User,
    now: datetime,
) -> Aftermath:
    """Give what followed bookings until `now`; `ratings` has one (rating, comment) a booking."""
    rng, after = Random(seed), Aftermath([], [], [])
    for booking, (rating, comment) in zip(bookings, ratings, strict=True):
        if booking.completed_at is None or booking.provider_id is None:
            continue
        if rating is not None and booking.completed_at + SIGNED_AFTER <= now:
            after.signatures.append(_signature(booking, rating, comment))
        if rng.random() < DISPUTED:
            _dispute(rng, after, booking, mediator, now)
    return after


def _signature(booking: Booking, rating: int, comment: str) -> Signature:
    finished = booking.completed_at or booking.ends_at
    signature = Signature(
        id=_id("signature", booking),
        booking_id=booking.id,
        service_name=booking.service_name,
        customer_id=booking.customer_id,
        provider_id=booking.provider_id or 0,
        state=SignatureState.SIGNED,
        requested_at=finished,
        expires_at=finished + timedelta(hours=48),
        signed_at=finished + SIGNED_AFTER,
        rating=rating,
        comments=comment,
    )
    return replace(signature, digest=signature.digest_now())


def _dispute(rng: Random, after: Aftermath, booking: Booking, mediator: User, now: datetime) -> None:
    kind, title, description, share = rng.choice(_STORIES)
    opened = (booking.completed_at or booking.ends_at) + timedelta(hours=rng.randint(3, 20))
    if opened > now:
        return
    resolved = opened + timedelta(hours=rng.randint(10, 24 * SETTLED_DAYS))
    is_over = resolved < now and (now - opened > timedelta(days=YOUNG_DAYS) or rng.random() < 0.4)
    answered = opened + timedelta(hours=rng.randint(1, 30))
    refund_minor = round(booking.price_minor * share / 100) * 100 if is_over else 0
    dispute = Dispute(
        id=_id("dispute", booking),
        booking_id=booking.id,
        service_name=booking.service_name,
        customer_id=booking.customer_id,
        customer_name=booking.customer_name,
        provider_id=booking.provider_id or 0,
        provider_name=booking.provider_name or "",
        opened_by=booking.customer_id,
        kind=kind,
        severity=severity_of(kind, booking.price_minor),
        title=title,
        description=description,
        evidence={},
        state=DisputeState.RESOLVED if is_over else DisputeState.OPEN,
        price_minor=booking.price_minor,
        created_at=opened,
        updated_at=resolved if is_over else opened,
        date=opened.date().isoformat(),
        mediator_id=mediator.id,
        mediator_name=mediator.name,
        messages_count=2 if answered <= now else 1,
        resolution_notes="Agreed by both sides" if is_over else "",
        resolution_type=("partial_refund" if refund_minor else "no_refund") if is_over else None,
        resolution_minor=refund_minor,
        resolved_by=mediator.id if is_over else None,
        resolved_at=resolved if is_over else None,
        provider_answered_at=answered if answered <= now else None,
    )
    after.disputes.append(dispute)
    after.messages.append(_message(dispute, 0, dispute.customer_id, description, opened))
    if answered <= now:
        after.messages.append(_message(dispute, 1, dispute.provider_id, "I will look into it.", answered))


def _message(dispute: Dispute, number: int, sender_id: int, content: str, at: datetime) -> DisputeMessage:
    is_customer = sender_id == dispute.customer_id
    names = (dispute.customer_name, dispute.provider_name)
    sender, recipient = names if is_customer else names[::-1]
    return DisputeMessage(
        id=str(uuid5(NAMESPACE_URL, f"doorstep:message:{dispute.id}:{number}")),
        dispute_id=dispute.id,
        sender_id=sender_id,
        sender_name=sender,
        recipient_id=dispute.provider_id if is_customer else dispute.customer_id,
        recipient_name=recipient,
        kind="text",
        content=content,
        created_at=at,
    )


def _id(kind: str, booking: Booking) -> str:
    return str(uuid5(NAMESPACE_URL, f"doorstep:{kind}:{booking.id}"))
