"""Who could do what, as far as it can be known before a search: nothing impossible is given to it.

A search that has to visit what nobody can reach never finds a plan that holds, and mends nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.fleet.gaps import Gaps
from engine.fleet.problem import FleetProblem, Vendor


def rights(problem: FleetProblem) -> NDArray[np.bool_]:
    """Give (vendors, jobs): allowed, in time when done alone, and for pinned jobs beside the other pins."""
    fleet, jobs, travel = problem.vendors, problem.jobs, problem.travel
    able = np.zeros((len(fleet), len(jobs)), np.bool_)
    places = np.array([job.place for job in jobs], np.int64)
    opens, closes = (np.array([getattr(job, name) for job in jobs]) for name in ("open", "close"))
    busy = np.array([job.duration + job.after for job in jobs])
    for vendor, who in enumerate(fleet):
        if jobs and _breaks_fit(who):
            starts = np.maximum(opens, who.shift_start)
            finishes = starts + busy + travel[places, who.place]
            allowed = [problem.allows(vendor, job) for job in range(len(jobs))]
            able[vendor] = (starts <= closes) & (finishes <= who.shift_end) & allowed
    for job in _clashing(problem, able):
        able[:, job] = False
    return able


def part_of(problem: FleetProblem, vendors: Sequence[int], jobs: Sequence[int]) -> FleetProblem:
    """Give the problem of some vendors and jobs, numbered as they are given; a pin's vendor must be there."""
    here = {vendor: index for index, vendor in enumerate(vendors)}
    chosen = [problem.jobs[job] for job in jobs]
    return FleetProblem(
        problem.travel,
        tuple(
            replace(
                job,
                vendor=None if job.vendor is None else here[job.vendor],
                current=None if job.current is None else here.get(job.current),
            )
            for job in chosen
        ),
        tuple(problem.vendors[vendor] for vendor in vendors),
    )


def _breaks_fit(who: Vendor) -> bool:
    """Say whether a day of breaks alone holds."""
    now = who.shift_start
    for pause in who.breaks:
        now = max(now, pause.open)
        if now > pause.close:
            return False
        now += pause.duration
    return now <= who.shift_end


def _clashing(problem: FleetProblem, able: NDArray[np.bool_]) -> list[int]:
    """Give the pinned jobs that their vendor can't do beside those pinned to an earlier window."""
    gaps = Gaps(problem, [()] * len(problem.vendors))
    pinned = [index for index, job in enumerate(problem.jobs) if job.vendor is not None]
    clashing = []
    for job in sorted(pinned, key=lambda index: problem.jobs[index].close):
        found = gaps.best(job)
        if found is None or found.late or not able[found.vendor, job]:
            clashing.append(job)
        else:
            order = gaps.orders[found.vendor]
            gaps.change(found.vendor, [*order[: found.at], job, *order[found.at :]])
    return clashing
