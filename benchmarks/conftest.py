"""Named, seeded inputs, built once, and the run's results."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import report
from benchmarks.race import Races
from engine import compiled, travel
from engine.routing import Problem, Stop
from server.marketplaces.homeserve import TRAVEL

SEED = 2026
HOUR = 34
MODEL = TRAVEL

_RACES = Races()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--keep` puts the run into results.md and draws it."""
    parser.addoption("--keep", action="store_true", help="keep the results and draw them")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    terminalreporter.write_line("\n" + report.table(_RACES.results))
    if config.getoption("--keep") and exitstatus == pytest.ExitCode.OK:
        report.keep(_RACES.results)
        report.draw(_RACES.results)


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


@pytest.fixture(scope="session")
def races() -> Races:
    """What this run measures."""
    return _RACES


@pytest.fixture(scope="session", params=[50, 200, 1000, 2000, 4000])
def city(request: pytest.FixtureRequest) -> City:
    """Places drawn evenly from a square degree's third around Delhi."""
    rng = np.random.default_rng(SEED)
    return City(28.4 + rng.random(request.param) * 0.36, 77.0 + rng.random(request.param) * 0.4)


def working_day(stops: int, seed: int = SEED) -> Problem:
    """A city of 40 minutes across, a day of 13 hours, windows of six; about half of the day is service."""
    rng = Random(seed * 1000 + stops)
    points = [(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(stops + 1)]
    minutes = np.array([[math.ceil(math.dist(a, b)) for a in points] for b in points])
    service = (360 if stops <= 20 else 280) // stops
    visits = []
    for _ in range(stops):
        opens, share = 480 + rng.randrange(360), rng.uniform(0.5, 1.5)
        visits.append(Stop(max(5, round(service * share) - 4), opens, opens + 360, before=2, after=2))
    return Problem(minutes, tuple(visits), 480, 1260)
