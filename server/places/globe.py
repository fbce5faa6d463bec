"""Distance along the globe."""

import math

EARTH_RADIUS_KM = 6371.0088

Point = tuple[float, float]
"""(latitude, longitude) in degrees."""


def great_circle_km(a: Point, b: Point) -> float:
    """Give the haversine distance, exactly the same in both directions."""
    lat_a, lng_a, lat_b, lng_b = map(math.radians, (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))
