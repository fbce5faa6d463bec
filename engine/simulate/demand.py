"""What customers wish for. Nothing here depends on a policy, so that all policies meet the same customers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.simulate.city import SERVICE_SHARES, City

HOURS = np.array([0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 10, 9, 7, 6, 6, 7, 9, 10, 8, 5, 2, 1, 0, 0], np.float64)
"""When a service is wished to begin, relative, by hour of the day."""

WEEKDAYS = np.array([0.9, 0.85, 0.9, 0.95, 1.05, 1.25, 1.1])
LEAD_MINUTES = 300.0
"""Mean time between asking and the wished start; exponential, at least an hour."""

PATIENCE_MINUTES = 75.0
"""Mean of how much later than wished is still welcome; exponential."""

WILLINGNESS = 0.28, 0.25
"""Of the highest multiplier that a customer pays: mean and deviation of its logarithm."""


@dataclass(frozen=True)
class Wishes:
    """n wishes of a day in the order in which they are made, all (n,).

    made, wanted : minutes from midnight; made may be negative: the day before
    patience     : minutes later than wished that are put up with
    willing      : highest multiplier that is paid
    fate, when   : draws in 0..1 that decide whether and when a booking is called off
    """

    made: NDArray[np.int64]
    wanted: NDArray[np.int64]
    pincode: NDArray[np.int64]
    service: NDArray[np.int64]
    patience: NDArray[np.float64]
    willing: NDArray[np.float64]
    fate: NDArray[np.float64]
    when: NDArray[np.float64]


def draw(city: City, day: int, wishes_a_day: float, seed: int) -> Wishes:
    """Give a day's wishes: Poisson, at rates that follow weekday, hour and pincode; day 0 is a Monday."""
    rng = np.random.default_rng([seed, 2, day])
    count = int(rng.poisson(wishes_a_day * WEEKDAYS[day % 7]))
    hour = rng.choice(24, count, p=HOURS / HOURS.sum())
    wanted = hour * 60 + rng.integers(0, 12, count) * 5
    made = wanted - 60 - np.floor(rng.exponential(LEAD_MINUTES - 60, count)).astype(np.int64)
    order = np.argsort(made, kind="stable")
    pincode = rng.choice(len(city.weights), count, p=city.weights)
    service = rng.choice(len(SERVICE_SHARES), count, p=SERVICE_SHARES)
    patience, willing = rng.exponential(PATIENCE_MINUTES, count), rng.lognormal(*WILLINGNESS, count)
    fate, when = rng.random(count), rng.random(count)
    return Wishes(
        made[order],
        wanted[order],
        pincode[order],
        service[order],
        patience[order],
        willing[order],
        fate[order],
        when[order],
    )
