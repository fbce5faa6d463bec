"""What settled disputes say about an open one, and whether somebody higher up should look at it.

An outcome is suggested by the nearest neighbours: resolved disputes of the same kind, by price, severity,
words and pictures. What each of them gave back, as a share of its price, is averaged by nearness.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2

from server.domain.disputes import UNSETTLED, Dispute, DisputeMessage, Severity

NEIGHBOURS = 10
ENOUGH = 3
"""With fewer cases than these a rule by severity decides."""

SEVERITY_SCALE, WORDS_SCALE, PICTURES_SCALE = 0.5, 1.0, 0.5
"""Of a distance whose unit is a price twice or half as high."""

USUAL_SHARE: Mapping[Severity, float] = {
    Severity.LOW: 0.1,
    Severity.MEDIUM: 0.25,
    Severity.HIGH: 0.5,
    Severity.CRITICAL: 1.0,
}
"""What is given back while too few cases are known."""

RULE_CONFIDENCE = 0.2
NOTHING_BELOW, EVERYTHING_FROM = 0.05, 0.95
"""Shares that count as no refund and as a full one."""

GRADE_POINTS, AGE_POINTS, WAIT_POINTS, REPEAT_POINTS = 3.5, 2.5, 2.5, 1.5
"""The most that each factor adds to an escalation score of 0..10."""

AGE_LIMIT, WAIT_LIMIT, REPEAT_LIMIT = timedelta(days=7), timedelta(days=2), 3
"""Where each factor has reached its most."""

PROMPT = timedelta(hours=24)
ESCALATE_FROM = 6.0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`cases` is how many resolved disputes it rests on; confidence 0..1."""

    action: str
    amount_minor: int
    confidence: float
    reasoning: str
    cases: int


@dataclass(frozen=True, slots=True)
class Responsiveness:
    """How the provider answers.

    mean_reply : None when nothing was answered yet
    unanswered : messages of the customer since the provider last wrote, the complaint itself included
    waiting    : since the first of them
    """

    mean_reply: timedelta | None
    unanswered: int
    waiting: timedelta

    @property
    def slowest(self) -> timedelta:
        """What counts against the provider: the usual reply or the present silence, whichever is longer."""
        return max(self.mean_reply or timedelta(0), self.waiting)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Score 0..10 and what it is made of."""

    score: float
    factors: tuple[str, ...]

    @property
    def is_due(self) -> bool:
        return self.score >= ESCALATE_FROM


def words_of(text: str) -> frozenset[str]:
    """Give the words of four letters and more, whatever their case."""
    return frozenset(re.findall(r"\w{4,}", text.casefold()))


def distance(one: Dispute, other: Dispute) -> float:
    """Give how unlike two disputes of a kind are; 0 for equal ones."""
    low, high = sorted((max(one.price_minor, 1), max(other.price_minor, 1)))
    grades = abs(one.severity.grade - other.severity.grade)
    mine = words_of(f"{one.title} {one.description}")
    theirs = words_of(f"{other.title} {other.description}")
    shared = len(mine & theirs) / len(mine | theirs) if mine | theirs else 1.0
    differ = bool(one.evidence.photos) != bool(other.evidence.photos)
    return log2(high / low) + SEVERITY_SCALE * grades + WORDS_SCALE * (1 - shared) + PICTURES_SCALE * differ


def recommend(dispute: Dispute, cases: Sequence[Dispute]) -> Recommendation:
    """Give what the nearest cases got, as an amount of this dispute's price, 0..price.

    cases : resolved disputes of the same kind. Confidence grows with their number and how they agree.
    """
    measured = sorted((distance(dispute, one), one.id, one) for one in cases)[:NEIGHBOURS]
    if len(measured) < ENOUGH:
        known = f"Only {len(measured)} similar resolved cases" if measured else "No similar resolved case"
        reasoning = f"{known}: the usual outcome of {dispute.severity} severity"
        share = USUAL_SHARE[dispute.severity]
        return _recommendation(dispute, share, RULE_CONFIDENCE, reasoning, len(measured))
    weights = [1 / (1 + away) for away, _, _ in measured]
    shares = [min(1.0, one.resolution_minor / max(one.price_minor, 1)) for _, _, one in measured]
    weighed = list(zip(weights, shares, strict=True))
    mean = sum(weight * share for weight, share in weighed) / sum(weights)
    spread = sum(weight * abs(share - mean) for weight, share in weighed) / sum(weights)
    # The mean absolute deviation of shares within 0..1 is 0.5 at most.
    agreement, number = 1 - 2 * spread, len(measured) / (len(measured) + 1)
    confidence = max(RULE_CONFIDENCE, agreement * number)
    reasoning = f"Pattern matches {len(measured)} similar resolved cases"
    return _recommendation(dispute, mean, confidence, reasoning, len(measured))


def responsiveness(dispute: Dispute, messages: Sequence[DisputeMessage], now: datetime) -> Responsiveness:
    """Give how the provider answers the customer; what mediators write counts for neither.

    messages : in order of time
    """
    unanswered: list[datetime] = [dispute.created_at] if dispute.opened_by == dispute.customer_id else []
    replies: list[timedelta] = []
    for message in messages:
        if message.sender_id == dispute.customer_id:
            unanswered.append(message.created_at)
        elif message.sender_id == dispute.provider_id and unanswered:
            replies.append(message.created_at - unanswered[0])
            unanswered = []
    mean = sum(replies, timedelta(0)) / len(replies) if replies else None
    return Responsiveness(mean, len(unanswered), now - unanswered[0] if unanswered else timedelta(0))


def escalation(dispute: Dispute, answers: Responsiveness, repeats: int, now: datetime) -> Escalation:
    """Give whether somebody higher up should look: by severity, age, the provider's answers and repeats.

    repeats : other disputes of the provider lately
    """
    if dispute.state not in UNSETTLED:
        return Escalation(0.0, ("settled",))
    age = now - dispute.created_at
    score = (
        GRADE_POINTS * dispute.severity.grade / Severity.CRITICAL.grade
        + AGE_POINTS * min(1.0, age / AGE_LIMIT)
        + WAIT_POINTS * min(1.0, answers.slowest / WAIT_LIMIT)
        + REPEAT_POINTS * min(1.0, repeats / REPEAT_LIMIT)
    )
    named = (
        (f"{dispute.severity}_severity", True),
        ("long_open", age >= AGE_LIMIT / 2),
        ("vendor_unresponsive", answers.slowest > PROMPT),
        ("vendor_responsive", answers.mean_reply is not None and answers.slowest <= PROMPT),
        ("unanswered_messages", answers.unanswered > 1),
        ("repeat_disputes", repeats > 0),
    )
    return Escalation(round(score, 1), tuple(name for name, holds in named if holds))


def _recommendation(
    dispute: Dispute, share: float, confidence: float, reasoning: str, cases: int
) -> Recommendation:
    action = "partial_refund"
    if share < NOTHING_BELOW:
        action, share = "no_refund", 0.0
    elif share >= EVERYTHING_FROM:
        action, share = "full_refund", 1.0
    return Recommendation(action, round(dispute.price_minor * share), round(confidence, 2), reasoning, cases)
