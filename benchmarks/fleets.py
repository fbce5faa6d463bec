"""Seeded fleets, and the same day as other solvers take it."""

from random import Random

import numpy as np
import pyvrp
import vroom
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from pyvrp.stop import MaxRuntime

from engine.fleet.problem import FleetProblem, Job, Orders, Vendor

TRADES = ("plumbing", "cleaning", "repair")
HORIZON_MINUTES = 2 * 24 * 60


def fleet(jobs: int, vendors: int, seed: int) -> FleetProblem:
    """A city of 40 minutes across, windows of two hours, three trades of which everybody knows two."""
    rng = Random(seed)
    points = [(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(jobs + vendors)]
    travel = np.array([[int(np.ceil(np.hypot(a - c, b - d))) for c, d in points] for a, b in points])
    wanted = []
    for place in range(jobs):
        opens, trade = rng.randrange(480, 1020), rng.choice(TRADES)
        wanted.append(Job(place, rng.choice((30, 45, 60)), opens, opens + 120, 5, 5, frozenset([trade])))
    crew = [Vendor(jobs + v, 540, 1140, frozenset(rng.sample(TRADES, 2))) for v in range(vendors)]
    return FleetProblem(travel, tuple(wanted), tuple(crew))


def by_pyvrp(problem: FleetProblem, seconds: float) -> Orders:
    """Written for these days alone: profiles by trade, no breaks, no pins."""
    travel, jobs, crew = problem.travel, problem.jobs, problem.vendors
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _ in range(len(travel))]
    depots = [model.add_depot(places[vendor.place]) for vendor in crew]
    for job in jobs:
        model.add_client(
            places[job.place], tw_early=job.open, tw_late=job.close, prize=job.drop_penalty, required=False
        )
    profiles = {skills: model.add_profile() for skills in {vendor.skills for vendor in crew}}
    for depot, vendor in zip(depots, crew, strict=True):
        model.add_vehicle_type(
            start_depot=depot,
            end_depot=depot,
            tw_early=vendor.shift_start,
            tw_late=vendor.shift_end,
            profile=profiles[vendor.skills],
        )
    for a in range(len(travel)):
        for b in range(len(travel)):
            busy = jobs[a].duration + jobs[a].after if a < len(jobs) else 0
            before = jobs[b].before if b < len(jobs) else 0
            spent = int(travel[a, b]) + busy + before if a < len(jobs) else 0
            for skills, profile in profiles.items():
                if a != b and (b >= len(jobs) or jobs[b].skills <= skills):
                    model.add_edge(places[a], places[b], int(travel[a, b]), spent, profile)
    found = model.solve(MaxRuntime(seconds), display=False)
    orders: list[list[int]] = [[] for _ in crew]
    for route in found.best.routes():
        orders[route.vehicle_type()] = [visit.idx for visit in route.schedule() if visit.is_client()]
    return orders


def by_vroom(problem: FleetProblem, exploration_level: int = 5) -> Orders:
    """The way from home is free in time, so durations and costs are matrices of their own."""
    jobs, crew = problem.jobs, problem.vendors
    spent = problem.travel.copy()
    for index, job in enumerate(jobs):
        spent[index, :] += job.duration + job.after
        spent[:, index] += job.before
    for vendor in crew:
        spent[vendor.place, :] = 0
    given = vroom.Input()
    given.set_durations_matrix("car", spent.astype(np.uint32))
    given.set_costs_matrix("car", problem.travel.astype(np.uint32))
    for number, vendor in enumerate(crew):
        shift = vroom.TimeWindow(vendor.shift_start, vendor.shift_end)
        skills = {TRADES.index(trade) for trade in vendor.skills}
        place = vendor.place
        given.add_vehicle(vroom.Vehicle(number, start=place, end=place, time_window=shift, skills=skills))
    for index, job in enumerate(jobs):
        window = vroom.TimeWindow(job.open, job.close)
        skills = {TRADES.index(trade) for trade in job.skills}
        given.add_job(vroom.Job(index, location=job.place, time_windows=[window], skills=skills))
    routes = given.solve(exploration_level=exploration_level, nb_threads=1).routes
    orders: list[list[int]] = [[] for _ in crew]
    for number, kind, job in zip(routes["vehicle_id"], routes["type"], routes["id"], strict=True):
        if kind == "job":
            orders[int(number)].append(int(job))
    return orders


def by_ortools(problem: FleetProblem, seconds: float) -> Orders:
    """Guided local search."""
    jobs, crew = problem.jobs, problem.vendors
    homes = [vendor.place for vendor in crew]
    manager = pywrapcp.RoutingIndexManager(len(problem.travel), len(crew), homes, homes)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(problem.travel.tolist()))
    spent = problem.travel.copy()
    for index, job in enumerate(jobs):
        spent[index, :] += job.duration + job.after
        spent[:, index] += job.before
    for home in homes:
        spent[home, :] = 0
    transit = routing.RegisterTransitMatrix(spent.tolist())
    routing.AddDimension(transit, HORIZON_MINUTES, HORIZON_MINUTES, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for index, job in enumerate(jobs):
        node = manager.NodeToIndex(job.place)
        clock.CumulVar(node).SetRange(job.open, job.close)
        able = [number for number, vendor in enumerate(crew) if vendor.may_serve(job)]
        routing.VehicleVar(node).SetValues([-1, *able])
        routing.AddDisjunction([node], problem.jobs[index].drop_penalty)
    for number, vendor in enumerate(crew):
        clock.CumulVar(routing.Start(number)).SetMin(vendor.shift_start)
        clock.CumulVar(routing.End(number)).SetMax(vendor.shift_end)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(seconds * 1000))
    solution = routing.SolveWithParameters(parameters)
    orders: list[list[int]] = [[] for _ in crew]
    for number in range(len(crew)) if solution is not None else ():
        index = solution.Value(routing.NextVar(routing.Start(number)))
        while not routing.IsEnd(index):
            orders[number].append(manager.IndexToNode(index))
            index = solution.Value(routing.NextVar(index))
    return orders
