"""Why a job has no vendor, found by trying."""

from engine.fleet.day import walk
from engine.fleet.gaps import Gaps
from engine.fleet.problem import Dropped, FleetProblem, Reason


def explain(problem: FleetProblem, gaps: Gaps, job: int) -> Dropped:
    """Give the first reason that holds, and the vendor who comes nearest."""
    wanted = problem.jobs[job]
    skilled = [v for v, who in enumerate(problem.vendors) if who.has_skills(wanted)]
    if not skilled:
        return Dropped(job, Reason.SKILL)
    near = [v for v in skilled if problem.allows(v, job)]
    if not near:
        return Dropped(job, Reason.AREA)
    is_never = wanted.close < wanted.open
    working = [v for v in near if is_never or _works(problem, v, job)]
    if not working:
        return Dropped(job, Reason.SHIFT, near[0])
    alone = {vendor: walk(problem, vendor, (job,)).late for vendor in working}
    found = gaps.best(job, [vendor for vendor, late in alone.items() if late == 0])
    if found is None:
        return Dropped(job, Reason.WINDOW, min(working, key=alone.__getitem__))
    if found.late:
        return Dropped(job, Reason.TIME, found.vendor, found.late)
    return Dropped(job, Reason.COST, found.vendor, found.cost)


def _works(problem: FleetProblem, vendor: int, job: int) -> bool:
    who, wanted = problem.vendors[vendor], problem.jobs[job]
    return max(wanted.open, who.shift_start) <= min(wanted.close, who.shift_end)
