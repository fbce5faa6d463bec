"""Slots of one vendor-day and of a thousand, beside the same in plain Python."""

from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks.conftest import MODEL, SEED
from benchmarks.race import Races
from engine import _slots, slots, slots_many
from engine.reference import slots as reference

DAY = slots.Day(
    540,
    1080,
    28.61,
    77.21,
    (slots.Held(600, 660, 15, 15, 28.62, 77.22), slots.Held(840, 930, 15, 15, 28.6, 77.2)),
)
REQUEST = slots.Request(28.63, 77.2, 60, 15, 15)


def arguments(day: slots.Day) -> tuple[Any, ...]:
    legs = slots._legs(day, REQUEST, MODEL, 2)
    starts, out = slots.room(day.window_end - day.window_start, len(day.held), REQUEST.step)
    window, held = np.array((day.window_start, day.window_end), np.int64), slots.held_columns([day])
    facts, parts = REQUEST.columns(), slots.WEIGHTS.columns()
    return window, held, legs.held, legs.base, legs.direct, facts, parts, starts, out


@pytest.fixture(scope="module")
def thousand() -> list[slots.Day]:
    """The day of the other cases around 1000 bases, with none, one or both of its visits."""
    rng = Random(SEED)
    bases = [(28.5 + rng.random() / 5, 77.1 + rng.random() / 5) for _ in range(1000)]
    return [slots.Day(540, 1080, lat, lng, DAY.held[: i % 3]) for i, (lat, lng) in enumerate(bases)]


@pytest.mark.parametrize("visits", [0, 2])
def test_one_day(races: Races, visits: int) -> None:
    day = slots.Day(540, 1080, 28.61, 77.21, DAY.held[:visits])
    given = arguments(day)
    answers = races.run(
        f"slots of a vendor-day with {visits} visits",
        {
            "Doorstep, kernel": lambda: _slots.find(*given),
            "plain Python": lambda: reference.find(*given),
            "Doorstep, facade with legs and reasons": lambda: slots.find(day, REQUEST, MODEL, 2),
        },
        must={"plain Python": 20.0},
    )
    assert len(answers["Doorstep, facade with legs and reasons"]) == answers["plain Python"]


def test_thousand_days(races: Races, thousand: list[slots.Day]) -> None:
    gathered = slots_many.gather(thousand, MODEL, 2)

    def one_by_one() -> list[float]:
        found = (slots.find(day, REQUEST, MODEL, 2) for day in thousand)
        return [max((slot.score for slot in offered), default=0.0) for offered in found]

    answers = races.run(
        "the best slot of each of 1000 vendor-days",
        {
            "Doorstep, gathered": lambda: slots_many.find_many(gathered, REQUEST).score.tolist(),
            "Doorstep, gathered each time": lambda: slots_many.find_many(
                slots_many.gather(thousand, MODEL, 2), REQUEST
            ).score.tolist(),
            "Doorstep, a call a day": one_by_one,
        },
        within_seconds=0.001,
    )
    assert answers["Doorstep, gathered"] == answers["Doorstep, a call a day"]
