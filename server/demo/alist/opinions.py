"""The demo's reviews: of professionals who had finished an appointment, and a few of others."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from server.demo.alist.people import Person
from server.domain.entities import Booking
from server.domain.profiles import Profile
from server.domain.reviews import Review

WRITES = 0.6
"""Share of clients who review a professional after a finished appointment."""

_COMMENTS = {
    5: ("Excellent service!", "Very professional and completed work on time.", "Would hire again any day."),
    4: ("Good work, came a little late.", "Happy with the result.", "Solid job at a fair price."),
    3: ("The work is fine, communication could be better.", "Took longer than expected."),
    2: ("Had to remind them twice of what was agreed.", "Left quite a mess."),
    1: ("The problem came back the next day.",),
}


def opinions(
    seed: int,
    now: datetime,
    clients: Sequence[Person],
    contractors: Sequence[Person],
    bookings: Sequence[Booking],
) -> list[Review]:
    """Give reviews until `now`, numbered in order of time, for each professional too.

    A client reviews a professional once. client1 has not reviewed contractor1, though they could.
    """
    rng = Random(f"alist-opinions-{seed}")
    finished: dict[tuple[int, int], datetime] = {}
    for booking in bookings:
        if booking.completed_at is not None and booking.provider_id is not None:
            pair = (booking.provider_id, booking.customer_id)
            finished[pair] = min(booking.completed_at, finished.get(pair, booking.completed_at))
    spared = (contractors[0].user.id, clients[0].user.id)
    made: list[Review] = []
    for contractor in contractors:
        for client in clients:
            pair = (contractor.user.id, client.user.id)
            done_at = finished.get(pair)
            if pair == spared or rng.random() > (WRITES if done_at else 0.02):
                continue
            since = done_at or now - timedelta(days=25)
            at = since + timedelta(minutes=rng.randint(60, 3 * 1440))
            if at <= now:
                made.append(_review(rng, contractor, client, at, is_verified=done_at is not None))
    return _numbered(made)


def rated(profile: Profile, reviews: Sequence[Review]) -> Profile:
    """Give a profile with the figures that its reviews come to."""
    ratings = [review.rating for review in reviews if review.provider_id == profile.id]
    if not ratings:
        return profile
    return replace(profile, review_count=len(ratings), rating=sum(ratings) / len(ratings))


def _review(rng: Random, contractor: Person, client: Person, at: datetime, *, is_verified: bool) -> Review:
    """Give a review; four steps up from one star, each taken as often as the professional is good."""
    stars = 1 + sum(rng.random() < 0.6 + 0.38 * contractor.quality for _ in range(4))
    return Review(
        id=0,
        provider_id=contractor.user.id,
        customer_id=client.user.id,
        customer_name=client.user.name,
        number=0,
        rating=stars,
        comment=rng.choice(_COMMENTS[stars]),
        is_verified=is_verified,
        created_at=at,
    )


def _numbered(reviews: Sequence[Review]) -> list[Review]:
    counts: dict[int, int] = defaultdict(int)
    numbered: list[Review] = []
    for id, review in enumerate(sorted(reviews, key=lambda one: (one.created_at, one.provider_id)), 1):
        counts[review.provider_id] += 1
        numbered.append(replace(review, id=id, number=counts[review.provider_id]))
    return numbered
