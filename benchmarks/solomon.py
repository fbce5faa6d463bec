"""The 56 Solomon instances with our fleets' solver and its peers: mean gap to the best known, by class.

    python -m benchmarks.solomon FOLDER --seconds 1 5 --solvers pyvrp ortools vroom

Real-valued distances, scaled by 1,000 and rounded; the objective is distance alone. One core, one at a time.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import pyvrp
import vroom
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from tqdm import tqdm

from engine.fleet.search import Budget

SCALE = 1_000
Routes = list[list[int]]


@dataclass(frozen=True)
class Instance:
    """Row 0 is the depot; columns: demand, open, close, service; distances are scaled."""

    name: str
    vehicles: int
    capacity: int
    rows: NDArray[np.int64]
    distance: NDArray[np.int64]


def read(path: Path) -> Instance:
    lines = [line.split() for line in path.read_text().splitlines() if line.split()]
    vehicles, capacity = (int(value) for value in lines[3])
    given = np.array([[float(value) for value in line] for line in lines[6:]])
    apart = np.hypot(*(given[:, None, axis] - given[:, axis] for axis in (1, 2)))
    rows = given[:, 3:].copy()
    rows[:, 1:] *= SCALE
    return Instance(
        path.stem, vehicles, capacity, rows.astype(np.int64), np.rint(apart * SCALE).astype(np.int64)
    )


def by_pyvrp(case: Instance, seconds: float) -> Routes:
    """As `engine.fleet.search` calls it: default parameters."""
    clients = [
        pyvrp.Client(index, [demand], [], service, opens, closes)
        for index, (demand, opens, closes, service) in enumerate(case.rows.tolist())
    ][1:]
    _, opens, closes, _ = case.rows[0].tolist()
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * len(case.rows),
        clients,
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(case.vehicles, [case.capacity], tw_early=opens, tw_late=closes)],
        [case.distance],
        [case.distance],
    )
    found = pyvrp.solve(data, Budget(seconds), collect_stats=False)
    return [
        [visit.idx + 1 for visit in route.schedule() if visit.is_client()] for route in found.best.routes()
    ]


def by_vroom(case: Instance, seconds: float) -> Routes:
    """Its exploration level stands for the budget: 1 below two seconds, 5 above."""
    problem = vroom.Input()
    problem.set_durations_matrix("car", case.distance.astype(np.uint32))
    opens, closes = case.rows[0, 1:3].tolist()
    for number in range(case.vehicles):
        shift = vroom.TimeWindow(opens, closes)
        problem.add_vehicle(
            vroom.Vehicle(number, start=0, end=0, capacity=[case.capacity], time_window=shift)
        )
    for index, (demand, opens, closes, service) in enumerate(case.rows.tolist()):
        if index:
            window = [vroom.TimeWindow(opens, closes)]
            problem.add_job(
                vroom.Job(
                    index, location=index, default_service=service, delivery=[demand], time_windows=window
                )
            )
    found = problem.solve(exploration_level=1 if seconds < 2 else 5, nb_threads=1).routes
    routes: dict[int, list[int]] = defaultdict(list)
    for number, kind, job in zip(found["vehicle_id"], found["type"], found["id"], strict=True):
        if kind == "job":
            routes[int(number)].append(int(job))
    return list(routes.values())


def by_ortools(case: Instance, seconds: float) -> Routes:
    """Guided local search."""
    manager = pywrapcp.RoutingIndexManager(len(case.rows), case.vehicles, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(case.distance.tolist()))
    spent = routing.RegisterTransitMatrix((case.distance + case.rows[:, 3][:, None]).tolist())
    horizon = int(case.rows[0, 2])
    routing.AddDimension(spent, horizon, horizon, False, "time")
    routing.AddDimension(
        routing.RegisterUnaryTransitVector(case.rows[:, 0].tolist()), 0, case.capacity, True, "load"
    )
    clock = routing.GetDimensionOrDie("time")
    for index, (_, opens, closes, _) in enumerate(case.rows.tolist()):
        if index:
            clock.CumulVar(manager.NodeToIndex(index)).SetRange(opens, closes)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(seconds * 1000))
    solution = routing.SolveWithParameters(parameters)
    routes: Routes = []
    for number in range(case.vehicles):
        index, route = solution.Value(routing.NextVar(routing.Start(number))), []
        while not routing.IsEnd(index):
            route.append(manager.IndexToNode(index))
            index = solution.Value(routing.NextVar(index))
        routes.append(route)
    return [route for route in routes if route]


SOLVERS: Mapping[str, Callable[[Instance, float], Routes]] = {
    "pyvrp": by_pyvrp,
    "ortools": by_ortools,
    "vroom": by_vroom,
}


def distance(case: Instance, routes: Routes) -> float:
    """Give the distance of routes that visit all within windows and capacity; anything else is a mistake."""
    assert sorted(stop for route in routes for stop in route) == list(range(1, len(case.rows)))
    total = 0
    for route in routes:
        assert case.rows[route, 0].sum() <= case.capacity
        now = place = 0
        for stop in (*route, 0):
            leg = int(case.distance[place, stop])
            _, opens, closes, service = case.rows[stop].tolist()
            start = max(opens, now + leg)
            assert start <= closes
            now, place, total = start + service, stop, total + leg
    return total / SCALE


def percent(gaps: Sequence[float]) -> str:
    """Give the mean; rounding may take a best known a hair below itself."""
    return f"{round(mean(gaps), 2) + 0.0:.2f} %"


def main() -> None:
    """Print a row a class, a column a solver and budget: mean gap in percent."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 5.0])
    parser.add_argument("--solvers", nargs="+", choices=SOLVERS, default=list(SOLVERS))
    given = parser.parse_args()
    known = json.loads((given.folder / "best_known_distance.json").read_text())
    cases = [read(path) for path in sorted(given.folder.glob("*.txt"))]
    columns = [(solver, seconds) for seconds in given.seconds for solver in given.solvers]
    gaps: dict[tuple[str, float], dict[str, list[float]]] = {column: defaultdict(list) for column in columns}
    for case in tqdm(cases, unit="instance"):
        for solver, seconds in columns:
            found = distance(case, SOLVERS[solver](case, seconds))
            gap = 100 * (found / known[case.name] - 1)
            for group in (case.name.rstrip("0123456789") + case.name.lstrip("RC")[0], "all"):
                gaps[solver, seconds][group].append(gap)
    print("| class | " + " | ".join(f"{solver} {seconds:g} s" for solver, seconds in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for group in ("R1", "R2", "C1", "C2", "RC1", "RC2", "all"):
        print(f"| {group} | " + " | ".join(percent(gaps[column][group]) for column in columns) + " |")


if __name__ == "__main__":
    main()
