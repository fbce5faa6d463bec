"""The best slot of each of many providers' days at once, for search.

`gather` lays days out as flat arrays with everything that does not depend on the visit; `find_many` then
looks for one visit in all of them. Rules and scores are those of `slots.find`, day by day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from engine.compiled import implementation
from engine.slots import WEIGHTS, Day, Request, Weights, held_columns, room, whole_legs
from engine.travel import TravelModel, one_to_many

_kernel = implementation("slots")


@dataclass(frozen=True)
class Days:
    """v days with k held visits in all, one day after the other.

    windows  : (v, 2) int64 minutes from midnight; hours: (v,) hour of week of each day's traffic
    offsets  : (v + 1,) int64, where each day's held visits begin
    held     : (k, 4) int64 start, end, before, after
    lats, lngs : (k + v,) degrees, the held places, then the bases
    direct   : (k + v,) int64 whole minutes between neighbours, a day's n + 1 together
    model    : the travel model that all legs are of
    """

    windows: NDArray[np.int64]
    hours: NDArray[np.int64]
    offsets: NDArray[np.int64]
    held: NDArray[np.int64]
    lats: NDArray[np.float64]
    lngs: NDArray[np.float64]
    direct: NDArray[np.int64]
    model: TravelModel


@dataclass(frozen=True)
class Best:
    """For each day, (v,): its first free start, and start, travel and score of its best slot.

    The best is the slot with the highest score, the earliest of equals. A day without a slot has -1 for
    the minutes and 0 for the score.
    """

    first: NDArray[np.int64]
    start: NDArray[np.int64]
    travel: NDArray[np.int64]
    score: NDArray[np.float64]


def gather(days: Sequence[Day], model: TravelModel, weekday: int) -> Days:
    """Give days of one weekday (0 is Monday) as arrays; raises ValueError for a day that is none."""
    for day in days:
        day.validate()
    places = [(one.lat, one.lng) for day in days for one in day.held]
    places += [(day.base_lat, day.base_lng) for day in days]
    lats, lngs = np.array(places, np.float64).reshape(-1, 2).T
    windows = [(day.window_start, day.window_end) for day in days]
    direct = [leg for day in days for leg in day.direct_legs(model, weekday)]
    return Days(
        windows=np.array(windows, np.int64).reshape(-1, 2),
        hours=np.array([day.hour_of_week(weekday) for day in days], np.int64),
        offsets=np.array([*accumulate((len(day.held) for day in days), initial=0)], np.int64),
        held=held_columns(days),
        lats=np.ascontiguousarray(lats),
        lngs=np.ascontiguousarray(lngs),
        direct=np.array(direct, np.int64),
        model=model,
    )


def find_many(days: Days, request: Request, weights: Weights = WEIGHTS) -> Best:
    """Give each day's best slot for a visit; raises ValueError for a visit that is none."""
    request.validate()
    sizes = np.diff(days.offsets)
    legs = _legs(days, sizes, request)
    longest = int(np.ptp(days.windows, axis=1).max(initial=0))
    starts, rows = room(longest, int(sizes.max(initial=0)), request.step)
    out = np.empty((len(sizes), 4), np.float64)
    held_legs, base_legs = legs[: len(days.held)], legs[len(days.held) :]
    facts, parts = request.columns(), weights.columns()
    _kernel.best(
        days.windows,
        days.offsets,
        days.held,
        held_legs,
        base_legs,
        days.direct,
        facts,
        parts,
        starts,
        rows,
        out,
    )
    first, start, travel = out[:, :3].astype(np.int64).T
    return Best(first, start, travel, out[:, 3])


def _legs(days: Days, sizes: NDArray[np.int64], request: Request) -> NDArray[np.int64]:
    """Give the whole minutes between the visit and each place, at the hour of the place's day: (k + v,)."""
    hours = np.concatenate([np.repeat(days.hours, sizes), days.hours])
    legs = np.empty(len(hours), np.int64)
    for hour in np.unique(days.hours).tolist():
        there = hours == hour
        minutes, _ = one_to_many(
            (request.lat, request.lng), days.lats[there], days.lngs[there], days.model, hour
        )
        legs[there] = whole_legs(minutes)
    return legs
