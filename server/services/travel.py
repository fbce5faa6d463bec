"""How long it takes from one pincode to another."""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.travel import between, whole_minutes
from server import clock
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.services.memory import Memory

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
    """Trips by the marketplace's travel model; recent ones are remembered by pincodes and hour of week."""

    def __init__(self, meaning: Marketplace, places: Places) -> None:
        self._meaning, self._places = meaning, places
        self.memory: Memory[tuple[str, str, int], Trip] = Memory(REMEMBERED_TRIPS)

    def between(self, origin: str, target: str, at: datetime) -> Trip:
        """Give the trip between two pincodes in the hour of `at`; raises UnknownPincode."""
        hour = clock.hour_of_week(at, self._meaning.timezone)
        key = (origin, target, hour)
        known = self.memory.get(key)
        if known is not None:
            return replace(known, is_cached=True)
        a, b = self._places.get(origin), self._places.get(target)
        leg = between((a.lat, a.lng), (b.lat, b.lng), self._meaning.travel, hour)
        multiplier = round(self._meaning.travel.traffic_multiplier(hour), 2)
        trip = Trip(whole_minutes(leg.minutes), round(leg.distance_km, 1), multiplier, is_cached=False)
        self.memory.put(key, trip)
        return trip
