"""A fleet's day mended after something went wrong: a vendor is out, a job is new, longer or gone.

What is not touched stays. Only vendors whose days no longer hold, and those who could help with the jobs
that are loose, are planned again; among these every job prefers the vendor it has. Jobs that are started or
promised are pinned by the caller (`Job.vendor`, a window of one minute) and stay where they are.
"""

import time
from dataclasses import replace

from engine.fleet import plan_of, solve
from engine.fleet_day import walk
from engine.fleet_gaps import Gaps
from engine.fleet_problem import FleetPlan, FleetProblem, Orders
from engine.fleet_rights import part_of

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
    names = [job for vendor in involved for job in kept[vendor]] + loose
    part, number = part_of(problem, involved, names), {job: index for index, job in enumerate(names)}
    start = [[number[job] for job in kept[vendor]] for vendor in involved]
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
    # Vendors in trouble are no help, and who a loose job is pinned to is asked in any case.
    gaps, most = Gaps(problem, orders), HELPERS + len(touched)
    asked = {job: [v for v in gaps.nearest(job, most) if v not in touched][:HELPERS] for job in homeless}
    involved |= {vendor for job in loose if (vendor := problem.jobs[job].vendor) is not None}
    # The best helper of every job first, then the second best, until enough are asked.
    for rank in range(HELPERS):
        for job in homeless:
            if rank < len(asked[job]) and len(involved) < max(MOST_VENDORS, len(touched)):
                involved.add(asked[job][rank])
    return involved
