"""OR-Tools' routing search, for days of more stops than the exact method takes.

It holds the interpreter lock while it searches: never in the event loop, never in a thread beside it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

HORIZON_MINUTES = 2 * 24 * 60


def search(
    travel: NDArray[np.int64],
    stops: NDArray[np.int64],
    day_end: int,
    budget_seconds: float,
    seed: int,
    start_order: Sequence[int] | None,
) -> list[int] | None:
    """Give the best order found within the budget, None when none keeps every window.

    travel, stops : as the exact method takes them (routing.py); time counts from service to service, so
                    an arc lasts duration + after + leg + before of the next
    """
    manager = pywrapcp.RoutingIndexManager(len(travel), 1, 0)
    routing = pywrapcp.RoutingModel(manager)
    cost = routing.RegisterTransitMatrix(travel.tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(cost)
    spent = routing.RegisterTransitMatrix(_durations(travel, stops).tolist())
    routing.AddDimension(spent, HORIZON_MINUTES, HORIZON_MINUTES, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for stop, row in enumerate(stops.tolist(), 1):
        if row[1] > row[2]:
            return None
        clock.CumulVar(manager.NodeToIndex(stop)).SetRange(row[1], row[2])
    clock.CumulVar(routing.End(0)).SetMax(day_end)
    solution = _solve(routing, budget_seconds, seed, start_order)
    if solution is None:
        return None
    order, index = [], solution.Value(routing.NextVar(routing.Start(0)))
    while not routing.IsEnd(index):
        order.append(manager.IndexToNode(index) - 1)
        index = solution.Value(routing.NextVar(index))
    return order


def _durations(travel: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give minutes from the start at a place to the earliest start at the next; free from the base."""
    spent = travel.copy()
    spent[1:, :] += (stops[:, 0] + stops[:, 4])[:, None]
    spent[:, 1:] += stops[:, 3]
    spent[0, :] = 0
    return spent


def _solve(routing: Any, budget_seconds: float, seed: int, start_order: Sequence[int] | None) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, round(budget_seconds * 1000)))
    routing.solver().ReSeed(seed)
    if start_order is not None:
        routing.CloseModelWithParameters(parameters)
        known = routing.ReadAssignmentFromRoutes([[stop + 1 for stop in start_order]], True)
        if known is not None:
            return routing.SolveFromAssignmentWithParameters(known, parameters)
    return routing.SolveWithParameters(parameters)
