"""Where a job could still go: every gap between two jobs of every vendor, looked at together.

Breaks apart, a job fits a gap when its earliest start there is not after its latest one, and the difference
is the least lateness that it causes. Breaks can only make it later. So gaps are tried in the order of that
bound, and the first whose walked day is no worse than the next bound is the best of all.
"""

from collections.abc import Container, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.fleet.day import walk
from engine.fleet.problem import FleetProblem, Orders

NEVER = 1_000_000_000
"""Minutes, above any lateness: the bound of a vendor who may not have the job."""


class Insertion(NamedTuple):
    """A job's place in a vendor's order: minutes late, travel and penalty of it; less is better."""

    late: int
    cost: int
    vendor: int
    at: int


class Gaps:
    """The gaps of orders; `change` keeps them true when a vendor's order changes."""

    def __init__(self, problem: FleetProblem, orders: Orders) -> None:
        self._problem = problem
        self.orders = [list(order) for order in orders]
        self._parts = [_gaps_of(problem, vendor, order) for vendor, order in enumerate(self.orders)]
        self._all: NDArray[np.int64] | None = None

    def change(self, vendor: int, order: Sequence[int]) -> None:
        self.orders[vendor] = list(order)
        self._parts[vendor] = _gaps_of(self._problem, vendor, order)
        self._all = None

    def best(self, job: int, among: Container[int] | None = None) -> Insertion | None:
        """Give the best place with any vendor, or with some; None when none of them may have the job."""
        bounds, costs, vendors, places = self._bounds(job)
        best: Insertion | None = None
        for gap in np.lexsort((costs, bounds)):
            tried = Insertion(int(bounds[gap]), int(costs[gap]), int(vendors[gap]), int(places[gap]))
            if tried.late >= NEVER or (best is not None and tried >= best):
                break
            if among is not None and tried.vendor not in among:
                continue
            order = self.orders[tried.vendor]
            order = [*order[: tried.at], job, *order[tried.at :]]
            found = tried._replace(late=walk(self._problem, tried.vendor, order).late)
            best = found if best is None else min(best, found)
        return best

    def nearest(self, job: int, most: int) -> list[int]:
        """Give the vendors with the best gaps, best first; breaks are not looked at."""
        bounds, costs, vendors, _ = self._bounds(job)
        ranked = np.lexsort((costs, bounds))
        return list(dict.fromkeys(int(vendors[gap]) for gap in ranked if bounds[gap] < NEVER))[:most]

    def _bounds(self, job: int) -> tuple[NDArray[np.int64], ...]:
        """Give each gap's bound of lateness, cost, vendor and place in the order."""
        if self._all is None:
            self._all = np.concatenate([np.zeros((7, 0), np.int64), *self._parts], axis=1)
        vendors, places, before, after, ready, due, saved = self._all
        travel, wanted = self._problem.travel, self._problem.jobs[job]
        to, onward = travel[before, wanted.place], travel[wanted.place, after]
        arrival = np.where(places == 0, ready, ready + to + wanted.before)
        earliest = np.maximum(wanted.open, arrival)
        latest = np.minimum(wanted.close, due - onward - wanted.duration - wanted.after)
        crew = range(len(self.orders))
        extra = [wanted.move_penalty * self._problem.moves(vendor, job) for vendor in crew]
        never = np.array([0 if self._problem.allows(vendor, job) else NEVER for vendor in crew], np.int64)
        bounds = np.maximum(0, earliest - latest) + never[vendors]
        return bounds, to + onward - saved + np.array(extra, np.int64)[vendors], vendors, places


def _gaps_of(problem: FleetProblem, vendor: int, order: Sequence[int]) -> NDArray[np.int64]:
    """Give a column a gap: vendor, place in the order, the places around it, when the vendor is ready before
    it, when they are due after it, and the leg that an insertion saves.
    """
    who, jobs, travel = problem.vendors[vendor], [problem.jobs[job] for job in order], problem.travel
    places = [who.place, *(job.place for job in jobs), who.place]
    ready, due = [who.shift_start], [who.shift_end]
    for at, job in enumerate(jobs):
        earliest = ready[-1] + (int(travel[places[at], job.place]) + job.before if at else 0)
        ready.append(min(max(earliest, job.open), job.close) + job.duration + job.after)
    for at in range(len(jobs) - 1, -1, -1):
        job, leg = jobs[at], int(travel[places[at + 1], places[at + 2]])
        due.append(min(job.close, due[-1] - leg - job.duration - job.after) - job.before)
    legs = [int(travel[a, b]) for a, b in pairwise(places)] if jobs else [0]
    many = len(jobs) + 1
    return np.array([[vendor] * many, range(many), places[:-1], places[1:], ready, due[::-1], legs], np.int64)
