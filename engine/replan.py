"""A fleet's day mended after something went wrong: a vendor is out, a job is new, longer or gone.

What is not touched stays. Only vendors whose days no longer hold, and those who could help with the jobs
that are loose, are planned again; among these every job prefers the vendor it has. Jobs that are started or
promised are pinned by the caller (`Job.vendor`, a window of one minute) and stay where they are.
"""

import time
from dataclasses import replace

from engine.fleet import plan_of, solve
from engine.fleet_day import walk
from engine.fleet_problem import FleetPlan, FleetProblem, Orders
from engine.fleet_reasons import insertion

HELPERS = 4
"""Vendors asked for each job that is loose: those whose detour is least."""
MOST_VENDORS = 12
"""Planned again at once."""
MOVE_PENALTY = 30
"""Minutes of travel that a change of vendor must save: customers were told who comes."""


def replan(
    problem: FleetProblem,
    current: Orders,
    *,
    budget_seconds: float = 1.0,
    iterations: int | None = None,
    seed: int = 0,
) -> FleetPlan:
    """Give a plan as near to the current orders as keeps every window.

    current : jobs by vendor; may hold jobs that its vendor can't have or reach any more, and lack jobs
    returns : `moved` names the jobs that were with another vendor before
    """
    began = time.perf_counter()
    owner = {job: vendor for vendor, order in enumerate(current) for job in order}
    jobs = tuple(
        replace(job, current=owner.get(index), move_penalty=MOVE_PENALTY)
        for index, job in enumerate(problem.jobs)
    )
    problem = replace(problem, jobs=jobs)
    kept = [[job for job in order if problem.allows(vendor, job)] for vendor, order in enumerate(current)]
    touched, loose = _touched(problem, kept)
    involved = sorted(_involved(problem, kept, touched, loose))
    if not involved:
        return plan_of(problem, kept, time.perf_counter() - began)
    part, names = _part(problem, kept, involved, loose)
    start = [[names.index(job) for job in kept[vendor]] for vendor in involved]
    left = budget_seconds - (time.perf_counter() - began)
    found = solve(part, budget_seconds=max(0.05, left), iterations=iterations, seed=seed, start=start)
    for vendor, route in zip(involved, found.routes, strict=True):
        kept[vendor] = [names[job] for job in route.jobs]
    return plan_of(problem, kept, time.perf_counter() - began, found.iterations)


def _touched(problem: FleetProblem, orders: Orders) -> tuple[set[int], list[int]]:
    """Give the vendors whose days no longer hold, and the jobs that nobody has."""
    late = {vendor for vendor, order in enumerate(orders) if walk(problem, vendor, order).late}
    placed = {job for order in orders for job in order}
    return late, [job for job in range(len(problem.jobs)) if job not in placed]


def _involved(problem: FleetProblem, orders: Orders, touched: set[int], loose: list[int]) -> set[int]:
    """Give the vendors to plan again: those touched, and for each job to place the ones it costs least."""
    involved = set(touched)
    homeless = loose + [job for vendor in sorted(touched) for job in orders[vendor]]
    asked = {job: _nearest(problem, orders, touched, job) for job in homeless}
    # The best helper of every job first, then the second best, until enough are asked.
    for rank in range(HELPERS):
        for job in homeless:
            if rank < len(asked[job]) and len(involved) < max(MOST_VENDORS, len(touched)):
                involved.add(asked[job][rank])
    return involved


def _nearest(problem: FleetProblem, orders: Orders, touched: set[int], job: int) -> list[int]:
    able = [v for v in range(len(orders)) if v not in touched and problem.allows(v, job)]
    ranked = sorted((*insertion(problem, orders, vendor, job)[:2], vendor) for vendor in able)
    return [vendor for _, _, vendor in ranked[:HELPERS]]


def _part(
    problem: FleetProblem, orders: Orders, involved: list[int], loose: list[int]
) -> tuple[FleetProblem, list[int]]:
    """Give the problem of some vendors and their jobs, and each of its jobs' number in the whole."""
    names = [job for vendor in involved for job in orders[vendor]] + loose
    here = {vendor: index for index, vendor in enumerate(involved)}

    def renumbered(vendor: int | None) -> int | None:
        return None if vendor is None else here.get(vendor)

    jobs = [problem.jobs[name] for name in names]
    return (
        FleetProblem(
            problem.travel,
            tuple(
                replace(job, vendor=renumbered(job.vendor), current=renumbered(job.current)) for job in jobs
            ),
            tuple(problem.vendors[vendor] for vendor in involved),
        ),
        names,
    )
