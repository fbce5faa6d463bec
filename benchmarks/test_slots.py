"""A vendor-day's slots beside the same in plain Python."""

from typing import Any

import numpy as np
import pytest

from benchmarks.conftest import MODEL
from engine import _slots, slots
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


def arguments() -> tuple[Any, ...]:
    legs = slots._legs(DAY, REQUEST, MODEL, 2)
    starts = np.array(slots._candidates(DAY, REQUEST, legs), np.int64)
    facts, parts = slots._facts(DAY, REQUEST), slots._parts(slots.WEIGHTS)
    return starts, slots._columns(DAY), legs.held, legs.base, legs.direct, facts, parts


@pytest.mark.parametrize("kernel", [_slots, reference], ids=["doorstep", "plain_python"])
def test_kernel(benchmark: Any, kernel: Any) -> None:
    benchmark.group = KERNEL
    given = arguments()
    out = np.empty((len(given[0]), 7))
    assert benchmark(kernel.find, *given, out) == len(slots.find(DAY, REQUEST, MODEL, 2))


def test_facade(benchmark: Any) -> None:
    benchmark.group = "slots of a vendor-day, facade with legs and reasons"
    assert benchmark(slots.find, DAY, REQUEST, MODEL, 2)
