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

DEMAND_KM = 5.0
"""Bookings this near count as demand at a pincode, as in the marketplace."""

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

    def supply(self, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give (services, p, 24): the sum of vendors' hours, (v, 24), at each pincode for each service.

        Vendors of one home work in the same pincodes, so they are added up before areas are looked at.
        """
        _, firsts, home = np.unique(self.homes, return_index=True, return_inverse=True)
        there = np.zeros((self.skills.shape[1], len(firsts), 24))
        for service, skilled in enumerate(self.skills.T):
            np.add.at(there[service], home, hours * skilled[:, None])
        return self.areas[:, firsts].astype(np.float64) @ there

    def works(self) -> NDArray[np.float64]:
        """Give (v, 24): 1 for every hour of the day that a shift touches."""
        hours = np.arange(24) * 60
        return ((self.shifts[:, :1] < hours + 60) & (self.shifts[:, 1:] > hours)).astype(np.float64)

    def near(self) -> NDArray[np.float64]:
        """Give (p, p): 1 where two pincodes are within DEMAND_KM of each other."""
        near = np.empty((len(self.lats), len(self.lats)))
        for one, place in enumerate(zip(self.lats.tolist(), self.lngs.tolist(), strict=True)):
            _, road_km = one_to_many(place, self.lats, self.lngs, TRAVEL, 12)
            near[one] = road_km <= DEMAND_KM * TRAVEL.road_factor
        return near


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
