"""A fleet's day mended after something went wrong: a vendor is out, a job is new, longer or gone.

What is not touched stays. Only vendors whose days no longer hold, and those who could help with the jobs
that are loose, are planned again; among these every job prefers the vendor it has. Jobs that are started or
promised are pinned by the caller (`Job.vendor`, a window of one minute) and stay where they are.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, replace

from engine.fleet.day import walk
from engine.fleet.gaps import Gaps
from engine.fleet.planning import plan_of, solve
from engine.fleet.problem import FleetPlan, FleetProblem, Orders, moved_of
from engine.fleet.rights import part_of

HELPERS = 4
"""Vendors asked for each job that is loose: those whose detour is least."""
MOST_VENDORS = 12
"""Planned again at once."""
MOVE_PENALTY = 30
"""Minutes of travel that a change of vendor must save: customers were told who comes."""
FIRST_SHARE = 0.7
"""Of the budget; the rest is for a plan that moves less, should the first move too much."""


def replan(
    problem: FleetProblem,
    current: Orders,
    *,
    budget_seconds: float = 1.0,
    iterations: int | None = None,
    seed: int = 0,
    max_moved_fraction: float = 0.1,
) -> FleetPlan:
    """Give a plan as near to the current orders as keeps every window.

    current : jobs by vendor; may hold jobs that its vendor can't have or reach any more, and lack jobs
    max_moved_fraction : of the jobs of vendors whose days still hold; should more move, none of them does
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
    unaffected = {job for vendor, order in enumerate(kept) if vendor not in touched for job in order}
    left = max(0.05, budget_seconds - (time.perf_counter() - began))
    search = _Search(problem, kept, involved, names, iterations, seed)
    orders, spent = search.run(left * FIRST_SHARE)
    if len(unaffected & set(moved_of(problem, orders))) > max_moved_fraction * len(unaffected):
        orders, spent = search.run(left * (1 - FIRST_SHARE), unaffected)
    return plan_of(problem, orders, time.perf_counter() - began, spent)


@dataclass(frozen=True)
class _Search:
    """Some vendors of a problem, planned again from their orders."""

    problem: FleetProblem
    orders: Orders
    involved: list[int]
    names: list[int]
    iterations: int | None
    seed: int

    def run(self, seconds: float, staying: Collection[int] = ()) -> tuple[Orders, int]:
        """Give the orders of all, and iterations; jobs that are `staying` do not change hands."""
        jobs = tuple(
            replace(job, vendor=job.current) if index in staying else job
            for index, job in enumerate(self.problem.jobs)
        )
        part = part_of(replace(self.problem, jobs=jobs), self.involved, self.names)
        number = {job: index for index, job in enumerate(self.names)}
        start = [[number[job] for job in self.orders[vendor]] for vendor in self.involved]
        found = solve(part, budget_seconds=seconds, iterations=self.iterations, seed=self.seed, start=start)
        orders = [list(order) for order in self.orders]
        for vendor, route in zip(self.involved, found.routes, strict=True):
            orders[vendor] = [self.names[job] for job in route.jobs]
        return orders, found.iterations


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
