"""How long the event loop stands still while the engine works, by a ticker of 5 ms."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from benchmarks.conftest import HOUR, MODEL, working_day
from benchmarks.fleets import fleet
from benchmarks.race import Races, in_words
from engine import fleet as fleets
from engine import pricing, routing, travel
from server.marketplaces.homeserve import SURGE
from server.pools import Pools

TICK_SECONDS = 0.005
MOST_SECONDS = 0.010
REPEATS = 5

Work = Callable[[Pools], Awaitable[object]]


def matrix(pools: Pools) -> Awaitable[object]:
    rng = np.random.default_rng(1)
    lats, lngs = 28.4 + rng.random(4000) * 0.36, 77.0 + rng.random(4000) * 0.4
    return pools.thread(travel.matrix, lats, lngs, MODEL, HOUR)


def quotes(pools: Pools) -> Awaitable[object]:
    hours = np.arange(1_000_000) % 168
    return pools.thread(pricing.quotes, SURGE, 50_000, hours, 3.0, 8.0, 5.0, 8.0)


def proof(pools: Pools) -> Awaitable[object]:
    return pools.thread(routing.solve, working_day(20))


def search(pools: Pools) -> Awaitable[object]:
    return pools.thread(routing.solve, working_day(40))


def fleet_day(pools: Pools) -> Awaitable[object]:
    return pools.process(_fleet)


def _fleet() -> int:
    return fleets.solve(fleet(100, 17, seed=100), budget_seconds=1.0).cost


async def longest_stall(work: Work) -> float:
    """Give the longest time by which a tick came late, the median of some runs."""
    pools, stalls = Pools(), []
    await work(pools)  # starts threads and processes
    for _ in range(REPEATS):
        done, late = asyncio.ensure_future(work(pools)), [0.0]
        while not done.done():
            began = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            late.append(time.perf_counter() - began - TICK_SECONDS)
        await done
        stalls.append(max(late))
    pools.close()
    return sorted(stalls)[len(stalls) // 2]


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("a matrix of 4000 points", matrix),
        ("1,000,000 quotes", quotes),
        ("the proof of a day of 20 stops", proof),
        ("the search for a day of 40 stops", search),
        ("a fleet's day of 100 jobs", fleet_day),
    ],
)
def test_stall(races: Races, name: str, work: Work) -> None:
    stall = asyncio.run(longest_stall(work))
    group = "the event loop's longest stall while the engine works"
    races.quality(group, name, in_words(stall), in_words(MOST_SECONDS), stall <= MOST_SECONDS)
