"""How people drive in a city, as its finished trips tell."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CitySpeeds:
    """One fit; the id is the city. Errors are medians over its trips, in minutes.

    speeds_kmh : by hour of week, 0 is Monday 00:00 local
    """

    id: str
    speeds_kmh: tuple[float, ...]
    free_flow_kmh: float
    access_minutes: float
    trips: int
    error_minutes: float
    prior_error_minutes: float
    fitted_at: datetime
