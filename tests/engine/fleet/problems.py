"""Days of fleets that tests share."""

from dataclasses import replace
from random import Random

import numpy as np

from engine.fleet.problem import Break, FleetProblem, Job, Vendor

TRADES = ("plumbing", "cleaning", "repair")


def fleet(seed: int, jobs: int, vendors: int, *, window: int = 120, pause: bool = False) -> FleetProblem:
    """Give a seeded day: a city of 40 minutes across, three trades (everybody knows two), two areas."""
    rng = Random(seed)
    points = [(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(jobs + vendors)]
    travel = np.array([[int(np.ceil(np.hypot(a - c, b - d))) for c, d in points] for a, b in points])
    wanted = []
    for place in range(jobs):
        opens = rng.randrange(480, 1020)
        skills = frozenset([rng.choice(TRADES)])
        wanted.append(
            Job(
                place, rng.choice((30, 45)), opens, opens + window, 5, 5, skills, rng.choice(("east", "west"))
            )
        )
    breaks = (Break(720, 840, 30),) if pause else ()
    crew = [
        Vendor(
            jobs + v,
            540,
            1140,
            frozenset(rng.sample(TRADES, 2)),
            frozenset(["east", "west"][v % 3 :]),
            breaks,
        )
        for v in range(vendors)
    ]
    crew[0] = replace(crew[0], areas=None)
    return FleetProblem(travel, tuple(wanted), tuple(crew))


def one_vendor(*jobs: Job, **changes: object) -> FleetProblem:
    """Give jobs ten minutes apart, and one vendor at home in place 0."""
    places = len(jobs) + 1
    travel = np.full((places, places), 10) - 10 * np.eye(places, dtype=int)
    return FleetProblem(travel, jobs, (replace(Vendor(0, 540, 1020), **changes),))  # type: ignore[arg-type]
