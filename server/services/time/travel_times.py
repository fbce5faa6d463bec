"""Matrices of travel for planning: real roads where a routing service tells them, else the city's model."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine import travel
from server.gateways.roads import Point, Roads
from server.services.memory import Memory
from server.services.time.traffic import Traffic

MOST_POINTS = 300
"""Of a table that is asked for: more would take minutes of the service's time."""
REMEMBERED_TABLES = 100
"""Roads do not change between two looks at a day. A day's route is a few kB, the largest table 0.7 MB."""
ROUNDING_DUST = 1e-4
"""What single precision adds to a whole minute."""


class TravelTimes:
    """A service tells empty roads; the hour's traffic and the access minutes are the city's."""

    def __init__(self, traffic: Traffic, roads: Roads) -> None:
        self._traffic, self._roads = traffic, roads
        self._tables: Memory[tuple[Point, ...], NDArray[np.float64]] = Memory(REMEMBERED_TABLES)

    async def matrix(self, points: Sequence[Point], pincode: str, hour_of_week: int) -> NDArray[np.int64]:
        """Give whole minutes between all pairs, rounded up, the diagonal 0; `pincode` names the city."""
        await self._traffic.refresh()
        model = self._traffic.model(pincode)
        lats, lngs = np.array(points, np.float64).reshape(-1, 2).T
        minutes = travel.matrix(lats, lngs, model, hour_of_week).astype(np.float64)
        free_flow = await self._free_flow(tuple(points)) if 1 < len(points) <= MOST_POINTS else None
        if free_flow is not None:
            driven = free_flow * model.traffic_multiplier(hour_of_week) + model.access_minutes
            minutes = np.where(np.isnan(driven), minutes, driven)
            np.fill_diagonal(minutes, 0)
        whole: NDArray[np.int64] = np.ceil(minutes - ROUNDING_DUST).astype(np.int64)
        return whole

    async def leg(self, origin: Point, target: Point, pincode: str, hour_of_week: int) -> int:
        """Give whole minutes from one point to another, rounded up; `pincode` names the city.

        Somebody who moves is never twice in a place: unlike matrices this is not remembered.
        """
        await self._traffic.refresh()
        model = self._traffic.model(pincode)
        minutes = travel.between(origin, target, model, hour_of_week).minutes
        table = await self._roads.table((origin, target))
        if table is not None and not np.isnan(table[0, 1]):
            minutes = table[0, 1] * model.traffic_multiplier(hour_of_week) + model.access_minutes
        return int(np.ceil(minutes - ROUNDING_DUST))

    async def _free_flow(self, points: tuple[Point, ...]) -> NDArray[np.float64] | None:
        known = self._tables.get(points)
        if known is None:
            known = await self._roads.table(points)
            if known is not None:
                self._tables.put(points, known)
        return known
