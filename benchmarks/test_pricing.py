"""Quotes: one through the facade, and a million beside numpy and plain Python."""

from typing import Any

import numpy as np
import pytest

from engine import pricing
from engine.reference import pricing as reference
from server.marketplaces.homeserve import SURGE

COUNT = 1_000_000
MANY = f"{COUNT:,} quotes"


@pytest.fixture(scope="module")
def market() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(2026)
    hours, on_duty = rng.integers(0, 168, COUNT), rng.integers(1, 20, COUNT).astype(float)
    return hours, rng.integers(0, 30, COUNT).astype(float), on_duty, np.floor(on_duty * rng.random(COUNT))


def test_one_quote(benchmark: Any) -> None:
    benchmark.group = "one quote"
    supply = {"booked": 3, "capacity": 8, "free": 5, "on_duty": 8}
    assert benchmark(pricing.quote, SURGE, 50_000, 34, **supply).final_minor > 0


def test_one_quote_plain_python(benchmark: Any) -> None:
    benchmark.group = "one quote"
    demand, free = np.array(SURGE.demand_curve), np.array(SURGE.availability_curve)
    columns = (demand[:, 0], demand[:, 1], free[:, 0], free[:, 1])
    policy = reference.Prepared(SURGE.hour_table, *(column.tolist() for column in columns), 90, 200)
    assert benchmark(reference.price, policy, 50_000, 34, 3, 8, 5, 8)[4] > 0


def test_million(benchmark: Any, market: tuple[np.ndarray, ...]) -> None:
    benchmark.group = MANY
    hours, booked, on_duty, free = market
    found = benchmark(pricing.quotes, SURGE, 50_000, hours, booked, on_duty, free, on_duty)
    assert found.final_minor[0] == 50_000 * found.surge[0]


def test_million_numpy(benchmark: Any, market: tuple[np.ndarray, ...]) -> None:
    benchmark.group = MANY
    hours, booked, on_duty, free = market
    table = np.round(np.array(SURGE.hour_table) * 100)
    demand, scarce = np.array(SURGE.demand_curve).T, np.array(SURGE.availability_curve).T

    def run() -> np.ndarray:
        ratio = np.floor(np.interp(booked / on_duty, *demand) * 100 + 0.5 + 1e-9)
        share = np.floor(np.interp(free / on_duty, *scarce) * 100 + 0.5 + 1e-9)
        surge = np.clip((table[hours] * ratio * share + 5000) // 10_000, 90, 200)
        return (50_000 * surge + 50) // 100

    ours = pricing.quotes(SURGE, 50_000, hours, booked, on_duty, free, on_duty).final_minor
    assert (benchmark(run) == ours).all()
