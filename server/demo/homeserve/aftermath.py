"""What followed the demo's finished visits, as pure values: signatures, and a few disputes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from server.demo.homeserve.money import SIGNED_AFTER
from server.demo.homeserve.quarrels import quarrel_about
from server.domain.disputes import Dispute, DisputeMessage, SeverityPolicy
from server.domain.entities import Booking, User
from server.domain.signatures import Signature, SignatureState

DISPUTED = 0.05
"""Share of finished visits that somebody complains about."""


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
    severity: SeverityPolicy,
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
            quarrel = quarrel_about(rng, booking, mediator, severity, now)
            if quarrel is not None:
                after.disputes.append(quarrel.dispute)
                after.messages.extend(quarrel.messages)
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


def _id(kind: str, booking: Booking) -> str:
    return str(uuid5(NAMESPACE_URL, f"doorstep:{kind}:{booking.id}"))
