"""Forecast: bounds, weekdays, and honesty about what is not known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.forecast import forecast

WEEK = [2, 2, 2, 2, 4, 8, 6]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=80), st.integers(1, 30))
def test_every_history_has_a_forecast_within_bounds(history: list[int], days: int) -> None:
    """0 <= low <= mean <= high and 0 < confidence < 1, for short, empty and wild histories."""
    found = forecast(history, days)
    assert found.mean.shape == (days,)
    assert (found.low >= 0).all()
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert ((found.confidence > 0) & (found.confidence < 1)).all()


def test_weekdays_are_told_apart() -> None:
    """After eight equal weeks the forecast has the week's shape, starting with tomorrow's weekday."""
    found = forecast(WEEK * 8, 14)
    assert found.mean[:7].argmax() == 5
    assert found.mean[:7] == pytest.approx(found.mean[7:])
    assert np.abs(found.mean[:7] - WEEK).max() < 1.0


def test_it_beats_the_seasonal_naive_forecast_on_noise() -> None:
    """On Poisson noise around a weekly shape its error is below that of repeating last week."""
    rng = np.random.default_rng(7)
    ours = naive = 0.0
    for _ in range(60):
        counts = rng.poisson(np.array(WEEK * 9)).astype(float)
        past, future = counts[:56], counts[56:]
        ours += np.abs(forecast(past, 7).mean - future).mean()
        naive += np.abs(past[-7:] - future).mean()
    assert ours < naive


def test_confidence_falls_with_horizon_and_noise() -> None:
    """Farther days and wilder histories are less certain."""
    steady = forecast([20] * 56, 28).confidence
    assert steady[0] > steady[-1]
    wild = forecast(([0, 60] * 28)[:56], 28).confidence
    assert wild.mean() < steady.mean()


@pytest.mark.parametrize("wrong", [[-1], [np.nan], [[1, 2]]])
def test_what_is_no_history_is_refused(wrong: list[object]) -> None:
    """Negative, unreal and nested counts raise."""
    with pytest.raises(ValueError, match="history"):
        forecast(wrong, 3)
