"""Orders made such that they can be driven: what is late is left out, what fits and pays is put in."""

from collections.abc import Sequence

from engine.fleet.day import walk
from engine.fleet.gaps import Gaps
from engine.fleet.problem import FleetProblem, Orders


def is_drivable(problem: FleetProblem, orders: Orders) -> bool:
    """Say whether every vendor may and can do their jobs in this order."""
    return all(
        walk(problem, vendor, order).late == 0 and all(problem.allows(vendor, job) for job in order)
        for vendor, order in enumerate(orders)
    )


def drivable(problem: FleetProblem, orders: Orders) -> list[list[int]]:
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
