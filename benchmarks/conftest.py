"""Named, seeded inputs, built once."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import compiled, travel
from engine.routing import Problem, Stop
from server.marketplaces.homeserve import TRAVEL

SEED = 2026


@dataclass(frozen=True)
class City:
    """n places within 40 km."""

    lats: NDArray[np.float64]
    lngs: NDArray[np.float64]


@pytest.fixture(scope="session", autouse=True)
def compiled_kernels() -> Iterator[None]:
    """Refuse to time a reference by accident."""
    assert compiled.is_compiled(travel._kernel), "build the engine first: make bench does"
    yield


@pytest.fixture(scope="session", params=[50, 1000, 4000])
def city(request: pytest.FixtureRequest) -> City:
    """Places drawn evenly from a square degree's third around Delhi."""
    rng = np.random.default_rng(SEED)
    return City(28.4 + rng.random(request.param) * 0.36, 77.0 + rng.random(request.param) * 0.4)


@pytest.fixture(scope="session", params=[8, 10, 12, 13])
def working_day(request: pytest.FixtureRequest) -> Problem:
    """Stops in a city of 40 minutes across, windows of six hours."""
    rng = Random(SEED + request.param)
    points = [(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(request.param + 1)]
    minutes = np.array([[int(np.hypot(a - c, b - d)) for c, d in points] for a, b in points])
    stops = tuple(Stop(20, 540 + rng.randrange(300), 1200, before=5, after=5) for _ in range(request.param))
    return Problem(minutes, stops, 540, 1380)


HOUR = 34
MODEL = TRAVEL
