"""One vendor's order of jobs as a day, with breaks where they fit best.

A break may lie before the first job, between two, or after the last. For a given order it is enough to
know, after each job and each number of breaks taken, the least lateness and then the earliest minute at
which the vendor is ready: whoever is ready earlier can do everything that somebody later can (breaks are
taken in their order).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.fleet.problem import Break, FleetProblem, Job, Route, travel_of


@dataclass(frozen=True, slots=True)
class _Ready:
    """The best way to be here: minutes late, minute of readiness, and how it came to it."""

    late: int
    minute: int
    before: "_Ready | None" = None
    event: tuple[int | None, int, int] | None = None
    """Arrival, start, end of a job; a break has no arrival."""


def walk(problem: FleetProblem, vendor: int, order: Sequence[int]) -> Route:
    """Give the day of an order; what can't be in time is late, and what follows goes on as if it were not."""
    who = problem.vendors[vendor]
    if not order:
        return Route((), (), (), (), (), 0, who.shift_start)
    ready = [_Ready(0, who.shift_start)]
    place: int | None = None
    _take_breaks(ready, who.breaks)
    for index in order:
        job = problem.jobs[index]
        leg = None if place is None else int(problem.travel[place, job.place])
        ready = [_visited(state, job, leg) for state in ready]
        place = job.place
        _take_breaks(ready, who.breaks)
    home = int(problem.travel[place, who.place])
    end = ready[len(who.breaks)]
    late = end.late + max(0, end.minute + home - who.shift_end)
    return _route(problem, vendor, order, end, late, home)


def _visited(state: _Ready, job: Job, leg: int | None) -> _Ready:
    """The first job has no leg in time: its way lies before the shift."""
    earliest = state.minute if leg is None else state.minute + leg + job.before
    start = max(earliest, job.open)
    late = max(0, start - job.close)
    arrival = start - job.before if leg is None else state.minute + leg
    departure = start - late + job.duration + job.after
    return _Ready(state.late + late, departure, state, (arrival, start, departure))


def _take_breaks(ready: list[_Ready], breaks: Sequence[Break]) -> None:
    """Add or better the states with one break more, taken here."""
    for taken, pause in enumerate(breaks):
        if taken >= len(ready):
            return
        state = ready[taken]
        start = max(state.minute, pause.open)
        late = max(0, start - pause.close)
        end = start - late + pause.duration
        found = _Ready(state.late + late, end, state, (None, start, end))
        if taken + 1 == len(ready):
            ready.append(found)
        elif (found.late, found.minute) < (ready[taken + 1].late, ready[taken + 1].minute):
            ready[taken + 1] = found


def _events(end: _Ready) -> Iterator[tuple[int | None, int, int]]:
    state: _Ready | None = end
    while state is not None and state.event is not None:
        yield state.event
        state = state.before


def _route(
    problem: FleetProblem, vendor: int, order: Sequence[int], end: _Ready, late: int, home: int
) -> Route:
    events = list(_events(end))[::-1]
    visits = [(arrival, start, stop) for arrival, start, stop in events if arrival is not None]
    return Route(
        tuple(order),
        tuple(arrival for arrival, _, _ in visits),
        tuple(start for _, start, _ in visits),
        tuple(departure for _, _, departure in visits),
        tuple((start, stop) for arrival, start, stop in events if arrival is None),
        travel_of(problem, vendor, order),
        end.minute + home,
        late,
    )
