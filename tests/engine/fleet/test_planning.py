"""Fleets: plans that can be driven, optimal where every plan can be tried, honest about what has no place."""

import pickle
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest

from engine.fleet.day import walk
from engine.fleet.planning import plan_of, problem_with, solve
from engine.fleet.problem import Break, FleetProblem, Job, Progress, Reason, Vendor, cost_of
from engine.fleet.replan import replan
from engine.routing import Problem, Stop, evaluate
from tests.engine.fleet.problems import TRADES, fleet, one_vendor


def cheapest_by_trial(problem: FleetProblem) -> int:
    """Try every vendor, or nobody, for every job, in every order."""
    best = sum(job.drop_penalty for job in problem.jobs)
    for owners in product(range(len(problem.vendors) + 1), repeat=len(problem.jobs)):
        days = []
        for vendor in range(len(problem.vendors)):
            jobs = [job for job, owner in enumerate(owners) if owner == vendor]
            if not all(problem.allows(vendor, job) for job in jobs):
                break
            orders = [order for order in permutations(jobs) if walk(problem, vendor, order).late == 0]
            if not orders:
                break
            days.append(min(orders, key=lambda order: walk(problem, vendor, order).travel_minutes))
        else:
            best = min(best, cost_of(problem, days))
    return best


@pytest.mark.parametrize("pause", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_a_small_fleet_is_planned_as_by_trial(seed: int, pause: bool) -> None:
    """With two vendors and five jobs no plan is cheaper, with breaks and without."""
    problem = fleet(seed, 5, 2, window=200, pause=pause)
    plan = solve(problem, budget_seconds=None, iterations=400)
    assert problem_with(problem, plan) is None
    assert plan.cost == cheapest_by_trial(problem)


@pytest.mark.parametrize("pause", [False, True])
@pytest.mark.parametrize(("seed", "jobs", "vendors"), [(1, 30, 5), (2, 60, 8), (3, 60, 20), (4, 40, 3)])
def test_a_plan_can_be_driven(seed: int, jobs: int, vendors: int, pause: bool) -> None:
    """Skills, areas, shifts, breaks and windows hold on every route; each job is placed once or explained."""
    problem = fleet(seed, jobs, vendors, pause=pause)
    plan = solve(problem, budget_seconds=None, iterations=300)
    assert problem_with(problem, plan) is None
    for vendor, route in zip(problem.vendors, plan.routes, strict=True):
        assert len(route.breaks) == (len(vendor.breaks) if route.jobs else 0)
        assert all(720 <= start <= 840 and end - start == 30 for start, end in route.breaks)


def test_a_seed_gives_the_same_plan_again() -> None:
    """With a budget of iterations nothing depends on the machine's speed."""
    problem = fleet(7, 40, 6, pause=True)
    first, second = (solve(problem, budget_seconds=None, iterations=200, seed=3) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_a_plan_that_is_known_is_never_made_worse() -> None:
    """A start that can be driven bounds the cost, however small the budget."""
    problem = fleet(8, 60, 8)
    known = solve(problem, budget_seconds=None, iterations=1_500)
    again = solve(problem, budget_seconds=None, iterations=1, start=[route.jobs for route in known.routes])
    assert again.cost <= known.cost


@pytest.mark.parametrize("seed", range(4))
def test_a_fleet_of_one_drives_as_a_day_does(seed: int) -> None:
    """Times are those of the one-vendor day: the same rules for buffers, windows and the first way."""
    problem = fleet(seed, 6, 1, window=400)
    problem = replace(problem, vendors=(Vendor(6, 540, 1300, frozenset(TRADES)),))
    (route,) = solve(problem, budget_seconds=None, iterations=200).routes
    places = [6, *range(6)]
    stops = tuple(Stop(job.duration, job.open, job.close, job.before, job.after) for job in problem.jobs)
    day = evaluate(Problem(problem.travel[np.ix_(places, places)], stops, 540, 1300), route.jobs)
    assert day.feasible
    assert (day.arrivals, day.starts, day.departures) == (route.arrivals, route.starts, route.departures)
    assert (day.travel_minutes, day.finish) == (route.travel_minutes, route.finish)


def test_pinned_jobs_stay_with_their_vendor_at_their_minute() -> None:
    """A started visit is neither moved nor left out, whatever it costs."""
    problem = fleet(5, 30, 6)
    able = next(v for v in range(6) if problem.allows(v, 0))
    pinned = replace(problem.jobs[0], vendor=able, open=700, close=700)
    problem = replace(problem, jobs=(pinned, *problem.jobs[1:]))
    plan = solve(problem, budget_seconds=None, iterations=300)
    route = plan.routes[able]
    assert dict(zip(route.jobs, route.starts, strict=True))[0] == 700
    assert problem_with(problem, plan) is None


@pytest.mark.parametrize(
    ("job", "changes", "reason"),
    [
        (Job(1, 30, 600, 700, skills=frozenset({"magic"})), {}, Reason.SKILL),
        (Job(1, 30, 600, 700, area="north"), {"areas": frozenset({"south"})}, Reason.AREA),
        (Job(1, 30, 100, 200), {}, Reason.SHIFT),
        (Job(1, 30, 1010, 1015), {}, Reason.WINDOW),
        (Job(1, 30, 700, 710), {"breaks": (Break(690, 705, 60),)}, Reason.WINDOW),
        (Job(1, 30, 600, 700, drop_penalty=15), {}, Reason.COST),
    ],
)
def test_a_job_without_a_place_says_why(job: Job, changes: dict[str, object], reason: Reason) -> None:
    """The first reason that holds is named, and the vendor who came nearest."""
    plan = solve(one_vendor(job, **changes), budget_seconds=None, iterations=50)
    (left,) = plan.dropped
    assert left.reason is reason
    assert left.vendor == (None if reason in (Reason.SKILL, Reason.AREA) else 0)
    if reason is Reason.COST:
        assert left.minutes == 20


def test_a_job_that_fits_only_alone_names_the_minutes_missing() -> None:
    """Two visits at one minute: the cheaper one is left, an hour short of its vendor's plan."""
    problem = one_vendor(Job(1, 50, 600, 600), Job(2, 50, 600, 600, drop_penalty=900))
    (left,) = solve(problem, budget_seconds=None, iterations=50).dropped
    assert (left.job, left.reason, left.vendor, left.minutes) == (1, Reason.TIME, 0, 60)


@pytest.mark.parametrize("pause", [False, True])
def test_progress_is_told_and_everything_crosses_processes(pause: bool) -> None:
    """Problem and plan are picklable; progress rises to its end and costs never rise."""
    told: list[Progress] = []
    problem = fleet(9, 60, 8, pause=pause)
    plan = solve(pickle.loads(pickle.dumps(problem)), budget_seconds=0.9, on_progress=told.append)  # noqa: S301
    assert pickle.loads(pickle.dumps(plan)).cost == plan.cost  # noqa: S301
    assert told
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    assert not pause or [one.cost for one in told] == sorted((one.cost for one in told), reverse=True)


def test_nobody_and_nothing_are_days_too() -> None:
    """Without vendors every job is explained; without jobs nobody travels."""
    problem = fleet(1, 4, 1)
    nobody = solve(replace(problem, vendors=()), iterations=1)
    assert [left.reason for left in nobody.dropped] == [Reason.SKILL] * 4
    assert solve(replace(problem, jobs=()), iterations=1).travel_minutes == 0


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"travel": np.zeros((2, 3))}, "square"),
        ({"travel": np.full((9, 9), 0.5)}, "whole"),
        ({"jobs": (Job(99, 10, 0, 1),)}, "place"),
        ({"jobs": (Job(0, 10, 0, 1, vendor=7),)}, "vendor"),
        ({"jobs": (Job(0, -10, 0, 1),)}, "negative"),
    ],
)
def test_a_problem_that_is_none_is_refused(changes: dict[str, object], word: str) -> None:
    """Matrices, places, vendors and durations are checked once, at the door."""
    with pytest.raises(ValueError, match=word):
        replace(fleet(1, 6, 3), **changes)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="budget"):
        solve(fleet(1, 6, 3), budget_seconds=None)


