"""A pincode's next week: time, and error beside the seasonal naive forecast's (last week repeated)."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.race import Races
from engine.forecast import forecast

DAYS, HORIZON, ORIGINS = 90, 7, 30
Counts = NDArray[np.float64]

WEEK = np.array([0.8, 0.75, 0.8, 0.9, 1.1, 1.4, 1.25])


def series(seed: int, level: float, growth: float) -> Counts:
    """Give Poisson counts a day: a weekly profile on a level that grows by a share over the whole time."""
    rng = np.random.default_rng(seed)
    days = np.arange(DAYS + ORIGINS + HORIZON)
    mean = level * (1 + growth * days / len(days)) * WEEK[days % 7]
    return rng.poisson(mean).astype(np.float64)


CASES = {
    "quiet pincode": (1.5, 0.0),
    "busy pincode": (12.0, 0.0),
    "growing pincode": (6.0, 1.0),
    "shrinking pincode": (8.0, -0.6),
}


def ours(history: Counts) -> Counts:
    return forecast(history, HORIZON).mean


def naive(history: Counts) -> Counts:
    """Give last week again."""
    return history[-7:]


def error(method: Callable[[Counts], Counts], counts: Counts) -> float:
    """Give the mean absolute error over rolling origins, bookings a day."""
    errors = [
        np.abs(method(counts[:origin]) - counts[origin : origin + HORIZON]).mean()
        for origin in range(DAYS, DAYS + ORIGINS)
    ]
    return float(np.mean(errors))


@pytest.mark.parametrize("case", CASES)
def test_forecast_beats_last_week(races: Races, case: str) -> None:
    """Over ten seeds and thirty origins each, the forecast errs less than last week repeated."""
    level, growth = CASES[case]
    many = [series(seed, level, growth) for seed in range(10)]
    group = f"the next week of a {case}"
    races.run(group, {"Doorstep": lambda: ours(many[0][:DAYS])})
    mine = float(np.mean([error(ours, counts) for counts in many]))
    theirs = float(np.mean([error(naive, counts) for counts in many]))
    races.quality(group, "mean error, bookings a day", f"{mine:.2f}")
    races.quality(group, "the same of last week repeated", f"{theirs:.2f}", is_met=mine < theirs)
    assert mine < theirs


def test_the_interval_holds_what_it_says() -> None:
    """About eight of ten days lie within the 80 % interval."""
    inside = []
    for seed in range(20):
        counts = series(seed, 8.0, 0.0)
        for origin in range(DAYS, DAYS + ORIGINS):
            given = forecast(counts[:origin], HORIZON)
            coming = counts[origin : origin + HORIZON]
            inside.append(((given.low <= coming) & (coming <= given.high)).mean())
    assert 0.7 <= float(np.mean(inside)) <= 0.93
