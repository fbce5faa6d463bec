"""A fleet's day: which vendor does which jobs, in which order.

Travel of all vendors and the penalties of jobs left out are minimised, with skills, service areas, shifts,
breaks, windows and buffers kept. `fleet_search.py` finds orders, `fleet_day.py` makes days of them,
`fleet_reasons.py` says why a job has none; `replan.py` mends a day that something went wrong with.

PyVRP holds the interpreter lock: callers run `solve` in a process. Everything that goes in or comes out is
picklable.
"""

import time
from collections.abc import Sequence

from engine.fleet_day import walk
from engine.fleet_gaps import Gaps
from engine.fleet_problem import (
    Break,
    Dropped,
    FleetPlan,
    FleetProblem,
    Job,
    Orders,
    Progress,
    Reason,
    Route,
    Vendor,
    cost_of,
    moved_of,
)
from engine.fleet_reasons import explain
from engine.fleet_search import Budget, OnProgress, search

__all__ = [
    "Break",
    "Dropped",
    "FleetPlan",
    "FleetProblem",
    "Job",
    "Orders",
    "Progress",
    "Reason",
    "Route",
    "Vendor",
    "plan_of",
    "problem_with",
    "solve",
]


def solve(
    problem: FleetProblem,
    *,
    budget_seconds: float | None = 1.0,
    iterations: int | None = None,
    seed: int = 0,
    start: Orders | None = None,
    on_progress: OnProgress | None = None,
) -> FleetPlan:
    """Give the cheapest plan found, never dearer than a `start` that can be driven.

    budget_seconds, iterations : whichever ends first; with iterations alone the same seed gives the same plan
    on_progress : called about five times a second
    raises : ValueError without any budget
    """
    if budget_seconds is None and iterations is None:
        raise ValueError("a search needs a budget of seconds or iterations")
    budget = Budget(budget_seconds, iterations, on_progress)
    orders: Orders = [[] for _ in problem.vendors]
    if problem.jobs and problem.vendors:
        orders = _drivable(problem, search(problem, budget, seed, start))
        if (
            start is not None
            and _is_drivable(problem, start)
            and cost_of(problem, start) <= cost_of(problem, orders)
        ):
            orders = start
    return plan_of(problem, orders, time.perf_counter() - budget.began, budget.done)


def plan_of(problem: FleetProblem, orders: Orders, seconds: float = 0.0, iterations: int = 0) -> FleetPlan:
    """Give orders as days, with a reason for every job that is in none."""
    routes = tuple(walk(problem, vendor, order) for vendor, order in enumerate(orders))
    placed, gaps = {job for order in orders for job in order}, Gaps(problem, orders)
    return FleetPlan(
        routes,
        tuple(explain(problem, gaps, job) for job in range(len(problem.jobs)) if job not in placed),
        sum(route.travel_minutes for route in routes),
        cost_of(problem, orders),
        moved_of(problem, orders),
        seconds,
        iterations,
    )


def problem_with(problem: FleetProblem, plan: FleetPlan) -> str | None:
    """Give the first thing that a plan gets wrong, None for a plan that can be driven as it says."""
    seen = [job for route in plan.routes for job in route.jobs] + [left.job for left in plan.dropped]
    if sorted(seen) != list(range(len(problem.jobs))):
        return "a job is lost or doubled"
    for vendor, route in enumerate(plan.routes):
        if not all(problem.allows(vendor, job) for job in route.jobs):
            return f"vendor {vendor} has a job it may not have"
        if route.late or route != walk(problem, vendor, route.jobs):
            return f"vendor {vendor}'s day does not hold"
    if any(problem.jobs[left.job].vendor is not None and left.reason is Reason.COST for left in plan.dropped):
        return "a pinned job that fits was left out"
    if plan.cost != cost_of(problem, [route.jobs for route in plan.routes]):
        return "the cost is not that of the routes"
    return None


def _is_drivable(problem: FleetProblem, orders: Orders) -> bool:
    return all(
        walk(problem, vendor, order).late == 0 and all(problem.allows(vendor, job) for job in order)
        for vendor, order in enumerate(orders)
    )


def _drivable(problem: FleetProblem, orders: Orders) -> Orders:
    """Leave out what makes days late, pinned jobs last, then put in whatever fits and pays."""
    gaps = Gaps(problem, [_shortened(problem, vendor, list(order)) for vendor, order in enumerate(orders)])
    placed = {job for order in gaps.orders for job in order}
    left = [index for index in range(len(problem.jobs)) if index not in placed]
    for index in sorted(left, key=lambda index: _importance(problem, index)):
        job, found = problem.jobs[index], gaps.best(index)
        if (
            found is not None
            and found.late == 0
            and (job.vendor is not None or found.cost < job.drop_penalty)
        ):
            order = gaps.orders[found.vendor]
            gaps.change(found.vendor, [*order[: found.at], index, *order[found.at :]])
    return gaps.orders


def _importance(problem: FleetProblem, index: int) -> tuple[bool, int]:
    """Pinned jobs first, then the dearest to leave out."""
    job = problem.jobs[index]
    return job.vendor is None, -job.drop_penalty


def _shortened(problem: FleetProblem, vendor: int, order: list[int]) -> list[int]:
    while order and walk(problem, vendor, order).late:
        without = [order[:at] + order[at + 1 :] for at in range(len(order))]
        order = min(
            without,
            key=lambda rest: (_pins(problem, order) - _pins(problem, rest), walk(problem, vendor, rest).late),
        )
    return order


def _pins(problem: FleetProblem, order: Sequence[int]) -> int:
    return sum(problem.jobs[job].vendor is not None for job in order)
