"""When a visit fits into a provider's day, and how well.

All times are minutes from local midnight. Travel in a day is the model's at the hour in the middle of the
working window, one hour for the whole day, rounded up to whole minutes per leg.

A visit fits when

    start >= window start, start >= earliest
    end    = start + duration + before + after + the longer of both legs <= window end
    previous visit: its end + its after + leg + before <= start
    next visit:     start + duration + after + leg + its before <= its start

and an offered slot also ends before the next visit starts, so that offers never lie over held time.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.compiled import implementation
from engine.travel import TravelModel, between, one_to_many, whole_minutes

AFTER_VISIT_STEP = 5
"""Besides the grid, a slot begins as soon after a held visit as possible, on a multiple of this."""

_kernel = implementation("slots")


class Refusal(StrEnum):
    """Why a named start does not fit."""

    OUTSIDE_HOURS = "outside working hours"
    OVERLAP = "over held time"
    TOO_NEAR = "too near to held time"
    PAST = "in the past"


@dataclass(frozen=True, slots=True)
class Held:
    """A held visit: the service itself, the buffers around it, and where it is."""

    start: int
    end: int
    before: int
    after: int
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Day:
    """A working window, the place it starts from, and what is held, in order of time."""

    window_start: int
    window_end: int
    base_lat: float
    base_lng: float
    held: tuple[Held, ...] = ()

    def validate(self) -> None:
        """Raise ValueError for a window that is none, or held visits out of order."""
        if not 0 <= self.window_start < self.window_end <= 24 * 60:
            raise ValueError("a window lies within a day and ends after its start")
        if any(a.start > b.start for a, b in itertools.pairwise(self.held)):
            raise ValueError("held visits are in order of time")

    def hour_of_week(self, weekday: int) -> int:
        """Give the hour whose traffic stands for the whole day: the middle of the window."""
        return weekday * 24 + (self.window_start + self.window_end) // 2 // 60

    def direct_legs(self, model: TravelModel, weekday: int) -> list[int]:
        """Give the whole minutes from each place of the day to the next, base to base; [0] for a free day."""
        if not self.held:
            return [0]
        base, hour = (self.base_lat, self.base_lng), self.hour_of_week(weekday)
        route = [base, *((one.lat, one.lng) for one in self.held), base]
        return [whole_minutes(between(a, b, model, hour).minutes) for a, b in itertools.pairwise(route)]


@dataclass(frozen=True, slots=True)
class Request:
    """A visit that wants in. Nothing before `earliest` is offered; `preferred` may be None."""

    lat: float
    lng: float
    duration: int
    before: int
    after: int
    earliest: int = 0
    preferred: int | None = None
    step: int = 30

    def validate(self) -> None:
        """Raise ValueError for a duration, a step or a buffer that is none."""
        if self.duration <= 0 or self.step <= 0 or min(self.before, self.after) < 0:
            raise ValueError("duration and step are positive, buffers not negative")

    def columns(self) -> NDArray[np.int64]:
        """Give what the kernels read of it: (7,)."""
        preferred = -1 if self.preferred is None else self.preferred
        visit = (self.earliest, self.duration, self.before, self.after, preferred)
        return np.array((*visit, self.step, AFTER_VISIT_STEP), np.int64)


@dataclass(frozen=True, slots=True)
class Slot:
    """An offered start.

    end          : when the provider is free again
    travel       : the longer of both legs
    score        : 0..10 to one decimal, higher is better
    extra_travel : minutes the visit adds to the day's travel, at least 0
    gap_minutes  : idle time around it that is too short to sell
    reasons      : what speaks for it, true of this slot
    """

    start: int
    end: int
    travel: int
    score: float
    extra_travel: int
    gap_minutes: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """What a score is made of; the four add up to 1.

    Each part is 1 at best: no extra travel (0 at `travel_scale` minutes), no idle time under `sellable`
    minutes before or after, the preferred minute (0 at `preference_scale` away; 1 without a wish), an
    empty day (0 for one that is full of service).
    """

    travel: float = 0.45
    gaps: float = 0.25
    preference: float = 0.2
    load: float = 0.1
    travel_scale: float = 60.0
    sellable: float = 60.0
    preference_scale: float = 240.0

    def columns(self) -> NDArray[np.float64]:
        """Give the shares, then the scales, as the kernels read them: (7,)."""
        shares = (self.travel, self.gaps, self.preference, self.load)
        return np.array((*shares, self.travel_scale, self.sellable, self.preference_scale), np.float64)


WEIGHTS = Weights()


@dataclass(frozen=True)
class _Legs:
    """Whole minutes: visit <-> each held place, visit <-> base, and each gap's direct leg, (n + 1,)."""

    held: NDArray[np.int64]
    base: int
    direct: NDArray[np.int64]


