"""Quotes: one through the facade, a million, and a whole market."""

import numpy as np
import pytest
from numba import njit, prange

from benchmarks.race import Races
from engine import pricing
from engine.reference import pricing as reference
from server.marketplaces.homeserve import SURGE

COUNT = 1_000_000
BASE = 50_000
TABLE = np.floor(np.array(SURGE.hour_table) * 100 + 0.5)
DEMAND, SCARCE = np.array(SURGE.demand_curve).T.copy(), np.array(SURGE.availability_curve).T.copy()
LOW, HIGH = round(SURGE.floor * 100), round(SURGE.cap * 100)


class Market:
    """What a million places and hours ask for and have."""

    def __init__(self, count: int) -> None:
        rng = np.random.default_rng(2026)
        self.hours, self.on_duty = rng.integers(0, 168, count), rng.integers(1, 20, count).astype(float)
        self.booked = rng.integers(0, 30, count).astype(float)
        self.free = np.floor(self.on_duty * rng.random(count))


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(COUNT)


def by_numpy(m: Market) -> np.ndarray:
    ratio = np.floor(np.interp(m.booked / m.on_duty, *DEMAND) * 100 + 0.5 + 1e-9)
    share = np.floor(np.interp(m.free / m.on_duty, *SCARCE) * 100 + 0.5 + 1e-9)
    surge = np.clip((TABLE[m.hours] * ratio * share + 5000) // 10_000, LOW, HIGH)
    return (BASE * surge + 50) // 100


@njit
def on_curve(curve: np.ndarray, x: float) -> float:
    if x <= curve[0, 0]:
        return curve[1, 0]
    for left in range(curve.shape[1] - 1):
        if x < curve[0, left + 1]:
            share = (x - curve[0, left]) / (curve[0, left + 1] - curve[0, left])
            return curve[1, left] + share * (curve[1, left + 1] - curve[1, left])
    return curve[1, -1]


@njit(parallel=True)
def by_numba(
    hours: np.ndarray, booked: np.ndarray, on_duty: np.ndarray, free: np.ndarray, final: np.ndarray
) -> np.ndarray:
    for i in prange(len(hours)):
        demand = np.floor(on_curve(DEMAND, booked[i] / on_duty[i]) * 100 + 0.5 + 1e-9)
        scarcity = np.floor(on_curve(SCARCE, free[i] / on_duty[i]) * 100 + 0.5 + 1e-9)
        surge = np.floor((TABLE[hours[i]] * demand * scarcity + 5000.0) / 10_000)
        final[i] = int(np.floor((BASE * min(max(surge, LOW), HIGH) + 50) / 100))
    return final


def copied(m: Market) -> np.ndarray:
    """Read what is read and write what is written."""
    total = m.booked + m.on_duty
    total += m.free
    return total + m.hours


def test_one_quote(races: Races) -> None:
    supply = {"booked": 3, "capacity": 8, "free": 5, "on_duty": 8}
    curves = pricing._with_slopes(SURGE.demand_curve), pricing._with_slopes(SURGE.availability_curve)
    plain = reference.Prepared(TABLE.tolist(), *(curve.tolist() for curve in curves), LOW, HIGH)
    answers = races.run(
        "one quote",
        {
            "Doorstep, facade": lambda: pricing.quote(SURGE, BASE, 34, **supply),
            "plain Python, kernel alone": lambda: reference.price(plain, BASE, 34, 3, 8, 5, 8),
        },
        within_seconds=2e-6,
    )
    assert answers["Doorstep, facade"].final_minor == answers["plain Python, kernel alone"][4]


def test_million(races: Races, market: Market) -> None:
    m, final = market, np.empty(COUNT, np.int64)
    answers = races.run(
        "1,000,000 quotes",
        {
            "Doorstep": lambda: pricing.quotes(SURGE, BASE, m.hours, m.booked, m.on_duty, m.free, m.on_duty),
            "numba, parallel": lambda: by_numba(m.hours, m.booked, m.on_duty, m.free, final),
            "numpy": lambda: by_numpy(m),
            "three passes over the columns": lambda: copied(m),
        },
        must={"numba, parallel": 1.0},
    )
    for peer in ("numba, parallel", "numpy"):
        assert (answers[peer] == answers["Doorstep"].final_minor).all()


def test_whole_market(races: Races) -> None:
    """11,000 pincodes x 20 services, each with its own base, demand and supply."""
    m, bases = Market(11_000 * 20), np.tile(np.arange(20_000, 220_000, 10_000), 11_000)
    answers = races.run(
        "repricing 11,000 pincodes x 20 services",
        {"Doorstep": lambda: pricing.quotes(SURGE, bases, 34, m.booked, m.on_duty, m.free, m.on_duty)},
        within_seconds=0.010,
    )
    assert len(answers["Doorstep"].final_minor) == 220_000
