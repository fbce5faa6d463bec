"""How applications fare."""

from dataclasses import dataclass
from datetime import timedelta

from server import clock
from server.domain.applications import ApplicationState
from server.store.applications import Applications

DECIDED = (ApplicationState.APPROVED, ApplicationState.REJECTED)


@dataclass(frozen=True, slots=True)
class ApplicationAnalytics:
    """Applications begun in a period; `approval_rate` is the percentage of the decided ones."""

    total: int
    by_state: dict[str, int]
    mean_review_days: float
    approval_rate: float


class ApplicationStatistics:
    """Counts for reviewers."""

    def __init__(self, applications: Applications) -> None:
        self._applications = applications

    async def analytics(self, days: int) -> ApplicationAnalytics:
        """Count the applications begun in the last days, today included."""
        today = clock.now().date()
        first = today - timedelta(days=days - 1)
        found = await self._applications.of_dates(first.isoformat(), today.isoformat())
        states = [one.state for one in found]
        reviews = [
            (one.reviewed_at - one.submitted_at) / timedelta(days=1)
            for one in found
            if one.reviewed_at is not None and one.submitted_at is not None
        ]
        decided = sum(state in DECIDED for state in states)
        approved = states.count(ApplicationState.APPROVED)
        return ApplicationAnalytics(
            total=len(found),
            by_state={state.value: states.count(state) for state in ApplicationState},
            mean_review_days=round(sum(reviews) / len(reviews), 1) if reviews else 0.0,
            approval_rate=round(100 * approved / decided, 1) if decided else 0.0,
        )
