"""How long it takes from one pincode to another."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.travel import TravelModel, between, whole_minutes
from server import clock
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.services.memory import Memory
from server.services.time.traffic import Traffic

REMEMBERED_TRIPS = 50_000
"""About 10 MB: the pairs of pincodes of a large city that are asked for in a day."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Whole minutes, road kilometres, how much longer than on empty roads, and whether it was remembered."""

    minutes: int
    distance_km: float
    traffic_multiplier: float
    is_cached: bool


class Travel:
    """Trips as people drive in the origin's city; recent ones are remembered by pincodes and hour of week."""

    def __init__(self, meaning: Marketplace, places: Places, traffic: Traffic) -> None:
        self._meaning, self._places, self._traffic = meaning, places, traffic
        self.memory: Memory[tuple[str, str, int], tuple[TravelModel, Trip]] = Memory(REMEMBERED_TRIPS)

    async def between(self, origin: str, target: str, at: datetime) -> Trip:
        """Give the trip between two pincodes in the hour of `at`; raises UnknownPincode."""
        hour = clock.hour_of_week(at, self._meaning.timezone)
        key = (origin, target, hour)
        a = self._places.get(origin)
        await self._traffic.refresh()
        model, known = self._traffic.model(origin), self.memory.get(key)
        if known is not None and known[0] is model:
            return replace(known[1], is_cached=True)
        b = self._places.get(target)
        leg = between((a.lat, a.lng), (b.lat, b.lng), model, hour)
        multiplier = round(model.traffic_multiplier(hour), 2)
        trip = Trip(whole_minutes(leg.minutes), round(leg.distance_km, 1), multiplier, is_cached=False)
        self.memory.put(key, (model, trip))
        return trip
