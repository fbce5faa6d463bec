"""A problem's plan, and what a plan may get wrong."""

import time

from engine.fleet.budget import Budget, OnProgress
from engine.fleet.day import walk
from engine.fleet.gaps import Gaps
from engine.fleet.parts import is_large, search_by_parts
from engine.fleet.problem import FleetPlan, FleetProblem, Orders, Reason, cost_of, moved_of
from engine.fleet.reasons import explain
from engine.fleet.repair import drivable, is_drivable
from engine.fleet.search import search


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
    on_progress : called about five times a second; with breaks, or in parts, whenever a round is done
    raises : ValueError without any budget
    """
    if budget_seconds is None and iterations is None:
        raise ValueError("a search needs a budget of seconds or iterations")
    budget = Budget(budget_seconds, iterations, on_progress)
    orders: Orders = [[] for _ in problem.vendors]
    if problem.jobs and problem.vendors:
        find = search_by_parts if is_large(problem) else search
        orders = drivable(problem, find(problem, budget, seed, start))
        if (
            start is not None
            and is_drivable(problem, start)
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
