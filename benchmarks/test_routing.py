"""A vendor's day: our exact program beside the same in plain Python and OR-Tools' search."""

from typing import Any

import pytest

from engine import routing
from engine.reference import routing as reference
from engine.routing import Problem
from engine.routing_search import search

SEARCH_SECONDS = 0.2


def group(benchmark: Any, day: Problem) -> None:
    benchmark.group = f"a vendor's day, {len(day.stops)} stops, windows of hours"


def test_doorstep(benchmark: Any, working_day: Problem) -> None:
    group(benchmark, working_day)
    plan = benchmark(routing.solve, working_day)
    assert plan.proven_optimal


def test_plain_python(benchmark: Any, working_day: Problem) -> None:
    group(benchmark, working_day)
    if len(working_day.stops) > 10:  # minutes of plain Python
        pytest.skip("takes half a minute and more")
    given = working_day.travel, routing._columns(working_day), working_day.day_start, working_day.day_end, -1
    order = benchmark.pedantic(reference.solve, given, rounds=3)
    found = routing.evaluate(working_day, order).travel_minutes
    assert found == routing.solve(working_day).travel_minutes


def test_ortools(benchmark: Any, working_day: Problem) -> None:
    """Its time is its budget; `extra_info` says how far from the optimum it ends."""
    group(benchmark, working_day)
    given = working_day.travel, routing._columns(working_day), working_day.day_end, SEARCH_SECONDS, 1, None
    order = benchmark.pedantic(search, given, rounds=3)
    best, found = routing.solve(working_day), routing.evaluate(working_day, order)
    benchmark.extra_info["gap_percent"] = round(100 * (found.travel_minutes / best.travel_minutes - 1), 2)
    assert found.travel_minutes >= best.travel_minutes
