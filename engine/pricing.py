"""What a price becomes: base x (hour of week x demand x availability), rounded, held between floor and cap.

Each multiplier is rounded to hundredths first, so that the factors a client is shown multiply to what it
pays. All rounding is half up and in integers from there on: surge in hundredths, money in minor units.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.compiled import implementation

HOURS_OF_WEEK = 168
LARGEST_MULTIPLIER = 90
"""Of any factor and of the cap; with bases up to LARGEST_BASE_MINOR every product is exact."""
LARGEST_BASE_MINOR = 10**11
_OUT_OF_RANGE = f"hours of the week lie in 0..{HOURS_OF_WEEK - 1}, bases in 0..{LARGEST_BASE_MINOR}"
Knots = tuple[tuple[float, float], ...]
"""(x, multiplier), x rising: linear between, flat outside."""

_kernel = implementation("pricing")


@dataclass(frozen=True)
class SurgePolicy:
    """How a marketplace prices.

    hour_table         : multiplier by hour of week, 0 is Monday 00:00 local
    demand_curve       : bookings per provider on duty -> multiplier, never falling
    availability_curve : free share of the providers on duty, 0..1 -> multiplier, never rising
    floor, cap         : bounds of the product
    levels             : (least surge, name), rising, the first from 0
    """

    hour_table: tuple[float, ...]
    demand_curve: Knots
    availability_curve: Knots
    floor: float
    cap: float
    levels: tuple[tuple[float, str], ...]
    prepared: Any = field(init=False, repr=False, compare=False)
    """The policy as the kernel reads it."""

    def __post_init__(self) -> None:
        if len(self.hour_table) != HOURS_OF_WEEK or min(self.hour_table) <= 0:
            raise ValueError(f"hour_table needs {HOURS_OF_WEEK} positive values")
        _check_curve("demand_curve", self.demand_curve, 1)
        _check_curve("availability_curve", self.availability_curve, -1)
        if self.availability_curve[0][0] < 0 or self.availability_curve[-1][0] > 1:
            raise ValueError("availability_curve needs shares between 0 and 1")
        multipliers = (*self.hour_table, *(y for _, y in (*self.demand_curve, *self.availability_curve)))
        if max(*multipliers, self.cap) > LARGEST_MULTIPLIER:
            raise ValueError(f"multipliers and the cap need to be at most {LARGEST_MULTIPLIER}")
        if not 0 < self.floor <= self.cap:
            raise ValueError("0 < floor <= cap is needed")
        thresholds = [least for least, _ in self.levels]
        if not thresholds or thresholds != sorted(thresholds):
            raise ValueError("levels need rising thresholds")
        object.__setattr__(self, "prepared", self._prepare())

    def _prepare(self) -> Any:
        hours = np.floor(np.array(self.hour_table) * 100 + 0.5 + 1e-9)
        curves = _with_slopes(self.demand_curve), _with_slopes(self.availability_curve)
        return _kernel.Prepared(hours, *curves, round(self.floor * 100), round(self.cap * 100))


@dataclass(frozen=True, slots=True)
class Quote:
    """One price and where it comes from; multipliers to two decimals, money in minor units."""

    base_minor: int
    time_multiplier: float
    demand_multiplier: float
    availability_multiplier: float
    surge_multiplier: float
    final_minor: int
    demand_level: str


@dataclass(frozen=True)
class QuoteArrays:
    """n prices: (n,) float64 multipliers and int64 minor units."""

    surge: NDArray[np.float64]
    final_minor: NDArray[np.int64]


def quote(
    policy: SurgePolicy,
    base_minor: int,
    hour_of_week: int,
    *,
    booked: float,
    capacity: float,
    free: float,
    on_duty: float,
) -> Quote:
    """Give one price.

    booked, capacity : bookings asked for in the hour, and how many could be served; without capacity
                       the demand counts as one more booking than there are, each needing a provider
    free, on_duty    : providers free in that hour, of those on duty; nobody on duty counts as nobody free
    """
    found = _kernel.price(policy.prepared, base_minor, hour_of_week, booked, capacity, free, on_duty)
    if found is None:
        raise ValueError(_OUT_OF_RANGE)
    hour, demand, scarcity, surge, final = found
    return Quote(base_minor, hour / 100, demand / 100, scarcity / 100, surge, final, level(policy, surge))


def quotes(
    policy: SurgePolicy,
    base_minor: ArrayLike,
    hour_of_week: ArrayLike,
    booked: ArrayLike,
    capacity: ArrayLike,
    free: ArrayLike,
    on_duty: ArrayLike,
) -> QuoteArrays:
    """Give n prices; every argument is (n,) or a scalar. Agrees with `quote` element by element.

    raises : ValueError when an hour or a base is out of range, or lengths differ
    """
    given = base_minor, hour_of_week, booked, capacity, free, on_duty
    kinds = np.int64, np.int64, np.float64, np.float64, np.float64, np.float64
    columns = [np.asarray(column, kind) for column, kind in zip(given, kinds, strict=True)]
    (n,) = np.broadcast_shapes((1,), *(column.shape for column in columns))
    surge, final = np.empty(n, np.float64), np.empty(n, np.int64)
    if not _kernel.prices(policy.prepared, *(_column(column, n) for column in columns), surge, final):
        raise ValueError(_OUT_OF_RANGE)
    return QuoteArrays(surge, final)


def _column(values: NDArray[Any], n: int) -> NDArray[Any]:
    """Give n values, or of one value as many as the kernel takes at a time."""
    if values.shape == (n,):
        return np.ascontiguousarray(values)
    return np.full(min(n, _kernel.BLOCK_LENGTH), values)


def grid(
    policy: SurgePolicy,
    hours_of_week: ArrayLike,
    booked: NDArray[np.float64],
    capacity: NDArray[np.float64],
    free: NDArray[np.float64],
    on_duty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give surge for p pincodes x h hours: (p, h); hours_of_week is (h,), the others (p, h)."""
    hours = np.broadcast_to(np.asarray(hours_of_week), booked.shape).ravel()
    flat = (column.ravel() for column in (booked, capacity, free, on_duty))
    return quotes(policy, 0, hours, *flat).surge.reshape(booked.shape)


def charged(base_minor: int, surge_multiplier: float) -> int:
    """Give base x surge in minor units, half up; `surge_multiplier` has two decimals."""
    return (base_minor * round(surge_multiplier * 100) + 50) // 100


def level(policy: SurgePolicy, surge_multiplier: float) -> str:
    """Give the name of a surge."""
    index = bisect_right([least for least, _ in policy.levels], surge_multiplier) - 1
    return policy.levels[max(index, 0)][1]


def _with_slopes(knots: Knots) -> NDArray[np.float64]:
    """Give (3, k): x, y and the slope after each knot, 0 after the last."""
    x, y = np.array(knots, np.float64).T
    return np.array([x, y, np.append(np.diff(y) / np.diff(x), 0.0)])


def _check_curve(name: str, knots: Knots, sign: int) -> None:
    xs, ys = [x for x, _ in knots], [sign * y for _, y in knots]
    if not knots or xs != sorted(set(xs)) or ys != sorted(ys) or min(y for _, y in knots) <= 0:
        raise ValueError(f"{name} needs rising x and positive, monotone multipliers")
