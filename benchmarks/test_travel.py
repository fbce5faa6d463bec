"""Matrices of minutes: ours beside SciPy, scikit-learn, numba, numpy and the cost of filling the matrix."""

import math

import numpy as np
import pytest
from numba import njit, prange
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import haversine_distances

from benchmarks.conftest import HOUR, MODEL, City
from benchmarks.race import Races
from engine import travel
from engine.reference import travel as reference

RADIUS_KM = travel.EARTH_RADIUS_KM
MINUTES_PER_KM, ACCESS = MODEL.minutes_per_km(HOUR), MODEL.access_minutes


def scaled(km: np.ndarray) -> np.ndarray:
    minutes = km * MINUTES_PER_KM + ACCESS
    np.fill_diagonal(minutes, 0)
    return minutes


def by_scipy(city: City) -> np.ndarray:
    phi, lam = np.radians(city.lats), np.radians(city.lngs)
    unit = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    return scaled(2 * RADIUS_KM * np.arcsin(cdist(unit, unit) / 2))


def by_sklearn(city: City) -> np.ndarray:
    points = np.radians(np.column_stack((city.lats, city.lngs)))
    return scaled(haversine_distances(points) * RADIUS_KM)


def by_numpy(city: City) -> np.ndarray:
    phi, lam = np.radians(city.lats), np.radians(city.lngs)
    square = np.sin((phi[:, None] - phi) / 2) ** 2
    square += np.cos(phi[:, None]) * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    return scaled(2 * RADIUS_KM * np.arcsin(np.sqrt(square)))


@njit(parallel=True, fastmath=True)
def by_numba(lats: np.ndarray, lngs: np.ndarray, out: np.ndarray) -> np.ndarray:
    phi, lam = np.radians(lats), np.radians(lngs)
    for i in prange(len(phi)):
        for j in range(len(phi)):
            a, b = math.sin((phi[j] - phi[i]) / 2), math.sin((lam[j] - lam[i]) / 2)
            angle = 2 * math.asin(math.sqrt(a * a + math.cos(phi[i]) * math.cos(phi[j]) * b * b))
            out[i, j] = 0.0 if i == j else angle * RADIUS_KM * MINUTES_PER_KM + ACCESS
    return out


def test_matrix(races: Races, city: City) -> None:
    n = len(city.lats)
    answers = races.run(
        f"matrix of minutes, n = {n}",
        {
            "Doorstep": lambda: travel.matrix(city.lats, city.lngs, MODEL, HOUR),
            "SciPy cdist on unit vectors": lambda: by_scipy(city),
            "scikit-learn haversine": lambda: by_sklearn(city),
            "numba, parallel": lambda: by_numba(city.lats, city.lngs, np.empty((n, n), np.float32)),
            "numpy": lambda: by_numpy(city),
            "filling the matrix": lambda: np.full((n, n), 1.0, np.float32),
        },
        rounds=15 if n <= 1000 else 5,
        must={"SciPy cdist on unit vectors": 4.0} | ({"filling the matrix": 1 / 3} if n >= 1000 else {}),
    )
    exact = [
        reference.distance_km(city.lats[0], city.lngs[0], lat, lng) * MINUTES_PER_KM + ACCESS
        for lat, lng in zip(city.lats, city.lngs, strict=True)
    ]
    assert answers["Doorstep"][0, 1:] == pytest.approx(exact[1:], rel=1e-4)
    for peer in ("SciPy cdist on unit vectors", "scikit-learn haversine", "numba, parallel", "numpy"):
        assert np.allclose(answers[peer], answers["Doorstep"], rtol=1e-3)
