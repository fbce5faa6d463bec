"""Matrices of minutes: ours beside SciPy, scikit-learn, numpy and the cost of filling the matrix."""

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import haversine_distances

from benchmarks.conftest import HOUR, MODEL, City
from engine import travel

RADIUS_KM = travel.EARTH_RADIUS_KM


def group(benchmark: Any, city: City) -> None:
    benchmark.group = f"matrix of minutes, n = {len(city.lats)}"


def scaled(km: np.ndarray) -> np.ndarray:
    minutes = km * MODEL.minutes_per_km(HOUR) + MODEL.access_minutes
    np.fill_diagonal(minutes, 0)
    return minutes


def check(minutes: np.ndarray, city: City) -> None:
    leg = travel.between((city.lats[0], city.lngs[0]), (city.lats[1], city.lngs[1]), MODEL, HOUR)
    assert minutes[0, 1] == pytest.approx(leg.minutes, rel=1e-3)


def test_doorstep(benchmark: Any, city: City) -> None:
    group(benchmark, city)
    check(benchmark(travel.matrix, city.lats, city.lngs, MODEL, HOUR), city)


def test_scipy_cdist_on_unit_vectors(benchmark: Any, city: City) -> None:
    group(benchmark, city)

    def run() -> np.ndarray:
        phi, lam = np.radians(city.lats), np.radians(city.lngs)
        unit = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
        return scaled(2 * RADIUS_KM * np.arcsin(cdist(unit, unit) / 2))

    check(benchmark(run), city)


def test_sklearn_haversine(benchmark: Any, city: City) -> None:
    group(benchmark, city)
    points = np.radians(np.column_stack((city.lats, city.lngs)))
    check(benchmark(lambda: scaled(haversine_distances(points) * RADIUS_KM)), city)


def test_numpy_haversine(benchmark: Any, city: City) -> None:
    group(benchmark, city)

    def run() -> np.ndarray:
        phi, lam = np.radians(city.lats), np.radians(city.lngs)
        square = np.sin((phi[:, None] - phi) / 2) ** 2
        square += np.cos(phi[:, None]) * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
        return scaled(2 * RADIUS_KM * np.arcsin(np.sqrt(square)))

    check(benchmark(run), city)


def test_filling_the_matrix(benchmark: Any, city: City) -> None:
    """The limit: nothing that writes every cell is faster."""
    group(benchmark, city)
    n = len(city.lats)
    assert benchmark(lambda: np.full((n, n), 1.0, np.float32)).shape == (n, n)