def test_a_mended_day_leaves_alone_what_it_can() -> None:
    """When a vendor is out, started jobs stay, and at most a tenth of the others change hands."""
    problem = fleet(11, 80, 14)
    planned = solve(problem, budget_seconds=None, iterations=800)
    orders = [list(route.jobs) for route in planned.routes]
    out = max(range(14), key=lambda vendor: len(orders[vendor]))
    jobs, crew = list(problem.jobs), list(problem.vendors)
    started = {}
    for vendor, route in enumerate(planned.routes):
        for job, start in zip(route.jobs, route.starts, strict=True):
            if vendor != out and start < 660:
                jobs[job] = replace(jobs[job], vendor=vendor, open=start, close=start)
                started[job] = vendor, start
    crew[out] = replace(crew[out], shift_end=crew[out].shift_start)
    loose, orders[out] = orders[out], []
    mended = replan(
        FleetProblem(problem.travel, tuple(jobs), tuple(crew)), orders, iterations=500, budget_seconds=60
    )
    times = {
        job: (vendor, start)
        for vendor, route in enumerate(mended.routes)
        for job, start in zip(route.jobs, route.starts, strict=True)
    }
    assert {job: times[job] for job in started} == started
    others = [job for order in orders for job in order]
    assert len(set(mended.moved) & set(others)) <= 0.1 * len(others)
    assert not mended.routes[out].jobs
    assert len(mended.dropped) < len(planned.dropped) + len(loose)


def test_a_day_that_holds_is_left_as_it_is() -> None:
    """Without a disruption nothing is planned again."""
    problem = fleet(12, 40, 8)
    planned = plan_of(problem, [route.jobs for route in solve(problem, iterations=200).routes])
    if planned.dropped:
        problem = replace(
            problem,
            jobs=tuple(j for i, j in enumerate(problem.jobs) if i not in {d.job for d in planned.dropped}),
        )
        planned = solve(problem, iterations=200)
    mended = replan(problem, [route.jobs for route in planned.routes], iterations=10)
    assert mended.routes == planned.routes
