"""Great-circle distances by the haversine formula, which keeps its precision for near points."""

from collections.abc import MutableSequence, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Any

EARTH_RADIUS_KM = 6371.0088


def distance_km(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Give the great-circle distance of two points in degrees."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_phi, half_lambda = (phi2 - phi1) / 2, radians(lng2 - lng1) / 2
    square = sin(half_phi) ** 2 + cos(phi1) * cos(phi2) * sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(square)))


def distances_km(
    lat: float, lng: float, lats: Sequence[float], lngs: Sequence[float], out: MutableSequence[float]
) -> None:
    """Write the distance from one point to each into `out`."""
    for index, (other_lat, other_lng) in enumerate(zip(lats, lngs, strict=True)):
        out[index] = distance_km(lat, lng, other_lat, other_lng)


def are_points(lats: Sequence[float], lngs: Sequence[float]) -> bool:
    """Say whether all are degrees; what is no number is none."""
    return all(abs(lat) <= 90 and abs(lng) <= 360 for lat, lng in zip(lats, lngs, strict=True))


def matrix(
    lats: Sequence[float], lngs: Sequence[float], minutes_per_km: float, access_minutes: float, out: Any
) -> None:
    """Write minutes between all pairs into the (n, n) array `out`."""
    for row in range(len(lats)):
        for column in range(len(lats)):
            km = distance_km(lats[row], lngs[row], lats[column], lngs[column])
            out[row, column] = 0.0 if row == column else km * minutes_per_km + access_minutes
