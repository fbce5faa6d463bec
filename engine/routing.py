"""A provider's day as a travelling-salesman problem with time windows.

The provider comes from the base, visits every stop once and returns. A service may begin within the stop's
window; before it lies the stop's opening buffer, after it the closing one:

    departure = start + duration + after
    arrival   = departure from the stop before + leg          (first stop: in time for its start)
    start     = max(window opens, arrival + before) <= window closes
    finish    = last departure + leg home <= day end

The first service begins at the day's start at the earliest; the way to it lies before the working hours, as
it does for a booked slot. Travel, with both legs of the base, is minimised, and among equals the finish.
A local search finds an order; up to EXACT_STOPS a dynamic program then proves it or finds the optimum,
beyond them the search goes on for its budget. Both release the interpreter lock: a thread may run them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.compiled import implementation

EXACT_STOPS = 20

LONGEST_LEG = 10_000
"""Minutes, a week: longer than any road, so that sums of legs cannot overflow."""
LONGEST_DAY = 2 * 24 * 60
MOST_LABELS = 1_000_000
"""Of the exact method, 28 bytes each: a day that needs more is not proven."""
DESCENTS_A_STOP = 8
"""Of the search before the proof."""
STEP = 10
"""Descents between two looks at the clock."""

_kernel = implementation("routing")
_search_kernel = implementation("routing_search")


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit: minutes of service, when it may begin (minutes from midnight), buffers around it."""

    duration: int
    open: int
    close: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Problem:
    """A day to plan.

    travel : (n + 1, n + 1) whole minutes, not negative, row and column 0 are the base; not modified
    """

    travel: NDArray[np.int64]
    stops: tuple[Stop, ...]
    day_start: int
    day_end: int

    def __post_init__(self) -> None:
        n = len(self.stops) + 1
        given = np.asarray(self.travel)
        if (
            given.shape != (n, n)
            or not ((given >= 0) & (given <= LONGEST_LEG) & (given == np.floor(given))).all()
        ):
            raise ValueError(f"travel must be ({n}, {n}), whole minutes and not negative")
        travel = np.ascontiguousarray(given, np.int64)
        if any(stop.duration < 0 or stop.before < 0 or stop.after < 0 for stop in self.stops):
            raise ValueError("durations and buffers are not negative")
        if self.day_end - self.day_start > LONGEST_DAY:
            raise ValueError(f"a day has at most {LONGEST_DAY} minutes")
        object.__setattr__(self, "travel", travel)


@dataclass(frozen=True)
class Plan:
    """A day in one order.

    order      : indices of stops; the columns follow it: arrivals, starts, departures, waits
    late       : stops of the order whose start lies after their window, or the last if home is too late
    travel_minutes includes the legs from and to the base; finish is the return
    """

    order: tuple[int, ...]
    arrivals: tuple[int, ...]
    starts: tuple[int, ...]
    departures: tuple[int, ...]
    waits: tuple[int, ...]
    travel_minutes: int
    finish: int
    late: tuple[int, ...]
    proven_optimal: bool = False
    seconds: float = 0.0

    @property
    def feasible(self) -> bool:
        return not self.late


def evaluate(problem: Problem, order: Sequence[int], wished: Sequence[int] | None = None) -> Plan:
    """Give the plan of an order, feasible or not.

    wished : a start for each stop; a service begins as near to it as the order and the windows after it
             allow, never earlier than needed; without wishes each begins as early as it can
    raises : ValueError when it is no order of the stops
    """
    if sorted(order) != list(range(len(problem.stops))):
        raise ValueError("an order names every stop once")
    latest = _latest(problem, order)
    arrivals, starts, departures, waits, late = [], [], [], [], []
    travelled, place, ready = 0, 0, problem.day_start
    for index in order:
        stop, leg = problem.stops[index], int(problem.travel[place, index + 1])
        earliest = ready + leg + stop.before if place else problem.day_start
        wish = min(wished[index], latest[index]) if wished is not None else earliest
        start = max(stop.open, earliest, wish)
        if start > stop.close:
            late.append(index)
        arrivals.append(ready + leg if place else start - stop.before)
        waits.append(start - earliest if place else 0)
        starts.append(start)
        ready = start + stop.duration + stop.after
        departures.append(ready)
        travelled += leg
        place = index + 1
    home = int(problem.travel[place, 0])
    finish = ready + home
    if order and finish > problem.day_end and order[-1] not in late:
        late.append(order[-1])
    return Plan(
        tuple(order),
        tuple(arrivals),
        tuple(starts),
        tuple(departures),
        tuple(waits),
        travelled + home,
        finish,
        tuple(late),
    )


