"""Advice to mediators from what was kept, and figures about disputes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from server import clock
from server.domain.dispute_analysis import Escalation, Recommendation, recommend
from server.domain.disputes import DisputeState, DisputeType
from server.domain.parties import Caller
from server.services.disputes.dispute_cases import DisputeCases
from server.services.disputes.escalating import Escalating
from server.store.disputes import Disputes

POOL = 200
"""The newest resolved cases of a kind, among which the nearest are looked for."""


@dataclass(frozen=True, slots=True)
class Analytics:
    """Disputes opened in a period. The rate is a percentage of all; the mean is 0 without any resolved."""

    total: int
    by_state: dict[str, int]
    by_kind: dict[str, int]
    mean_hours: float
    resolution_rate: float


class DisputeAnalysis:
    """For mediators only; reads what others keep."""

    def __init__(self, disputes: Disputes, cases: DisputeCases, escalating: Escalating) -> None:
        self._disputes, self._cases, self._escalating = disputes, cases, escalating

    async def analyse(self, caller: Caller, dispute_id: str) -> tuple[Recommendation, Escalation]:
        """Give what to do about a dispute; raises NotFound."""
        dispute = await self._cases.get(caller, dispute_id)
        known = await self._disputes.resolved_like(dispute.kind, POOL)
        advice = recommend(dispute, [one for one in known if one.id != dispute.id])
        return advice, await self._escalating.assess(dispute)

    async def analytics(self, days: int) -> Analytics:
        """Count the disputes opened in the last days (UTC), today included."""
        today = clock.now().date()
        first = today - timedelta(days=days - 1)
        found = await self._disputes.outcomes(first.isoformat(), today.isoformat())
        resolved = [one for one in found if one.state is DisputeState.RESOLVED]
        hours = [
            (one.resolved_at - one.created_at) / timedelta(hours=1) for one in resolved if one.resolved_at
        ]
        return Analytics(
            total=len(found),
            by_state=_counted(DisputeState, (one.state for one in found)),
            by_kind=_counted(DisputeType, (one.kind for one in found)),
            mean_hours=round(sum(hours) / len(hours), 1) if hours else 0.0,
            resolution_rate=round(100 * len(resolved) / len(found), 1) if found else 0.0,
        )


def _counted(words: type[StrEnum], found: Iterable[StrEnum]) -> dict[str, int]:
    """Count every word of a vocabulary, those that do not occur too."""
    counts = {str(word): 0 for word in words}
    for one in found:
        counts[str(one)] += 1
    return counts
