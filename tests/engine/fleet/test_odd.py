"""Fleets with everything that goes wrong at once: clashing pins, closed windows, breaks that fit nowhere."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from engine.fleet import parts
from engine.fleet.day import walk
from engine.fleet.gaps import Gaps, Insertion
from engine.fleet.planning import plan_of, problem_with, solve
from engine.fleet.problem import Break, FleetProblem, Job, Reason, Vendor, travel_of
from engine.fleet.replan import replan
from engine.fleet.rights import rights

BREAKS = (
    (),
    (Break(720, 780, 30),),
    (Break(600, 640, 15), Break(840, 900, 15)),
    (Break(300, 310, 10),),
)


def odd_fleet(seed: int) -> FleetProblem:
    """Give a day in which jobs, pins, shifts and breaks may each be impossible."""
    rng = Random(seed)
    count, fleet = rng.randint(5, 30), rng.randint(1, 6)
    points = [(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(count + fleet)]
    travel = np.array([[int(np.ceil(np.hypot(a - c, b - d))) for c, d in points] for a, b in points])
    jobs = []
    for place in range(count):
        opens, is_pinned = rng.randrange(300, 1100), rng.random() < 0.15
        jobs.append(
            Job(
                place,
                rng.choice((20, 45, 90)),
                opens,
                opens + (0 if is_pinned else rng.choice((-10, 0, 30, 120, 400))),
                rng.choice((0, 5)),
                rng.choice((0, 10)),
                frozenset([rng.choice("abc")]),
                rng.choice((None, "east", "west")),
                rng.choice((10, 60, 1_000, 100_000)),
                rng.randrange(fleet) if is_pinned else None,
                rng.choice((None, rng.randrange(fleet))),
                rng.choice((0, 30)),
            )
        )
    crew = [
        Vendor(
            count + vendor,
            rng.choice((480, 540)),
            rng.choice((480, 900, 1080, 1200)),
            frozenset(rng.sample("abc", rng.randint(1, 3))),
            rng.choice((None, frozenset(["east"]), frozenset(["east", "west"]))),
            rng.choice(BREAKS),
        )
        for vendor in range(fleet)
    ]
    return FleetProblem(travel, tuple(jobs), tuple(crew))


def by_trial(problem: FleetProblem, orders: list[list[int]], job: int) -> Insertion | None:
    """Walk every insertion there is."""
    tried = []
    for vendor, order in enumerate(orders):
        if problem.allows(vendor, job):
            extra = problem.jobs[job].move_penalty * problem.moves(vendor, job)
            for at in range(len(order) + 1):
                longer = [*order[:at], job, *order[at:]]
                detour = travel_of(problem, vendor, longer) - travel_of(problem, vendor, order)
                late = walk(problem, vendor, longer).late
                tried.append(Insertion(late, detour + extra, vendor, at))
    return min(tried, default=None)


@pytest.mark.parametrize("seed", range(20))
def test_an_odd_fleet_is_planned_all_the_same(seed: int) -> None:
    """Whatever is impossible is left out with a reason, and the rest can be driven."""
    problem = odd_fleet(seed)
    plan = solve(problem, budget_seconds=None, iterations=60, seed=seed)
    assert problem_with(problem, plan) is None
    for left in plan.dropped:
        job = problem.jobs[left.job]
        able = [vendor for vendor in range(len(problem.vendors)) if problem.allows(vendor, left.job)]
        if left.reason in (Reason.SKILL, Reason.AREA):
            assert not able
        elif left.reason in (Reason.SHIFT, Reason.WINDOW):
            assert all(walk(problem, vendor, [left.job]).late for vendor in able)
        else:
            best = by_trial(problem, [list(route.jobs) for route in plan.routes], left.job)
            assert best is not None
            assert (best.late > 0) == (left.reason is Reason.TIME)
            assert left.reason is Reason.TIME or left.minutes == best.cost >= job.drop_penalty


@pytest.mark.parametrize("seed", range(15))
def test_the_best_gap_is_that_found_by_trial(seed: int) -> None:
    """The bound leaves out no gap that is better, on days that hold and on days that do not."""
    problem = odd_fleet(seed)
    rng = Random(seed)
    orders: list[list[int]] = [[] for _ in problem.vendors]
    for job in rng.sample(range(len(problem.jobs)), len(problem.jobs) // 2):
        rng.choice(orders).append(job)
    holding = [list(route.jobs) for route in solve(problem, budget_seconds=None, iterations=20).routes]
    for given in (orders, holding):
        gaps, placed = Gaps(problem, given), {job for order in given for job in order}
        for job in set(range(len(problem.jobs))) - placed:
            assert gaps.best(job) == by_trial(problem, given, job)


@pytest.mark.parametrize("seed", range(15))
def test_nothing_possible_is_kept_from_the_search(seed: int) -> None:
    """What a vendor can do alone, pins apart, is theirs to have."""
    problem = odd_fleet(seed)
    able = rights(problem)
    for vendor, job in np.ndindex(able.shape):
        if problem.jobs[job].vendor is None and problem.allows(vendor, job):
            holds = walk(problem, vendor, [job]).late == 0
            assert able[vendor, job] or not holds
            assert holds or problem.vendors[vendor].breaks or not able[vendor, job]


def test_one_impossible_job_spoils_no_plan() -> None:
    """Two visits pinned to one minute: one is made, with everything else that fits."""
    problem = odd_fleet(0)
    jobs = tuple(Job(place, 30, 600 + 40 * place, 900 + 40 * place) for place in range(5))
    pinned = replace(jobs[0], vendor=0, open=600, close=600)
    late = replace(jobs[0], open=700, close=690, drop_penalty=100_000)
    problem = FleetProblem(
        problem.travel[:7, :7], (*jobs, pinned, pinned, late), (Vendor(5, 480, 1200), Vendor(6, 480, 1200))
    )
    plan = solve(problem, budget_seconds=None, iterations=200)
    assert problem_with(problem, plan) is None
    assert sorted(left.job for left in plan.dropped) in ([5, 7], [6, 7])
    assert {left.job: left.reason for left in plan.dropped}[7] is Reason.WINDOW


def test_a_vendor_who_is_out_has_no_breaks_to_take() -> None:
    """A day without jobs holds, whatever its breaks; one whose breaks do not fit gets no jobs."""
    vendors = (Vendor(2, 540, 540, breaks=(Break(720, 780, 30),)), Vendor(2, 540, 1200, breaks=BREAKS[1]))
    travel = np.full((3, 3), 10) - 10 * np.eye(3, dtype=int)
    problem = FleetProblem(travel, (Job(0, 30, 600, 700), Job(1, 30, 800, 900)), vendors)
    mended = replan(problem, [[0], [1]], iterations=50)
    assert problem_with(problem, plan_of(problem, [route.jobs for route in mended.routes])) is None
    assert mended.routes[0].jobs == ()
    assert mended.routes[0].breaks == ()
    assert set(mended.routes[1].jobs) == {0, 1}


def test_a_loose_job_that_is_pinned_goes_to_its_vendor() -> None:
    """A new visit promised by one vendor is theirs, however many others are in trouble."""
    crew = tuple(Vendor(0, 540, 1200) for _ in range(20))
    travel = np.full((21, 21), 10) - 10 * np.eye(21, dtype=int)
    jobs = tuple(Job(place, 30, 600, 600, vendor=None) for place in range(1, 20))
    promised = Job(20, 30, 800, 800, vendor=19)
    problem = FleetProblem(travel, (*jobs, promised), crew)
    mended = replan(problem, [[], *([job] for job in range(19))], iterations=50)
    assert problem_with(problem, plan_of(problem, [route.jobs for route in mended.routes])) is None
    assert 19 in mended.routes[19].jobs


@pytest.mark.parametrize("budget", [{"budget_seconds": 0.0}, {"budget_seconds": None, "iterations": 0}])
@pytest.mark.parametrize("cells", [1, 10_000_000])
def test_no_time_at_all_is_a_plan_too(
    monkeypatch: pytest.MonkeyPatch, budget: dict[str, float | None], cells: int
) -> None:
    """A budget that is spent before it begins gives what can be driven, with breaks and by parts."""
    monkeypatch.setattr(parts, "MOST_CELLS", cells)
    monkeypatch.setattr(parts, "PART_VENDORS", 1)
    problem = odd_fleet(3)
    assert problem_with(problem, solve(problem, **budget)) is None  # type: ignore[arg-type]
