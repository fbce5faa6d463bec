"""Figures, tiers and bonuses: bounded, in the right direction, and explained by the numbers."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from server.domain.performance import FULL_SHARES, Figures, bonus_of, next_tier, shortfalls, tier_of
from server.marketplaces.homeserve import TIERS

GOOD = Figures(done=50, lost=0, judged=50, on_time=49, disputes=0, rating=4.9, revenue_minor=5_000_000)
FIGURES = st.builds(
    Figures,
    done=st.integers(0, 200),
    lost=st.integers(0, 50),
    judged=st.just(100),
    on_time=st.integers(0, 100),
    disputes=st.integers(0, 20),
    rating=st.floats(0, 5),
    revenue_minor=st.integers(0, 10**9),
)


def test_the_best_and_the_new() -> None:
    """Who reaches everything is at the top with nothing to improve; who has done nothing is at the bottom."""
    assert (tier_of(GOOD, TIERS).name, next_tier(GOOD, TIERS)) == ("platinum", None)
    nobody = Figures()
    assert (tier_of(nobody, TIERS).name, nobody.score, nobody.points) == ("bronze", 0.0, 0)
    assert bonus_of(nobody, FULL_SHARES).total_minor == 0


def test_suggestions_name_what_is_missing() -> None:
    """What keeps somebody from a tier is said with the value measured and the value demanded."""
    late = replace(GOOD, on_time=40, rating=4.5)
    (platinum,) = [tier for tier in TIERS if tier.name == "platinum"]
    words = shortfalls(late, platinum)
    assert words == [
        "Increase customer satisfaction rating from 4.5 to 4.7",
        "Arrive on time more often: 80.0% now, 95% needed",
    ]


@given(FIGURES)
def test_everything_is_bounded(figures: Figures) -> None:
    """Scores lie in 0..10, rates in 0..100 where they can, bonuses between nothing and their full share."""
    assert 0 <= figures.score <= 10
    assert 0 <= figures.completion_rate <= 100
    bonus = bonus_of(figures, FULL_SHARES)
    assert 0 <= bonus.total_minor <= figures.revenue_minor * 0.05 + 2
    assert figures.points >= 0


@given(FIGURES, st.integers(0, 20))
def test_disputes_never_help(figures: Figures, more: int) -> None:
    """More disputes lower neither tier's demands nor raise score or bonus."""
    worse = replace(figures, disputes=figures.disputes + more)
    assert worse.score <= figures.score
    assert bonus_of(worse, FULL_SHARES).total_minor <= bonus_of(figures, FULL_SHARES).total_minor
    names = [tier.name for tier in TIERS]
    assert names.index(tier_of(worse, TIERS).name) <= names.index(tier_of(figures, TIERS).name)