def find(
    day: Day, request: Request, model: TravelModel, weekday: int, weights: Weights = WEIGHTS
) -> list[Slot]:
    """Give every slot that is offered, in order of time.

    weekday : 0 is Monday
    raises  : ValueError for a window, a duration, a buffer or a step that is none
    """
    request.validate()
    day.validate()
    legs = _legs(day, request, model, weekday)
    window, held = np.array((day.window_start, day.window_end), np.int64), held_columns([day])
    starts, out = room(day.window_end - day.window_start, len(day.held), request.step)
    facts, parts = request.columns(), weights.columns()
    count = _kernel.find(window, held, legs.held, legs.base, legs.direct, facts, parts, starts, out)
    return [_slot(row, request, day) for row in out[:count]]


def check(day: Day, request: Request, start: int, model: TravelModel, weekday: int) -> Refusal | None:
    """Say why a named start does not fit, None when it does; every offered slot fits."""
    request.validate()
    day.validate()
    if start < request.earliest:
        return Refusal.PAST
    index = sum(one.start <= start for one in day.held)
    previous = day.held[index - 1] if index else None
    following = day.held[index] if index < len(day.held) else None
    finish = start + request.duration
    if (previous and start < previous.end) or (following and finish > following.start):
        return Refusal.OVERLAP
    legs = _legs(day, request, model, weekday)
    leg_in = int(legs.held[index - 1]) if previous else legs.base
    leg_out = int(legs.held[index]) if following else legs.base
    if previous and start < previous.end + previous.after + leg_in + request.before:
        return Refusal.TOO_NEAR
    if following and finish + request.after + leg_out + following.before > following.start:
        return Refusal.TOO_NEAR
    end = finish + request.before + request.after + max(leg_in, leg_out)
    if start < day.window_start or end > day.window_end:
        return Refusal.OUTSIDE_HOURS
    return None


def _legs(day: Day, request: Request, model: TravelModel, weekday: int) -> _Legs:
    places = [*((one.lat, one.lng) for one in day.held), (day.base_lat, day.base_lng)]
    lats, lngs = zip(*places, strict=True)
    minutes, _ = one_to_many((request.lat, request.lng), lats, lngs, model, day.hour_of_week(weekday))
    whole = whole_legs(minutes)
    return _Legs(whole[:-1].copy(), int(whole[-1]), np.array(day.direct_legs(model, weekday), np.int64))


def held_columns(days: Iterable[Day]) -> NDArray[np.int64]:
    """Give the held visits of days, one day after the other, as start, end, before, after: (n, 4)."""
    rows = [(one.start, one.end, one.before, one.after) for day in days for one in day.held]
    return np.array(rows, np.int64).reshape(-1, 4)


def room(window_minutes: int, held: int, step: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give room for the candidate starts and the slots of a day with that many held visits."""
    most = -(-window_minutes // step) + held
    return np.empty(most, np.int64), np.empty((most, 7), np.float64)


def whole_legs(minutes: NDArray[np.float32]) -> NDArray[np.int64]:
    """Round up to whole minutes, without what single precision adds to a whole one."""
    return np.ceil(minutes.astype(np.float64) - 1e-4).astype(np.int64)


def _slot(row: NDArray[np.float64], request: Request, day: Day) -> Slot:
    start, end, travel, score, extra, gap, index = row.tolist()
    previous = day.held[int(index) - 1] if index else None
    following = day.held[int(index)] if index < len(day.held) else None
    reasons = _reasons(int(start), int(extra), int(gap), previous, following, request)
    return Slot(int(start), int(end), int(travel), score, int(extra), int(gap), reasons)


def _reasons(
    start: int, extra: int, gap: int, previous: Held | None, following: Held | None, request: Request
) -> tuple[str, ...]:
    """Give what is true of a slot, the strongest first."""
    said = []
    if request.preferred is not None and abs(start - request.preferred) <= 30:
        said.append("close to the preferred time")
    if previous is None and following is None:
        said.append("the day is still free")
    elif extra == 0 and previous and following:
        said.append("on the way between other jobs")
    said.append(f"adds {extra} minutes of travel to the day")
    if gap == 0:
        said.append("leaves no idle time that cannot be sold")
    if previous is None and following is not None:
        said.append("before the first job of the day")
    return tuple(said)
