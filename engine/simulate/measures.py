"""What came of a run, in a few figures. Money in minor units, times in minutes, shares 0..1."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.simulate.city import SERVICES, City
from engine.simulate.day import Day, Outcome
from engine.simulate.demand import Wishes

FEE_SHARE = 0.1
"""Of the price, the platform's."""
DEAR = 1.3
WAIT_EDGES = np.arange(0, 301, 5)


@dataclass
class Measures:
    """Sums over days; `figures` makes shares and means of them."""

    wishes: int = 0
    outcomes: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Outcome), np.int64))
    revenue_minor: int = 0
    waits: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(WAIT_EDGES), np.int64))
    wait_minutes: int = 0
    service_minutes: int = 0
    travel_minutes: float = 0.0
    shift_minutes: int = 0
    dear: int = 0
    ginis: list[float] = field(default_factory=list)
    surges: NDArray[np.float64] | None = None
    """(p, 24), a sum over days; NaN where nobody works."""
    busy_hours: NDArray[np.float64] = field(default_factory=lambda: np.zeros(24))
    duty_hours: NDArray[np.float64] = field(default_factory=lambda: np.zeros(24))
    days: int = 0

    def add(self, city: City, wishes: Wishes, day: Day) -> None:
        """Take in a day."""
        served = day.outcome == Outcome.SERVED
        minutes = np.array([minutes for _, _, minutes in SERVICES])
        waits = (day.start - wishes.wanted)[served]
        self.days += 1
        self.wishes += len(wishes.made)
        self.outcomes += np.bincount(day.outcome, minlength=len(Outcome))
        self.revenue_minor += int(day.price[served].sum())
        self.waits += np.bincount(np.minimum(waits // 5, len(WAIT_EDGES) - 1), minlength=len(WAIT_EDGES))
        self.wait_minutes += int(waits.sum())
        self.service_minutes += int(minutes[wishes.service[served]].sum())
        self.travel_minutes += day.travel_minutes
        self.shift_minutes += int((city.shifts[:, 1] - city.shifts[:, 0]).sum())
        self.dear += int((day.surge[served] > DEAR).sum())
        by_hour = [gini(hour[~np.isnan(hour)]) for hour in day.surges.T if not np.isnan(hour).all()]
        self.ginis.append(float(np.mean(by_hour)) if by_hour else 0.0)
        self.surges = day.surges if self.surges is None else self.surges + day.surges
        self.busy_hours += np.minimum(day.busy, 1.0).sum(axis=0)
        self.duty_hours += city.works().sum(axis=0)

    def figures(self) -> dict[str, Any]:
        """Give the figures by name, rounded to six places."""
        served = int(self.outcomes[Outcome.SERVED])
        cancelled = self.outcomes[Outcome.CANCELLED_BY_CUSTOMER] + self.outcomes[Outcome.CANCELLED_BY_VENDOR]
        return {
            "wishes": self.wishes,
            "served": served,
            "served_share": _share(served, self.wishes),
            "lost_to_price": int(self.outcomes[Outcome.TOO_DEAR]),
            "lost_without_vendor": int(self.outcomes[Outcome.NO_VENDOR]),
            "cancelled_by_customer": int(self.outcomes[Outcome.CANCELLED_BY_CUSTOMER]),
            "cancelled_by_vendor": int(self.outcomes[Outcome.CANCELLED_BY_VENDOR]),
            "cancelled_share": _share(int(cancelled), served + int(cancelled)),
            "revenue_minor": self.revenue_minor,
            "platform_fee_minor": round(self.revenue_minor * FEE_SHARE),
            "mean_price_minor": _share(self.revenue_minor, served),
            "mean_wait_minutes": _share(self.wait_minutes, served),
            "wait_p90_minutes": self._percentile(0.9),
            "utilisation": _share(self.service_minutes, self.shift_minutes),
            "travel_share": _share(self.travel_minutes, self.travel_minutes + self.service_minutes),
            "price_gini": round(float(np.mean(self.ginis)), 6) if self.ginis else 0.0,
            "paying_over_1_3": _share(self.dear, served),
        }

    def _percentile(self, share: float) -> int:
        total = self.waits.sum()
        return int(WAIT_EDGES[np.searchsorted(np.cumsum(self.waits), share * total)]) if total else 0


def gini(values: NDArray[np.float64]) -> float:
    """Give how unequal values are: 0 when all are the same, towards 1 when one has everything."""
    ordered = np.sort(values)
    n = len(ordered)
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ ordered / (n * ordered.sum())) if ordered.sum() else 0.0


def spread(runs: Iterable[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Give mean, lowest and highest of every figure over runs with different seeds."""
    rows = list(runs)
    return {
        name: {
            "mean": round(float(np.mean([row[name] for row in rows])), 6),
            "low": float(min(row[name] for row in rows)),
            "high": float(max(row[name] for row in rows)),
        }
        for name in rows[0]
    }


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0
