"""A city's speeds by hour of week and its access minutes, fitted from finished trips.

A trip of k great-circle kilometres in hour h takes access + k x road factor x 60 / speed[h] minutes. Factor
and speed cannot be told apart by such trips, so the factor stays the prior's. Access and the pace of each
hour, in minutes a road kilometre, are fitted in turns:

    access  = the intercept of minutes over km x pace[h], by Theil's incomplete method: trips in order of
              km x pace, each paired with that half way further on; the slope is the median of the pairs'
              slopes, the intercept the median of what is left
    pace[h] = (n[h] x median of (minutes - access) / km  +  SHRINK x prior pace[h] x level) / (n[h] + SHRINK)

`level` is the median of what all trips say of the prior's pace: an hour without trips follows the city and
keeps the prior's shape of the week. Medians leave alone what is far off: somebody's lunch on the way.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.travel import HOURS_OF_WEEK, TravelModel

Floats = NDArray[np.float64]
ROUNDS = 5
SHRINK = 20.0
"""Trips that an hour must have before its own median counts as much as the city's."""
FEWEST_TRIPS = 30
"""Fewer say nothing about a city."""
SHORTEST_KM = 0.5
"""Great-circle kilometres: shorter trips are access, not driving."""
SLOWEST_KMH, FASTEST_KMH = 4.0, 90.0
MOST_ACCESS = 30.0


@dataclass(frozen=True)
class Fitted:
    """A model and how well it tells the trips it was fitted from: median absolute errors in minutes."""

    model: TravelModel
    trips: int
    error_minutes: float
    prior_error_minutes: float


def fit_speeds(
    km: ArrayLike, hours_of_week: ArrayLike, minutes: ArrayLike, prior: TravelModel
) -> Fitted | None:
    """Give the model of n trips, None when there are too few.

    km : (n,) great-circle; hours_of_week : (n,) 0..167; minutes : (n,) taken, access with it
    raises : ValueError when lengths differ, or a value is negative, not finite or no hour
    """
    road = np.asarray(km, np.float64) * prior.road_factor
    hours, taken = np.asarray(hours_of_week, np.int64), np.asarray(minutes, np.float64)
    _check(road, hours, taken)
    drives = road >= SHORTEST_KM * prior.road_factor
    road, hours, taken = road[drives], hours[drives], taken[drives]
    if len(road) < FEWEST_TRIPS:
        return None
    prior_pace = 60.0 / np.array(prior.speeds_kmh)
    access, pace = prior.access_minutes, prior_pace
    for _ in range(ROUNDS):
        access = float(np.clip(_intercept(road * pace[hours], taken), 0.0, MOST_ACCESS))
        pace = _paces(road, hours, np.maximum(taken - access, 0.0), prior_pace)
    speeds = np.clip(60.0 / pace, SLOWEST_KMH, FASTEST_KMH)
    model = replace(
        prior,
        speeds_kmh=tuple(np.round(speeds, 2).tolist()),
        free_flow_kmh=round(float(speeds.max()), 2),
        access_minutes=round(access, 2),
    )
    return Fitted(model, len(road), _error(model, road, hours, taken), _error(prior, road, hours, taken))


def _intercept(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Give where a robust line through points meets the axis (Theil 1950, incomplete method)."""
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    half = len(x) // 2
    apart = x[-half:] - x[:half]
    told = apart > 1e-9
    slope = float(np.median((y[-half:] - y[:half])[told] / apart[told])) if told.any() else 1.0
    return float(np.median(y - slope * x))


def _paces(
    road: NDArray[np.float64],
    hours: NDArray[np.int64],
    driven: NDArray[np.float64],
    prior: NDArray[np.float64],
) -> Floats:
    """Give minutes a road kilometre by hour of week: (168,)."""
    seen = np.clip(driven / road, 60.0 / FASTEST_KMH, 60.0 / SLOWEST_KMH)
    level = float(np.median(seen / prior[hours]))
    pace = prior * level
    for hour in np.unique(hours):
        own = seen[hours == hour]
        pace[hour] = (len(own) * np.median(own) + SHRINK * pace[hour]) / (len(own) + SHRINK)
    return pace


def _error(
    model: TravelModel, road: NDArray[np.float64], hours: NDArray[np.int64], taken: NDArray[np.float64]
) -> float:
    told = model.access_minutes + road * 60.0 / np.array(model.speeds_kmh)[hours]
    return round(float(np.median(np.abs(told - taken))), 2)


def _check(road: NDArray[np.float64], hours: NDArray[np.int64], taken: NDArray[np.float64]) -> None:
    if not road.shape == hours.shape == taken.shape or road.ndim != 1:
        raise ValueError("km, hours and minutes must be columns of one length")
    if not (np.isfinite(road) & np.isfinite(taken) & (road >= 0) & (taken >= 0)).all():
        raise ValueError("km and minutes must be finite and not negative")
    if len(hours) and not (hours.min() >= 0 and hours.max() < HOURS_OF_WEEK):
        raise ValueError(f"hours of the week lie in 0..{HOURS_OF_WEEK - 1}")
