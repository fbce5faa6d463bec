"""A market too large for one search, part by part.

Vendors with rights of their own each need matrices of all places: 200 vendors and 1,000 jobs would be 9 GB.
So a plan is built by best insertion, and then searched again and again for the vendors who come near a
place, with their jobs and those that nobody has. A part's plan is kept when it is no dearer.
"""

import time
from random import Random

from engine.fleet.budget import Budget
from engine.fleet.problem import FleetProblem, Orders, cost_of
from engine.fleet.repair import drivable
from engine.fleet.rights import part_of
from engine.fleet.search import cells, search

MOST_CELLS = 10_000_000
"""Of all matrices together, 0.3 GB with the search's copy. Around here parts are better anyway: in 8 s, 50
vendors left out 21 jobs of 500 instead of 31; with vendors enough (80), travel was 2 to 3 % shorter in 10 s.
"""
PART_VENDORS = 25
PARTS_A_VENDOR = 0.25
"""Of the whole budget: each vendor is searched some six times, every time among others."""


def is_large(problem: FleetProblem) -> bool:
    """Say whether one search would need too much memory."""
    most = len(problem.vendors) * (len(problem.vendors) + len(problem.jobs)) ** 2
    return len(problem.vendors) > PART_VENDORS and most > MOST_CELLS and cells(problem) > MOST_CELLS


def search_by_parts(
    problem: FleetProblem, budget: Budget, seed: int, start: Orders | None
) -> list[list[int]]:
    """Give the best orders found from `start`, or from an insertion of all jobs."""
    orders = drivable(problem, start if start is not None else [()] * len(problem.vendors))
    rng, parts = Random(seed), round(PARTS_A_VENDOR * len(problem.vendors))
    middles: list[int] = []
    for number in range(parts):
        if budget.fraction(time.perf_counter()) >= 1:
            break
        middles = middles or rng.sample(range(len(problem.jobs)), len(problem.jobs))
        crew = _around(problem, orders, problem.jobs[middles.pop()].place)
        _improve(problem, orders, crew, budget.rest(1 / (parts - number)), seed + number)
        budget.tell(cost_of(problem, orders))
    return orders


def _around(problem: FleetProblem, orders: Orders, place: int) -> list[int]:
    """Give the vendors who come nearest to a place on their way."""
    legs = problem.travel[place]
    nearest = [
        (min(int(legs[near]) for near in (who.place, *(problem.jobs[job].place for job in order))), vendor)
        for vendor, (who, order) in enumerate(zip(problem.vendors, orders, strict=True))
    ]
    return [vendor for _, vendor in sorted(nearest)[:PART_VENDORS]]


def _improve(
    problem: FleetProblem, orders: list[list[int]], crew: list[int], budget: Budget, seed: int
) -> None:
    placed = {job for order in orders for job in order}
    loose = [
        index
        for index, job in enumerate(problem.jobs)
        if index not in placed and (job.vendor is None or job.vendor in crew)
    ]
    names = [job for vendor in crew for job in orders[vendor]] + loose
    numbers = {job: index for index, job in enumerate(names)}
    part = part_of(problem, crew, names)
    known = [[numbers[job] for job in orders[vendor]] for vendor in crew]
    found = drivable(part, search(part, budget, seed, known))
    if cost_of(part, found) <= cost_of(part, known):
        for vendor, order in zip(crew, found, strict=True):
            orders[vendor] = [names[index] for index in order]
