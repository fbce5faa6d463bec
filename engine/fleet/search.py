"""Orders for a whole fleet by PyVRP (iterated local search; MIT).

A location a vendor and a location a job; time runs from start to start, as in `routing._network`, so that
nothing but windows is left of a job. Who may have what, and what a change of vendor costs, is a profile: a
pair of matrices that vendors with the same rights share. What is not allowed costs more than any penalty.

A break is a job that one vendor alone can have, at the place where a shorter search without breaks has it.
The day is then walked with breaks wherever they fit (`day.py`), which can only be shorter, and all of
it done again from there: breaks that stay at their first places hold their days where they are.

Measured beside OR-Tools and VROOM (`benchmarks/results.md`); it holds the interpreter lock.
"""

import time
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray

from engine.fleet.budget import Budget
from engine.fleet.day import walk
from engine.fleet.problem import Break, FleetProblem, Orders, cost_of
from engine.fleet.repair import drivable
from engine.fleet.rights import part_of, rights

FORBIDDEN = 10_000_000
"""Minutes, above any penalty: a way that must not be taken."""
BREAK_SHARE = 0.25
"""Of a round, to see where vendors will be when their breaks are due."""
BREAK_ROUNDS = 3

Matrix = Any
"""(places, places) int64, as PyVRP's stubs can't say."""
Rights = NDArray[np.bool_]
"""(vendors, jobs), see `rights`."""


def cells(problem: FleetProblem) -> int:
    """Give how many cells the matrices of all profiles have, 16 bytes each, which the search copies once."""
    rows = np.array(
        [
            [
                problem.jobs[job].move_penalty * problem.moves(vendor, job) if can else FORBIDDEN
                for job, can in enumerate(row)
            ]
            for vendor, row in enumerate(rights(problem))
        ]
    )
    owners = sum(1 for who in problem.vendors if who.breaks)
    places = len(problem.vendors) + len(problem.jobs) + len(_breaks(problem))
    return min(len(problem.vendors), len(np.unique(rows, axis=0)) + owners) * places**2


def search(problem: FleetProblem, budget: Budget, seed: int, start: Orders | None) -> list[list[int]]:
    """Give the best orders found; they may leave jobs out, and need not keep every break."""
    able = rights(problem)
    crew = [int(vendor) for vendor in np.flatnonzero(able.any(axis=1))]
    jobs = [int(job) for job in np.flatnonzero(able.any(axis=0))]
    orders: list[list[int]] = [[] for _ in problem.vendors]
    if not jobs:
        return orders
    numbers = {job: index for index, job in enumerate(jobs)}
    part = part_of(problem, crew, jobs)
    budget.left_out = sum(job.drop_penalty for job in problem.jobs) - sum(j.drop_penalty for j in part.jobs)
    able = able[np.ix_(crew, jobs)]
    known: Orders | None = None
    if start is not None:
        known = [[numbers[job] for job in start[vendor] if job in numbers] for vendor in crew]
    found = _searched(part, able, budget, seed, known)
    for vendor, order in zip(crew, found, strict=True):
        orders[vendor] = [jobs[index] for index in order]
    return orders


def _searched(
    problem: FleetProblem, able: Rights, budget: Budget, seed: int, known: Orders | None
) -> list[list[int]]:
    """Search once, or with breaks in rounds: a look without them, then with them where that has them."""
    if not _breaks(problem):
        return _solved(problem, able, [], budget, seed, known)
    best = drivable(problem, known if known is not None else [()] * len(problem.vendors))
    for left in range(BREAK_ROUNDS, 0, -1):
        if budget.fraction(time.perf_counter()) >= 1:
            break
        part = budget.rest(1 / left)
        seen = _solved(problem, able, [], part.rest(BREAK_SHARE), seed + left, best)
        places = _break_places(problem, drivable(problem, seen))
        found = drivable(problem, _solved(problem, able, places, part, seed + left, seen))
        best = min(best, found, key=lambda orders: cost_of(problem, orders))
        budget.tell(cost_of(problem, best))
    return best


