"""What a fleet's day is: jobs, vendors, and a plan of them.

Times are whole minutes from local midnight, travel is whole minutes. A job begins within its window; before
it lies its opening buffer, after it the closing one, exactly as in `routing.py`. The way to a vendor's
first job lies before the shift; the way home belongs to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LONGEST_LEG = 10_000
"""Minutes, a week."""


@dataclass(frozen=True, slots=True)
class Job:
    """A visit to place.

    place        : its row of the matrix
    open, close  : earliest and latest start; one that closes before it opens can't be kept by anybody
    skills, area : what the vendor must have; no area is one that everybody serves
    drop_penalty : minutes of travel that leaving it out costs
    vendor       : the only vendor that may have it; a job with one is never left out
    current      : the vendor that has it now; another one costs `move_penalty` minutes more
    """

    place: int
    duration: int
    open: int
    close: int
    before: int = 0
    after: int = 0
    skills: frozenset[str] = frozenset()
    area: str | None = None
    drop_penalty: int = 1_000
    vendor: int | None = None
    current: int | None = None
    move_penalty: int = 0


@dataclass(frozen=True, slots=True)
class Break:
    """Minutes without work, begun from `open` to `close`, wherever the vendor is then.

    A vendor without jobs has no breaks to take; one whose breaks do not fit the shift gets no jobs.
    """

    open: int
    close: int
    duration: int


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who drives; `areas` None serves every area."""

    place: int
    shift_start: int
    shift_end: int
    skills: frozenset[str] = frozenset()
    areas: frozenset[str] | None = None
    breaks: tuple[Break, ...] = ()

    def may_serve(self, job: Job) -> bool:
        """Say whether skills and areas allow the job; nothing about time."""
        return self.has_skills(job) and self.serves_area(job)

    def has_skills(self, job: Job) -> bool:
        return job.skills <= self.skills

    def serves_area(self, job: Job) -> bool:
        return job.area is None or self.areas is None or job.area in self.areas


@dataclass(frozen=True)
class FleetProblem:
    """A day of many vendors.

    travel : (p, p) whole minutes, not negative; jobs and vendors name its rows
    raises : ValueError when it names places or vendors that are not there
    """

    travel: NDArray[np.int64]
    jobs: tuple[Job, ...]
    vendors: tuple[Vendor, ...]

    def __post_init__(self) -> None:
        given = np.asarray(self.travel)
        places = range(len(given))
        if given.ndim != 2 or given.shape[0] != given.shape[1]:
            raise ValueError("travel must be square")
        if not ((given >= 0) & (given <= LONGEST_LEG) & (given == np.floor(given))).all():
            raise ValueError("travel must be whole minutes and not negative")
        if any(
            place not in places for place in (*(j.place for j in self.jobs), *(v.place for v in self.vendors))
        ):
            raise ValueError("every place must be a row of travel")
        fleet = (None, *range(len(self.vendors)))
        if any(job.vendor not in fleet or job.current not in fleet for job in self.jobs):
            raise ValueError("every vendor of a job must be one of the fleet")
        if any(min(job.duration, job.before, job.after, job.drop_penalty) < 0 for job in self.jobs):
            raise ValueError("durations, buffers and penalties are not negative")
        object.__setattr__(self, "travel", np.ascontiguousarray(given, np.int64))

    def allows(self, vendor: int, job: int) -> bool:
        """Say whether a vendor may have a job, as far as it does not depend on time."""
        wanted = self.jobs[job]
        return wanted.vendor in (None, vendor) and self.vendors[vendor].may_serve(wanted)

    def moves(self, vendor: int, job: int) -> bool:
        """Say whether giving a job to a vendor takes it from another."""
        return self.jobs[job].current not in (None, vendor)


@dataclass(frozen=True, slots=True)
class Route:
    """One vendor's day: the columns follow `jobs`; `breaks` are (start, end); `finish` is the return home.

    late : minutes by which starts, breaks and the return miss their time, 0 for a day that can be driven
    """

    jobs: tuple[int, ...]
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    departures: tuple[int, ...]
    breaks: tuple[tuple[int, int], ...]
    travel_minutes: int
    finish: int
    late: int = 0


class Reason(StrEnum):
    """Why a job has no vendor: the first that holds."""

    SKILL = "skill"
    """Nobody has the skills."""
    AREA = "area"
    """Nobody who has them serves the area."""
    SHIFT = "shift"
    """Nobody of these works while the job may begin."""
    WINDOW = "window"
    """Nobody of these could do it even alone: buffers, breaks or the way home do not fit."""
    TIME = "time"
    """Somebody could alone, nobody beside what is planned."""
    COST = "cost"
    """Somebody could, for more travel than leaving it out costs."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A job without a vendor.

    vendor  : who comes nearest to having it, None for SKILL and AREA
    minutes : TIME: by how many minutes it does not fit beside that vendor's plan; COST: the detour, with
              what a change of vendor costs; else 0
    """

    job: int
    reason: Reason
    vendor: int | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: its share of the budget, and its best plan so far."""

    fraction: float
    cost: int
    iterations: int


@dataclass(frozen=True)
class FleetPlan:
    """Routes by vendor, and the jobs that have none.

    cost : travel minutes, penalties of dropped jobs, and of jobs that changed their vendor
    """

    routes: tuple[Route, ...]
    dropped: tuple[Dropped, ...]
    travel_minutes: int
    cost: int
    moved: tuple[int, ...]
    seconds: float = 0.0
    iterations: int = 0


Orders = Sequence[Sequence[int]]
"""Jobs by vendor, in order."""


def cost_of(problem: FleetProblem, orders: Orders) -> int:
    """Give travel and penalties of orders, whether or not they can be driven."""
    travel = sum(travel_of(problem, vendor, order) for vendor, order in enumerate(orders))
    placed = {job for order in orders for job in order}
    left = sum(job.drop_penalty for index, job in enumerate(problem.jobs) if index not in placed)
    return travel + left + sum(problem.jobs[job].move_penalty for job in moved_of(problem, orders))


def moved_of(problem: FleetProblem, orders: Orders) -> tuple[int, ...]:
    """Give the jobs that are with another vendor than now."""
    return tuple(job for vendor, order in enumerate(orders) for job in order if problem.moves(vendor, job))


def travel_of(problem: FleetProblem, vendor: int, order: Sequence[int]) -> int:
    """Give minutes of travel of an order, with both ways from and to the vendor's place."""
    if not order:
        return 0
    base = problem.vendors[vendor].place
    places = [base, *(problem.jobs[job].place for job in order), base]
    return int(sum(problem.travel[a, b] for a, b in pairwise(places)))
