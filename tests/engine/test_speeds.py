"""Speeds fitted from trips: the truth comes back, outliers and silence do not spoil it."""

from dataclasses import replace

import numpy as np
import pytest

from engine.speeds import FEWEST_TRIPS, fit_speeds
from tests.engine.conftest import CITY

TRUTH = replace(
    CITY,
    speeds_kmh=tuple(12.0 if hour % 24 in (9, 10, 18, 19) else 22.0 for hour in range(168)),
    access_minutes=9.0,
)
"""A city that is slower than the prior, and harder to park in."""


def trips(
    count: int, *, seed: int = 1, hours: range = range(168)
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give km, hours and minutes of trips in the true city, with a tenth of noise."""
    rng = np.random.default_rng(seed)
    km, hour = 1 + rng.exponential(5, count), rng.choice(np.array(hours), count)
    road_minutes = km * TRUTH.road_factor * 60 / np.array(TRUTH.speeds_kmh)[hour]
    return km, hour, TRUTH.access_minutes + road_minutes * rng.normal(1, 0.1, count)


@pytest.fixture(autouse=True)
def implementation() -> str:
    """There is one: numpy."""
    return "numpy"


def test_many_trips_tell_the_truth() -> None:
    """With a hundred trips an hour, speeds come back within a tenth and access within a minute and a half."""
    fitted = fit_speeds(*trips(16_800), CITY)
    assert fitted is not None
    assert np.allclose(fitted.model.speeds_kmh, TRUTH.speeds_kmh, rtol=0.1)
    assert fitted.model.access_minutes == pytest.approx(TRUTH.access_minutes, abs=1.5)
    assert fitted.error_minutes < 0.5 * fitted.prior_error_minutes
    assert fitted.trips == 16_800


def test_lunch_on_the_way_is_no_traffic() -> None:
    """A tenth of the trips an hour too long move no speed by more than a seventh."""
    km, hours, minutes = trips(16_800)
    minutes[::10] += 60
    fitted = fit_speeds(km, hours, minutes, CITY)
    assert fitted is not None
    assert np.allclose(fitted.model.speeds_kmh, TRUTH.speeds_kmh, rtol=0.15)


def test_an_hour_without_trips_follows_the_city() -> None:
    """Trips by day alone: the night keeps the prior's shape at the city's level."""
    fitted = fit_speeds(*trips(4_000, hours=range(9, 18)), CITY)
    assert fitted is not None
    night, prior_night = fitted.model.speeds_kmh[27], CITY.speeds_kmh[27]
    level = np.median(np.array(fitted.model.speeds_kmh)[11:17] / np.array(CITY.speeds_kmh)[11:17])
    assert night / prior_night == pytest.approx(level, rel=0.1)
    assert night < prior_night


def test_too_few_trips_say_nothing() -> None:
    """Nor do trips around the corner."""
    assert fit_speeds(*trips(FEWEST_TRIPS - 1), CITY) is None
    assert fit_speeds(np.full(100, 0.1), np.zeros(100, int), np.full(100, 6.0), CITY) is None


def test_speeds_stay_within_reason() -> None:
    """Trips that took no time, or days, give no speed that a model refuses."""
    for minutes in (0.0, 10_000.0):
        fitted = fit_speeds(np.full(100, 3.0), np.arange(100), np.full(100, minutes), CITY)
        assert fitted is not None
        assert all(4 <= speed <= 90 for speed in fitted.model.speeds_kmh)
        assert 0 <= fitted.model.access_minutes <= 30


@pytest.mark.parametrize(
    "wrong",
    [([1.0], [0, 1], [5.0]), ([-1.0], [0], [5.0]), ([1.0], [168], [5.0]), ([1.0], [0], [float("nan")])],
)
def test_what_are_no_trips_is_refused(wrong: tuple[list[float], list[int], list[float]]) -> None:
    """Columns of one length, finite and not negative, hours of a week."""
    with pytest.raises(ValueError, match=r"must be|lie in"):
        fit_speeds(*wrong, CITY)
