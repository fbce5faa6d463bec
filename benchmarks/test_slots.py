"""A vendor-day's slots beside the same in plain Python."""

from random import Random
from typing import Any

import numpy as np
import pytest

from benchmarks.conftest import MODEL, SEED
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
KERNEL = "slots of a vendor-day, kernel alone"


MANY = "the best slot of each of 1000 vendor-days"


def arguments() -> tuple[Any, ...]:
    legs = slots._legs(DAY, REQUEST, MODEL, 2)
    starts, out = slots.room(DAY.window_end - DAY.window_start, len(DAY.held), REQUEST.step)
    window, held = np.array((DAY.window_start, DAY.window_end), np.int64), slots.held_columns([DAY])
    facts, parts = REQUEST.columns(), slots.WEIGHTS.columns()
    return window, held, legs.held, legs.base, legs.direct, facts, parts, starts, out


@pytest.fixture(scope="module")
def thousand() -> list[slots.Day]:
    """The day of the other cases around 1000 bases, with none, one or both of its visits."""
    rng = Random(SEED)
    bases = [(28.5 + rng.random() / 5, 77.1 + rng.random() / 5) for _ in range(1000)]
    return [slots.Day(540, 1080, lat, lng, DAY.held[: i % 3]) for i, (lat, lng) in enumerate(bases)]


@pytest.mark.parametrize("kernel", [_slots, reference], ids=["doorstep", "plain_python"])
def test_kernel(benchmark: Any, kernel: Any) -> None:
    benchmark.group = KERNEL
    assert benchmark(kernel.find, *arguments()) == len(slots.find(DAY, REQUEST, MODEL, 2))


def test_facade(benchmark: Any) -> None:
    benchmark.group = "slots of a vendor-day, facade with legs and reasons"
    assert benchmark(slots.find, DAY, REQUEST, MODEL, 2)


def best_scores(days: list[slots.Day]) -> list[float]:
    found = (slots.find(day, REQUEST, MODEL, 2) for day in days)
    return [max((slot.score for slot in offered), default=0.0) for offered in found]


def test_many(benchmark: Any, thousand: list[slots.Day]) -> None:
    benchmark.group = MANY
    days = slots_many.gather(thousand, MODEL, 2)
    best = benchmark(slots_many.find_many, days, REQUEST)
    assert best.score.tolist() == best_scores(thousand)


def test_many_gathered_each_time(benchmark: Any, thousand: list[slots.Day]) -> None:
    benchmark.group = MANY
    best = benchmark(lambda: slots_many.find_many(slots_many.gather(thousand, MODEL, 2), REQUEST))
    assert best.score.tolist() == best_scores(thousand)


def test_one_by_one(benchmark: Any, thousand: list[slots.Day]) -> None:
    benchmark.group = MANY
    assert len(benchmark(best_scores, thousand)) == len(thousand)
