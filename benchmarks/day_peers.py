"""One vendor's day as other solvers take it; each gives an order, None when it serves not every stop."""

import numpy as np
import vroom
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from pyvrp import Model
from pyvrp.stop import MaxRuntime

from engine.routing import Problem, _network

HORIZON_MINUTES = 2 * 24 * 60
DROP_PENALTY = 10_000
Order = list[int] | None


def by_pyvrp(day: Problem, seconds: float) -> Order:
    travel, spent, opens, closes = (one.tolist() for one in _network(day))
    model, places = Model(), range(len(opens))
    locations = [model.add_location(0, 0) for _ in places]
    model.add_depot(locations[0], tw_early=opens[0], tw_late=closes[0])
    for stop in places[1:]:
        model.add_client(locations[stop], tw_early=opens[stop], tw_late=closes[stop])
    model.add_vehicle_type(1, tw_early=opens[0], tw_late=closes[0])
    for i in places:
        for j in places:
            if i != j:
                model.add_edge(locations[i], locations[j], travel[i][j], spent[i][j])
    found = model.solve(MaxRuntime(seconds), display=False)
    if not found.is_feasible():
        return None
    (route,) = found.best.routes()
    return [visit.idx for visit in route.schedule() if visit.is_client()]


def by_vroom(day: Problem, exploration_level: int = 5) -> Order:
    """The way from the base is free in time only: durations are a matrix of their own, costs another."""
    travel, spent, opens, closes = _network(day)
    problem = vroom.Input()
    problem.set_durations_matrix("car", spent.astype(np.uint32))
    problem.set_costs_matrix("car", travel.astype(np.uint32))
    hours = vroom.TimeWindow(int(opens[0]), int(closes[0]))
    problem.add_vehicle(vroom.Vehicle(1, start=0, end=0, time_window=hours))
    for stop in range(1, len(opens)):
        window = vroom.TimeWindow(int(opens[stop]), int(closes[stop]))
        problem.add_job(vroom.Job(stop, location=stop, time_windows=[window]))
    routes = problem.solve(exploration_level=exploration_level, nb_threads=1).routes
    order = [int(stop) - 1 for stop, kind in zip(routes["id"], routes["type"], strict=True) if kind == "job"]
    return order if len(order) == len(day.stops) else None


def by_ortools(day: Problem, seconds: float) -> Order:
    travel, spent, opens, closes = (one.tolist() for one in _network(day))
    manager = pywrapcp.RoutingIndexManager(len(travel), 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(travel))
    transit = routing.RegisterTransitMatrix(spent)
    routing.AddDimension(transit, HORIZON_MINUTES, HORIZON_MINUTES, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for stop in range(1, len(travel)):
        clock.CumulVar(manager.NodeToIndex(stop)).SetRange(opens[stop], closes[stop])
        routing.AddDisjunction([manager.NodeToIndex(stop)], DROP_PENALTY)
    clock.CumulVar(routing.End(0)).SetMax(closes[0])
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(seconds * 1000))
    solution = routing.SolveWithParameters(parameters)
    if solution is None:
        return None
    order, index = [], solution.Value(routing.NextVar(routing.Start(0)))
    while not routing.IsEnd(index):
        order.append(manager.IndexToNode(index) - 1)
        index = solution.Value(routing.NextVar(index))
    return order if len(order) == len(day.stops) else None