def _latest(problem: Problem, order: Sequence[int]) -> dict[int, int]:
    """Give the latest start of each stop that still lets everything after it be in time."""
    latest: dict[int, int] = {}
    deadline, onward = problem.day_end, 0
    for index in reversed(order):
        stop, leg = problem.stops[index], int(problem.travel[index + 1, onward])
        latest[index] = min(stop.close, deadline - leg - stop.after - stop.duration)
        deadline, onward = latest[index] - stop.before, index + 1
    return latest


def solve(
    problem: Problem,
    *,
    budget_seconds: float = 0.1,
    seed: int = 0,
    start_order: Sequence[int] | None = None,
) -> Plan:
    """Give the plan with the least travel, then the earliest finish; never worse than a feasible start order.

    budget_seconds : of the search beyond EXACT_STOPS; the proof below takes what it needs
    returns : when no order keeps every window, the start order (or the least late that was found), with the
              stops that come too late in `late`
    """
    began = time.perf_counter()
    n = len(problem.stops)
    given = evaluate(problem, start_order) if start_order is not None else None
    network = _network(problem)
    first = start_order or sorted(range(n), key=lambda index: problem.stops[index].close)
    search = _search_kernel.Search(*network, np.array(first, np.int32), seed)
    found, is_proven = None, False
    if n <= EXACT_STOPS:
        search.run(DESCENTS_A_STOP * n)
        found, is_proven = _kernel.solve(*network, _known(problem, search.order), MOST_LABELS)
    else:
        while time.perf_counter() - began < budget_seconds:
            search.run(STEP)
    best = evaluate(problem, search.order if found is None else found)
    if given and (not best.feasible or (given.feasible and _rank(given) <= _rank(best))):
        best = given
    seconds = time.perf_counter() - began
    return replace(best, proven_optimal=is_proven and best.feasible, seconds=seconds)


def _known(problem: Problem, order: Sequence[int]) -> int:
    """Give the travel of an order, or more than any order's when it is late."""
    plan = evaluate(problem, order)
    return plan.travel_minutes if plan.feasible else int(problem.travel.max(axis=1).sum())


def _rank(plan: Plan) -> tuple[int, int]:
    return plan.travel_minutes, plan.finish


def _network(problem: Problem) -> tuple[NDArray[np.int32], ...]:
    """Give what the kernels read: the base is 0, stop i is i + 1.

    travel        : (n + 1, n + 1)
    spent         : the same from a start to the earliest start of the next, duration and buffers with it;
                    free from the base
    opens, closes : (n + 1,) of starts; the day's bounds at the base
    """
    stops = problem.stops
    after = np.array([0, *(stop.duration + stop.after for stop in stops)])
    before = np.array([0, *(stop.before for stop in stops)])
    spent = problem.travel + after[:, None] + before
    spent[0, :] = 0
    start, end = problem.day_start, problem.day_end
    opens = [start, *(max(stop.open, start) for stop in stops)]
    # Never before it opens, however early: such a window stays one that nobody can keep.
    closes = [end, *(max(min(stop.close, end), start - 1) for stop in stops)]
    return tuple(np.ascontiguousarray(one, np.int32) for one in (problem.travel, spent, opens, closes))
