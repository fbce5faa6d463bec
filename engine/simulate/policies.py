"""Policies by name; surge also from a file (`python -m server surge` prints the one in use)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.pricing import SurgePolicy

FLAT = (1.0,) * 168
LEVELS = ((0.0, "low"), (0.95, "normal"), (1.15, "high"), (1.5, "very_high"))
_EVENING = tuple(1.15 if hour % 24 in (17, 18, 19) else 1.0 for hour in range(168))

SURGE: Mapping[str, SurgePolicy] = {
    "none": SurgePolicy(FLAT, ((0.0, 1.0),), ((0.0, 1.0),), 1.0, 1.0, LEVELS),
    "gentle": SurgePolicy(FLAT, ((0.5, 1.0), (1.5, 1.3)), ((0.0, 1.15), (0.4, 1.0)), 1.0, 1.4, LEVELS),
    "steep": SurgePolicy(_EVENING, ((0.3, 0.9), (1.2, 1.7)), ((0.0, 1.4), (0.5, 0.95)), 0.9, 2.5, LEVELS),
}


def surge(name: str) -> SurgePolicy:
    """Give a policy by name or from a JSON file of `SurgePolicy`'s fields; raises ValueError."""
    if name in SURGE:
        return SURGE[name]
    try:
        given: dict[str, Any] = json.loads(Path(name).read_text(), parse_constant=_refuse)
        return SurgePolicy(
            tuple(given["hour_table"]),
            tuple((x, y) for x, y in given["demand_curve"]),
            tuple((x, y) for x, y in given["availability_curve"]),
            given["floor"],
            given["cap"],
            tuple((least, word) for least, word in given["levels"]),
        )
    except FileNotFoundError:
        raise ValueError(f"no surge policy {name!r}: one of {', '.join(SURGE)}, or a file") from None
    except OSError as wrong:
        raise ValueError(f"{name} cannot be read: {wrong.strerror}") from wrong
    except (KeyError, TypeError, ValueError) as wrong:
        raise ValueError(f"{name} holds no surge policy: {wrong}") from wrong


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


@dataclass(frozen=True)
class Offers:
    """What k vendors can offer one wish, all (k,).

    start  : first free start from the wished minute on, -1 for none
    best   : start of the slot that the engine scores highest, -1 for none
    score  : of that slot, 0..10
    travel : minutes from home to the visit
    load   : visits the vendor has that day
    """

    start: NDArray[np.int64]
    best: NDArray[np.int64]
    score: NDArray[np.float64]
    travel: NDArray[np.float64]
    load: NDArray[np.int64]


Choice = tuple[int, int]
"""Position of the vendor among the offers, and start."""

Dispatch = Callable[[Offers, int, float], Choice | None]


def nearest(offers: Offers, wanted: int, patience: float) -> Choice | None:
    """The vendor who lives nearest of those who come in time."""
    return _least(offers, offers.start, offers.travel, wanted, patience)


def soonest(offers: Offers, wanted: int, patience: float) -> Choice | None:
    """Whoever comes first."""
    return _least(offers, offers.start, offers.start.astype(np.float64), wanted, patience)


def least_loaded(offers: Offers, wanted: int, patience: float) -> Choice | None:
    """The vendor with the fewest visits, the nearest of equals."""
    return _least(offers, offers.start, offers.load + offers.travel / 10_000, wanted, patience)


def best_slot(offers: Offers, wanted: int, patience: float) -> Choice | None:
    """The slot that the engine scores highest, as the marketplace offers it."""
    return _least(offers, offers.best, -offers.score, wanted, patience)


def _least(
    offers: Offers, starts: NDArray[np.int64], cost: NDArray[np.float64], wanted: int, patience: float
) -> Choice | None:
    fits = (starts >= wanted) & (starts - wanted <= patience)
    if not fits.any():
        return None
    chosen = int(np.argmin(np.where(fits, cost, np.inf)))
    return chosen, int(starts[chosen])


DISPATCH: Mapping[str, Dispatch] = {
    "nearest": nearest,
    "soonest": soonest,
    "least_loaded": least_loaded,
    "best_slot": best_slot,
}
