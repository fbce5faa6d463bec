"""Large markets: planned part by part, as well as whole, in bounded memory."""

from dataclasses import replace

import pytest

from engine.fleet import parts
from engine.fleet.planning import problem_with, solve
from engine.fleet.problem import FleetProblem, Progress
from engine.fleet.replan import replan
from tests.engine.fleet.problems import fleet


@pytest.fixture
def by_parts(monkeypatch: pytest.MonkeyPatch) -> FleetProblem:
    """Give a fleet that counts as too large for one search."""
    monkeypatch.setattr(parts, "MOST_CELLS", 1)
    monkeypatch.setattr(parts, "PART_VENDORS", 10)
    problem = fleet(3, 60, 20, pause=True)
    assert parts.is_large(problem)
    return problem


def test_parts_make_a_plan_that_can_be_driven(by_parts: FleetProblem) -> None:
    """All of the rules hold across parts, and costs fall from part to part."""
    told: list[Progress] = []
    plan = solve(by_parts, budget_seconds=None, iterations=600, on_progress=told.append)
    assert problem_with(by_parts, plan) is None
    assert [one.cost for one in told] == sorted((one.cost for one in told), reverse=True)
    assert told[-1].cost == plan.cost


def test_parts_are_about_as_good_as_the_whole(
    by_parts: FleetProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a twentieth of one search with as many iterations, for vendors without breaks."""
    problem = replace(by_parts, vendors=tuple(replace(one, breaks=()) for one in by_parts.vendors))
    apart = solve(problem, budget_seconds=None, iterations=1_500)
    monkeypatch.undo()
    assert not parts.is_large(problem)
    whole = solve(problem, budget_seconds=None, iterations=1_500)
    assert apart.cost <= 1.05 * whole.cost


def test_parts_keep_a_known_plan_and_the_seed(by_parts: FleetProblem) -> None:
    """A start is never made worse; the same seed and iterations give the same plan."""
    first, second = (solve(by_parts, budget_seconds=None, iterations=300, seed=2) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)
    again = solve(by_parts, budget_seconds=None, iterations=1, start=[route.jobs for route in first.routes])
    assert again.cost <= first.cost


def test_vendors_with_rights_of_their_own_are_too_large() -> None:
    """What counts is memory: vendors alike share matrices, those who each have jobs now do not."""
    bigger = fleet(1, 400, 150)
    assert not parts.is_large(bigger)
    jobs = tuple(replace(job, current=index % 150, move_penalty=30) for index, job in enumerate(bigger.jobs))
    assert parts.is_large(replace(bigger, jobs=jobs))


def test_a_mended_day_moves_no_more_than_asked() -> None:
    """With nothing to be moved, only the jobs of vendors in trouble change hands."""
    problem = fleet(11, 80, 14)
    planned = solve(problem, budget_seconds=None, iterations=400)
    orders = [list(route.jobs) for route in planned.routes]
    out = max(range(14), key=lambda vendor: len(orders[vendor]))
    crew = list(problem.vendors)
    crew[out] = replace(crew[out], shift_end=crew[out].shift_start)
    mended = replan(
        replace(problem, vendors=tuple(crew)), orders, iterations=300, budget_seconds=60, max_moved_fraction=0
    )
    assert set(mended.moved) <= set(orders[out])
    assert not mended.routes[out].jobs
