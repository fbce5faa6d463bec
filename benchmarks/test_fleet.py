"""A fleet's day and a mended one, beside other solvers at the same budget."""

import os
from dataclasses import replace

import pytest

from benchmarks.fleets import by_ortools, by_pyvrp, by_vroom, fleet
from benchmarks.race import Races, in_words
from engine.fleet.budget import Budget
from engine.fleet.day import walk
from engine.fleet.parts import is_large
from engine.fleet.planning import problem_with, solve
from engine.fleet.problem import FleetProblem, Orders, cost_of
from engine.fleet.repair import drivable
from engine.fleet.replan import replan
from engine.fleet.search import search

SECONDS = float(os.environ.get("FLEET_SECONDS", "5"))
"""Of every solver's search; the published run takes 10."""


def cost(problem: FleetProblem, orders: Orders) -> int:
    assert not any(walk(problem, vendor, order).late for vendor, order in enumerate(orders))
    return cost_of(problem, orders)


@pytest.mark.parametrize(("jobs", "vendors"), [(50, 9), (100, 17), (200, 32)])
def test_a_fleets_day(races: Races, jobs: int, vendors: int) -> None:
    problem = fleet(jobs, vendors, seed=jobs)
    plan = solve(problem, budget_seconds=SECONDS, seed=1)
    assert problem_with(problem, plan) is None
    costs = {
        f"Doorstep, {SECONDS:g} s": plan.cost,
        f"PyVRP alone, {SECONDS:g} s": cost(problem, by_pyvrp(problem, SECONDS)),
        "VROOM": cost(problem, by_vroom(problem)),
        f"OR-Tools, guided local search, {SECONDS:g} s": cost(problem, by_ortools(problem, SECONDS)),
    }
    group = f"a fleet's day, {jobs} jobs, {vendors} vendors, windows of 2 h: travel and penalties, minutes"
    ours, peer, *_ = costs.values()
    for name, found in costs.items():
        is_met = ours <= peer * 1.005 if name.startswith("Doorstep") else None
        races.quality(group, name, f"{found}", "PyVRP + 0.5 %" if is_met is not None else "", is_met)


def test_a_large_market(races: Races) -> None:
    """Everybody has rights of their own, as every visit has a vendor now; one search would take 0.9 GB."""
    problem = fleet(500, 80, seed=1)
    jobs = tuple(replace(job, current=index % 80, move_penalty=5) for index, job in enumerate(problem.jobs))
    problem = replace(problem, jobs=jobs)
    assert is_large(problem)
    plan = solve(problem, budget_seconds=SECONDS, seed=1)
    assert problem_with(problem, plan) is None
    whole = drivable(problem, search(problem, Budget(SECONDS), 1, None))
    group = "a market's day, 500 jobs, 80 vendors with rights of their own: travel and penalties, minutes"
    ours, theirs = plan.cost, cost(problem, whole)
    races.quality(group, f"Doorstep, part by part, {SECONDS:g} s", f"{ours}", "no more", ours <= theirs)
    races.quality(group, f"Doorstep, in one search, {SECONDS:g} s", f"{theirs}")


def test_a_mended_day(races: Races) -> None:
    """The busiest of 50 vendors is out at 11:00; visits begun until then are pinned."""
    problem = fleet(400, 56, seed=1)
    planned = solve(problem, budget_seconds=SECONDS, seed=1)
    orders = [list(route.jobs) for route in planned.routes]
    out = max(range(len(orders)), key=lambda vendor: len(orders[vendor]))
    jobs, crew = list(problem.jobs), list(problem.vendors)
    for vendor, route in enumerate(planned.routes):
        for job, start in zip(route.jobs, route.starts, strict=True):
            if vendor != out and start < 660:
                jobs[job] = replace(jobs[job], vendor=vendor, open=start, close=start)
    crew[out] = replace(crew[out], shift_end=crew[out].shift_start)
    orders[out] = []
    mended = replan(FleetProblem(problem.travel, tuple(jobs), tuple(crew)), orders, seed=1)
    others = [job for order in orders for job in order]
    moved = len(set(mended.moved) & set(others)) / len(others)
    group = "replan of 56 vendors and 400 jobs after one vendor is out"
    races.quality(group, "time", in_words(mended.seconds), "1 s", mended.seconds < 1.1)
    races.quality(group, "unaffected jobs moved", f"{100 * moved:.1f} %", "at most 10 %", moved <= 0.1)
    left = f"{len(planned.dropped)}, {len(mended.dropped)}"
    races.quality(group, "jobs without a vendor, before and after", left)
