"""How well a provider works, in figures, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WEIGHTS = {"rating": 0.4, "on_time": 0.3, "completion": 0.2, "peace": 0.1}
"""What a provider's score is made of."""

POINTS_A_JOB = 10


@dataclass(frozen=True, slots=True)
class Tier:
    """What a provider must reach for a tier; rates are percentages."""

    name: str
    min_jobs: int = 0
    min_rating: float = 0.0
    min_completion: float = 0.0
    min_on_time: float = 0.0
    max_dispute: float = 100.0


@dataclass(frozen=True, slots=True)
class BonusShares:
    """The share of a period's revenue that full marks in each respect are worth."""

    quality: float = 0.02
    efficiency: float = 0.015
    satisfaction: float = 0.015


FULL_SHARES = BonusShares()


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and means of a period. `rating` is 0..5, 0 without any."""

    done: int = 0
    lost: int = 0
    """Called off by the provider, or never begun."""
    judged: int = 0
    """Visits whose beginning is known."""
    on_time: int = 0
    disputes: int = 0
    rating: float = 0.0
    revenue_minor: int = 0

    @property
    def completion_rate(self) -> float:
        return _percent(self.done, self.done + self.lost)

    @property
    def on_time_rate(self) -> float:
        return _percent(self.on_time, self.judged)

    @property
    def dispute_rate(self) -> float:
        return _percent(self.disputes, self.done)

    @property
    def score(self) -> float:
        """The weighted mean of what was reached, 0..10; 0 without any work."""
        if not self.done:
            return 0.0
        peace = max(0.0, 1 - self.dispute_rate / 20)
        reached = {
            "rating": self.rating / 5,
            "on_time": self.on_time_rate / 100,
            "completion": self.completion_rate / 100,
            "peace": peace,
        }
        return round(10 * sum(WEIGHTS[name] * value for name, value in reached.items()), 1)

    @property
    def points(self) -> int:
        """Ten points a job, at full marks."""
        return round(self.done * POINTS_A_JOB * self.score / 10)


def _percent(part: int, whole: int) -> float:
    return round(min(100.0, 100 * part / whole), 1) if whole else 0.0


def tier_of(figures: Figures, tiers: Sequence[Tier]) -> Tier:
    """Give the best tier whose every demand is met; `tiers` begin with the lowest, which demands nothing."""
    return next(tier for tier in reversed(tiers) if not shortfalls(figures, tier))


def next_tier(figures: Figures, tiers: Sequence[Tier]) -> Tier | None:
    """Give the tier above the present one, None at the top."""
    position = tiers.index(tier_of(figures, tiers))
    return tiers[position + 1] if position + 1 < len(tiers) else None


def shortfalls(figures: Figures, tier: Tier) -> list[str]:
    """Say what keeps a provider from a tier, with the value measured and the value demanded."""
    demands = (
        (figures.done < tier.min_jobs, f"Complete {tier.min_jobs - figures.done} more jobs"),
        (
            figures.rating < tier.min_rating,
            f"Increase customer satisfaction rating from {figures.rating} to {tier.min_rating}",
        ),
        (
            figures.completion_rate < tier.min_completion,
            f"Raise completion rate from {figures.completion_rate}% to {tier.min_completion}%",
        ),
        (
            figures.on_time_rate < tier.min_on_time,
            f"Arrive on time more often: {figures.on_time_rate}% now, {tier.min_on_time}% needed",
        ),
        (
            figures.dispute_rate > tier.max_dispute,
            f"Reduce disputes from {figures.dispute_rate}% to {tier.max_dispute}% of jobs",
        ),
    )
    return [words for falls_short, words in demands if falls_short]


@dataclass(frozen=True, slots=True)
class Bonus:
    """What a period's work is worth beside its price, minor units."""

    quality_minor: int
    efficiency_minor: int
    satisfaction_minor: int

    @property
    def total_minor(self) -> int:
        return self.quality_minor + self.efficiency_minor + self.satisfaction_minor


def bonus_of(figures: Figures, shares: BonusShares) -> Bonus:
    """Give the bonus of a period: shares of its revenue, in proportion to what was reached.

    Quality counts completed work without disputes, efficiency punctuality, satisfaction ratings above 3.
    """
    peace = max(0.0, 1 - figures.dispute_rate / 20)
    delight = max(0.0, (figures.rating - 3) / 2)
    return Bonus(
        round(figures.revenue_minor * shares.quality * figures.completion_rate / 100 * peace),
        round(figures.revenue_minor * shares.efficiency * figures.on_time_rate / 100),
        round(figures.revenue_minor * shares.satisfaction * delight),
    )


@dataclass(frozen=True, slots=True)
class Performance:
    """A provider's figures when they were last calculated; rates are percentages."""

    id: str
    provider_id: int
    provider_name: str
    avg_rating: float
    completion_rate: float
    on_time_rate: float
    dispute_rate: float
    tier: str
    bonus_points: int
    calculated_at: datetime