def _solved(
    problem: FleetProblem,
    able: Rights,
    break_places: list[int],
    budget: Budget,
    seed: int,
    start: Orders | None,
) -> list[list[int]]:
    data = _data(problem, able, break_places)
    jobs = len(problem.jobs)
    initial = None
    if start is not None:
        routes = [pyvrp.Route(data, list(order), vendor) for vendor, order in enumerate(start) if order]
        initial = pyvrp.Solution(data, routes)
    found = pyvrp.solve(data, budget, seed, collect_stats=False, initial_solution=initial)
    orders: list[list[int]] = [[] for _ in problem.vendors]
    for route in found.best.routes():
        visits = (visit.idx for visit in route.schedule() if visit.is_client())
        vendor = route.vehicle_type()
        orders[vendor] = [visit for visit in visits if visit < jobs and able[vendor, visit]]
    return orders


def _breaks(problem: FleetProblem) -> list[tuple[int, Break]]:
    return [(vendor, pause) for vendor, who in enumerate(problem.vendors) for pause in who.breaks]


def _break_places(problem: FleetProblem, orders: Orders) -> list[int]:
    """Give where each break is taken: at the visit before it, or at the first, or at home."""
    places = []
    for vendor, (who, order) in enumerate(zip(problem.vendors, orders, strict=True)):
        day = walk(problem, vendor, order)
        for number in range(len(who.breaks)):
            begun = sum(start < day.breaks[number][0] for start in day.starts) if order else 0
            places.append(problem.jobs[order[max(0, begun - 1)]].place if order else who.place)
    return places


def _data(problem: FleetProblem, able: Rights, break_places: list[int]) -> pyvrp.ProblemData:
    """Locations: the vendors, the jobs, the breaks in the order of their vendors."""
    fleet, jobs = len(problem.vendors), len(problem.jobs)
    breaks = _breaks(problem) if break_places else []
    clients = [
        pyvrp.Client(
            fleet + index,
            tw_early=max(0, job.open),
            tw_late=max(0, job.close),
            prize=0 if job.vendor is not None else job.drop_penalty,
            required=job.vendor is not None,
        )
        for index, job in enumerate(problem.jobs)
    ]
    clients += [
        pyvrp.Client(fleet + jobs + index, tw_early=pause.open, tw_late=pause.close)
        for index, (_, pause) in enumerate(breaks)
    ]
    distances, durations, profile_of = _profiles(problem, able, break_places)
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * (fleet + len(clients)),
        clients,
        [pyvrp.Depot(vendor) for vendor in range(fleet)],
        [
            pyvrp.VehicleType(
                start_depot=vendor,
                end_depot=vendor,
                tw_early=who.shift_start,
                tw_late=who.shift_end,
                profile=profile_of[vendor],
            )
            for vendor, who in enumerate(problem.vendors)
        ],
        distances,
        durations,
    )


def _profiles(
    problem: FleetProblem, able: Rights, break_places: list[int]
) -> tuple[list[Matrix], list[Matrix], list[int]]:
    """Give distances and durations by profile, and each vendor's profile."""
    fleet, jobs = len(problem.vendors), len(problem.jobs)
    breaks = _breaks(problem) if break_places else []
    places = [who.place for who in problem.vendors] + [job.place for job in problem.jobs] + break_places
    travel = problem.travel[np.ix_(places, places)]
    before = np.array([0] * fleet + [job.before for job in problem.jobs] + [0] * len(breaks))
    busy = [0] * fleet + [job.duration + job.after for job in problem.jobs]
    busy += [pause.duration for _, pause in breaks]
    spent = travel + np.array(busy)[:, None] + before
    spent[:fleet, :] = 0
    np.fill_diagonal(spent, 0)
    np.fill_diagonal(travel, 0)
    found: dict[bytes, int] = {}
    distances: list[Matrix] = []
    durations: list[Matrix] = []
    profile_of: list[int] = []
    for vendor in range(fleet):
        extra = np.zeros(len(places), np.int64)
        for job in range(jobs):
            if not able[vendor, job]:
                extra[fleet + job] = FORBIDDEN
            elif problem.moves(vendor, job):
                extra[fleet + job] = problem.jobs[job].move_penalty
        for index, (owner, _) in enumerate(breaks):
            extra[fleet + jobs + index] = 0 if owner == vendor else FORBIDDEN
        key = extra.tobytes()
        if key not in found:
            found[key] = len(distances)
            distance = travel + extra
            np.fill_diagonal(distance, 0)
            distances.append(distance)
            duration = np.where(extra == FORBIDDEN, FORBIDDEN, spent)
            np.fill_diagonal(duration, 0)
            durations.append(duration)
        profile_of.append(found[key])
    return distances, durations, profile_of
