"""Why a job has no vendor, found by trying."""

from engine.fleet_day import walk
from engine.fleet_problem import Dropped, FleetProblem, Orders, Reason, travel_of


def explain(problem: FleetProblem, orders: Orders, job: int) -> Dropped:
    """Give the first reason that holds, and the vendor who comes nearest."""
    wanted = problem.jobs[job]
    skilled = [v for v, who in enumerate(problem.vendors) if who.has_skills(wanted)]
    if not skilled:
        return Dropped(job, Reason.SKILL)
    near = [v for v in skilled if problem.allows(v, job)]
    if not near:
        return Dropped(job, Reason.AREA)
    working = [v for v in near if _works(problem, v, job)]
    if not working:
        return Dropped(job, Reason.SHIFT, near[0])
    alone = {vendor: walk(problem, vendor, (job,)).late for vendor in working}
    able = [vendor for vendor, late in alone.items() if late == 0]
    if not able:
        return Dropped(job, Reason.WINDOW, min(working, key=alone.__getitem__))
    late, detour, vendor = min((*insertion(problem, orders, vendor, job)[:2], vendor) for vendor in able)
    if late:
        return Dropped(job, Reason.TIME, vendor, late)
    return Dropped(job, Reason.COST, vendor, detour)


def insertion(problem: FleetProblem, orders: Orders, vendor: int, job: int) -> tuple[int, int, int]:
    """Give minutes late, detour and position of a job's best place in a vendor's order."""
    order = list(orders[vendor])
    now = travel_of(problem, vendor, order)
    return min(
        (walk(problem, vendor, tried).late, travel_of(problem, vendor, tried) - now, at)
        for at in range(len(order) + 1)
        for tried in [(*order[:at], job, *order[at:])]
    )


def _works(problem: FleetProblem, vendor: int, job: int) -> bool:
    who, wanted = problem.vendors[vendor], problem.jobs[job]
    return max(wanted.open, who.shift_start) <= min(wanted.close, who.shift_end)
