"""The place: pincodes on a map, services with prices, vendors with skills, areas and shifts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.travel import TravelModel, one_to_many

CENTRE = 28.61, 77.21
CITY_KM = 15.0
"""Standard deviation of pincodes around the centre."""

DEGREE_KM = 111.2
SERVICES = (
    ("Tap repair", 19_900, 45),
    ("AC service", 49_900, 60),
    ("Cleaning", 79_900, 120),
    ("Painting", 149_900, 180),
)
"""Name, base price in minor units, minutes."""

SERVICE_SHARES = (0.4, 0.3, 0.2, 0.1)
SKILLS = 2
AREA_PINCODES = 12
"""A vendor works in the pincodes nearest to home."""

SHIFTS = ((420, 900), (540, 1080), (540, 1080), (720, 1260))
"""Start and end, minutes from midnight; most work from nine to six."""

TRAVEL = TravelModel(
    road_factor=1.35,
    speeds_kmh=tuple(18.0 if hour % 24 in (9, 10, 18, 19) else 26.0 for hour in range(168)),
    free_flow_kmh=32.0,
    access_minutes=6.0,
)


@dataclass(frozen=True)
class City:
    """p pincodes and v vendors.

    lats, lngs  : (p,) degrees
    weights     : (p,) shares of the demand, their sum 1
    homes       : (v,) pincode of each vendor
    skills      : (v, services) bool
    shifts      : (v, 2) minutes from midnight
    areas       : (p, v) bool, who works where
    """

    lats: NDArray[np.float64]
    lngs: NDArray[np.float64]
    weights: NDArray[np.float64]
    homes: NDArray[np.int64]
    skills: NDArray[np.bool_]
    shifts: NDArray[np.int64]
    areas: NDArray[np.bool_]

    def candidates(self, pincode: int, service: int) -> NDArray[np.int64]:
        """Give the vendors who perform a service at a pincode."""
        return np.flatnonzero(self.areas[pincode] & self.skills[:, service])

    def on_duty(self) -> NDArray[np.float64]:
        """Give (p, 24): vendors at work at each pincode by hour of the day."""
        hours = np.arange(24) * 60
        works = (self.shifts[:, :1] <= hours) & (hours + 60 <= self.shifts[:, 1:])
        return self.areas.astype(np.float64) @ works.astype(np.float64)


def draw(pincodes: int, vendors: int, seed: int) -> City:
    """Give a city: dense in the middle, vendors where people live, demand as Zipf's law has it."""
    rng = np.random.default_rng([seed, 1])
    lats = CENTRE[0] + rng.normal(0, CITY_KM / DEGREE_KM, pincodes)
    lngs = CENTRE[1] + rng.normal(0, CITY_KM / DEGREE_KM, pincodes)
    weights = 1.0 / np.arange(1, pincodes + 1) ** 0.7
    weights = rng.permutation(weights / weights.sum())
    homes = rng.choice(pincodes, vendors, p=weights)
    skills = np.zeros((vendors, len(SERVICES)), bool)
    for vendor in range(vendors):
        skills[vendor, rng.choice(len(SERVICES), SKILLS, replace=False, p=SERVICE_SHARES)] = True
    areas = np.zeros((pincodes, vendors), bool)
    for home in np.unique(homes):
        minutes, _ = one_to_many((lats[home], lngs[home]), lats, lngs, TRAVEL, 12)
        areas[np.ix_(np.argsort(minutes, kind="stable")[:AREA_PINCODES], homes == home)] = True
    shifts = np.array(SHIFTS, np.int64)[rng.integers(0, len(SHIFTS), vendors)]
    return City(lats, lngs, np.asarray(weights, np.float64), homes, skills, shifts, areas)
