"""What resolved disputes say about an open one, and whether somebody higher up should look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log2

from server import clock
from server.domain.disputes import UNSETTLED, Dispute, DisputeState, Severity
from server.domain.parties import Caller
from server.errors import NotFound
from server.store.disputes import Disputes

NEIGHBOURS = 10
POOL = 500
"""Resolved cases that are looked through for the nearest."""

ENOUGH = 5
"""Cases from which on their number no longer lowers the confidence."""

PRICE_SCALE = 1.0
"""A case at twice or half the price is so far away."""

SEVERITY_SCALE = 0.5
AGE_SCALE_DAYS = 90.0

USUAL_FRACTION = {Severity.LOW: 0.1, Severity.MEDIUM: 0.25, Severity.HIGH: 0.5, Severity.CRITICAL: 1.0}
"""What is given back when no case is known, by severity."""

ESCALATE = 6.0
PROMPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`cases` is how many resolved disputes it rests on; confidence 0..1."""

    action: str
    amount_minor: int
    confidence: float
    reasoning: str
    cases: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """Score 0..10 and what it is made of."""

    score: float
    factors: tuple[str, ...]

    @property
    def is_due(self) -> bool:
        return self.score >= ESCALATE


@dataclass(frozen=True, slots=True)
class Analytics:
    """Disputes opened in a period."""

    total: int
    by_state: dict[str, int]
    by_kind: dict[str, int]
    mean_hours: float
    resolution_rate: float


class DisputeAnalysis:
    """For staff only; reads what Disputes keeps."""

    def __init__(self, disputes: Disputes) -> None:
        self._disputes = disputes

    async def analyse(self, caller: Caller, dispute_id: str) -> tuple[Recommendation, Escalation]:
        """Give what to do about a dispute; raises NotFound."""
        dispute = await self._disputes.get(dispute_id)
        if dispute is None or not caller.is_staff:
            raise NotFound("Dispute not found")
        known = await self._disputes.resolved_like(dispute.kind, POOL)
        cases = [one for one in known if one.id != dispute.id]
        now = clock.now()
        first = (now - timedelta(days=90)).date().isoformat()
        others = await self._disputes.of_provider(dispute.provider_id, first, now.date().isoformat())
        return recommend(dispute, cases), escalation(dispute, len(others) - 1, now - dispute.created_at)

    async def analytics(self, days: int) -> Analytics:
        """Count the disputes opened in the last days, today included."""
        today = clock.now().date()
        first = today - timedelta(days=days - 1)
        found = await self._disputes.of_dates(first.isoformat(), today.isoformat())
        hours = [
            (one.resolved_at - one.created_at) / timedelta(hours=1)
            for one in found
            if one.resolved_at is not None
        ]
        resolved = sum(one.state is DisputeState.RESOLVED for one in found)
        return Analytics(
            total=len(found),
            by_state=_counted([one.state for one in found]),
            by_kind=_counted([one.kind for one in found]),
            mean_hours=round(sum(hours) / len(hours), 1) if hours else 0.0,
            resolution_rate=round(100 * resolved / len(found), 1) if found else 0.0,
        )


def distance(one: Dispute, other: Dispute) -> float:
    """Give how unlike two disputes of a kind are: in price (doublings), severity and age."""
    low, high = sorted((max(one.price_minor, 1), max(other.price_minor, 1)))
    grades = tuple(Severity)
    apart = abs(grades.index(one.severity) - grades.index(other.severity))
    days = abs(one.created_at - other.created_at) / timedelta(days=1)
    return PRICE_SCALE * log2(high / low) + SEVERITY_SCALE * apart + days / AGE_SCALE_DAYS


def recommend(dispute: Dispute, cases: Sequence[Dispute]) -> Recommendation:
    """Give what the nearest resolved cases got, as a share of the price.

    Confidence is high when the cases are many and agree.
    """
    nearest = sorted(cases, key=lambda one: (distance(dispute, one), one.id))[:NEIGHBOURS]
    if not nearest:
        fraction = USUAL_FRACTION[dispute.severity]
        reasoning = f"No similar case has been resolved; a {dispute.severity} severity suggests it"
        return _recommendation(dispute, fraction, 0.2, reasoning, 0)
    weights = [1 / (1 + distance(dispute, one)) for one in nearest]
    shares = [one.resolution_minor / max(one.price_minor, 1) for one in nearest]
    mean = sum(w * share for w, share in zip(weights, shares, strict=True)) / sum(weights)
    spread = sum(w * abs(share - mean) for w, share in zip(weights, shares, strict=True)) / sum(weights)
    confidence = min(1.0, len(nearest) / ENOUGH) * (1 - min(1.0, 2 * spread))
    noun = "case" if len(nearest) == 1 else "cases"
    reasoning = f"Pattern of {len(nearest)} similar resolved {noun}"
    return _recommendation(dispute, mean, max(0.1, confidence), reasoning, len(nearest))


def escalation(dispute: Dispute, others: int, age: timedelta) -> Escalation:
    """Give whether somebody higher up should look.

    others : how many other disputes the provider had lately
    """
    score, factors = 0.0, []
    score += 1.5 * tuple(Severity).index(dispute.severity)
    factors.append(f"{dispute.severity}_severity")
    if dispute.state in UNSETTLED:
        score += min(3.0, age / timedelta(days=2))
        if age > timedelta(days=3):
            factors.append("long_open")
    answered = dispute.provider_answered_at
    if answered is not None and answered - dispute.created_at <= PROMPT:
        factors.append("vendor_responsive")
    elif answered is None and age > PROMPT:
        score += 2.0
        factors.append("vendor_unresponsive")
    if others > 0:
        score += min(3.0, others)
        factors.append("repeat_disputes")
    return Escalation(round(min(score, 10.0), 1), tuple(factors))


def _recommendation(
    dispute: Dispute, fraction: float, confidence: float, reasoning: str, cases: int
) -> Recommendation:
    amount = round(dispute.price_minor * min(max(fraction, 0.0), 1.0))
    action = "no_refund" if fraction < 0.05 else "full_refund" if fraction > 0.95 else "partial_refund"
    return Recommendation(action, amount, round(confidence, 2), reasoning, cases)


def _counted(words: Sequence[str]) -> dict[str, int]:
    return {str(word): list(words).count(word) for word in sorted(set(words))}
