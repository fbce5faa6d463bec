"""Minutes and kilometres between points: great-circle distance x road factor / speed of the hour + access.

Distances are great-circle on a sphere of 6371.0088 km. A road is longer by `road_factor` (about 1.35 in
Indian cities). `access_minutes` (about 6) is what every trip costs beside driving: parking, gate, lift.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.compiled import implementation

EARTH_RADIUS_KM = 6371.0088
HOURS_OF_WEEK = 168

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

_kernel = implementation("travel")


@dataclass(frozen=True)
class TravelModel:
    """How people drive in a place.

    speeds_kmh    : by hour of week, 0 is Monday 00:00 local, all positive
    free_flow_kmh : speed on empty roads, what `traffic_multiplier` compares with
    """

    road_factor: float
    speeds_kmh: tuple[float, ...]
    free_flow_kmh: float
    access_minutes: float

    def __post_init__(self) -> None:
        if len(self.speeds_kmh) != HOURS_OF_WEEK or min(self.speeds_kmh) <= 0:
            raise ValueError(f"speeds_kmh needs {HOURS_OF_WEEK} positive values")
        if self.road_factor < 1 or self.access_minutes < 0 or self.free_flow_kmh <= 0:
            raise ValueError("road_factor >= 1, access_minutes >= 0 and free_flow_kmh > 0 are needed")

    def traffic_multiplier(self, hour_of_week: int) -> float:
        """How much longer a road takes than when it is empty; 1 or more."""
        return max(1.0, self.free_flow_kmh / self.speeds_kmh[hour_of_week])

    def minutes_per_km(self, hour_of_week: int) -> float:
        """Minutes for a great-circle kilometre."""
        return self.road_factor * 60.0 / self.speeds_kmh[hour_of_week]


@dataclass(frozen=True, slots=True)
class Leg:
    """One trip: minutes with access, kilometres by road."""

    minutes: float
    distance_km: float


def between(a: Point, b: Point, model: TravelModel, hour_of_week: int) -> Leg:
    """Give the trip from one point to another; from a point to itself only access is needed."""
    km = _kernel.distance_km(a[0], a[1], b[0], b[1])
    minutes = km * model.minutes_per_km(hour_of_week) + model.access_minutes
    return Leg(minutes, km * model.road_factor)


def one_to_many(
    origin: Point, lats: ArrayLike, lngs: ArrayLike, model: TravelModel, hour_of_week: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give minutes and road kilometres from one point to each of n: two (n,) float32 arrays."""
    lat_array, lng_array = _points(lats, lngs)
    km = np.empty(len(lat_array), np.float32)
    _kernel.distances_km(origin[0], origin[1], lat_array, lng_array, km)
    minutes = km * np.float32(model.minutes_per_km(hour_of_week)) + np.float32(model.access_minutes)
    return minutes, km * np.float32(model.road_factor)


def matrix(lats: ArrayLike, lngs: ArrayLike, model: TravelModel, hour_of_week: int) -> NDArray[np.float32]:
    """Give minutes between all pairs of n points: (n, n) float32, symmetric, the diagonal 0.

    Two different rows at one place cost the access minutes.
    """
    lat_array, lng_array = _points(lats, lngs)
    minutes = np.empty((len(lat_array), len(lat_array)), np.float32)
    _kernel.matrix(lat_array, lng_array, model.minutes_per_km(hour_of_week), model.access_minutes, minutes)
    return minutes


def whole_minutes(minutes: float) -> int:
    """Give minutes rounded up: nobody arrives early because of rounding. A float's dust does not count."""
    return ceil(minutes - 1e-6)


def _points(lats: ArrayLike, lngs: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give both columns as contiguous float64; raises ValueError for shapes or values that are no points."""
    lat_array = np.ascontiguousarray(lats, np.float64)
    lng_array = np.ascontiguousarray(lngs, np.float64)
    if lat_array.ndim != 1 or lat_array.shape != lng_array.shape:
        raise ValueError("lats and lngs must be one-dimensional and of one length")
    if not _kernel.are_points(lat_array, lng_array):
        raise ValueError("lats and lngs must be finite degrees")
    return lat_array, lng_array
