"""Travel: known distances, shapes, and the agreement of all three ways to ask."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import travel
from engine.reference import travel as reference
from tests.engine.conftest import CITY

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
POINTS = st.tuples(st.floats(8, 35), st.floats(68, 97))
QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

DELHI, MUMBAI, NOIDA = (28.6139, 77.2090), (19.0760, 72.8777), (28.5355, 77.3910)


@pytest.mark.parametrize(
    ("a", "b", "km"), [(DELHI, MUMBAI, 1148.1), (DELHI, NOIDA, 19.8), (DELHI, DELHI, 0.0)]
)
def test_known_distances(a: travel.Point, b: travel.Point, km: float) -> None:
    """Great-circle distances agree with published ones within half a percent."""
    leg = travel.between(a, b, CITY, 12)
    assert leg.distance_km / CITY.road_factor == pytest.approx(km, rel=0.005, abs=0.05)


def test_minutes_are_road_over_speed_plus_access() -> None:
    """Minutes = km x road factor / speed x 60 + access; the rush hour takes longer."""
    calm, rush = travel.between(DELHI, NOIDA, CITY, 12), travel.between(DELHI, NOIDA, CITY, 9)
    assert calm.minutes == pytest.approx(calm.distance_km / 28 * 60 + 6)
    assert rush.minutes == pytest.approx(rush.distance_km / 18 * 60 + 6)
    assert CITY.traffic_multiplier(9) == pytest.approx(32 / 18)


@QUICK
@given(st.lists(POINTS, min_size=1, max_size=12))
def test_matrix_row_and_pair_agree(points: list[travel.Point]) -> None:
    """The matrix, one-to-many and single pairs give the same minutes; the matrix is symmetric."""
    lats, lngs = (np.array(column) for column in zip(*points, strict=True))
    matrix = travel.matrix(lats, lngs, CITY, 12)
    assert matrix.dtype == np.float32
    assert (matrix == matrix.T).all()
    assert (np.diag(matrix) == 0).all()
    row, km = travel.one_to_many(points[0], lats, lngs, CITY, 12)
    for column, point in enumerate(points):
        leg = travel.between(points[0], point, CITY, 12)
        assert row[column] == pytest.approx(leg.minutes, rel=1e-4, abs=1e-3)
        assert km[column] == pytest.approx(leg.distance_km, rel=1e-4, abs=1e-3)
        if column:
            assert matrix[0, column] == pytest.approx(leg.minutes, rel=1e-4, abs=1e-3)


def test_the_far_side_of_the_globe_is_exact_too() -> None:
    """Beyond the series' range the error stays under 0.01 %."""
    lats, lngs = np.array([0.0, 0.0, 45.0, -89.0]), np.array([0.0, 179.0, -120.0, 10.0])
    matrix = travel.matrix(lats, lngs, CITY, 12)
    for row in range(4):
        for column in range(4):
            if row != column:
                a, b = (lats[row], lngs[row]), (lats[column], lngs[column])
                expected = travel.between(a, b, CITY, 12).minutes
                assert matrix[row, column] == pytest.approx(expected, rel=1e-4)


def test_inputs_are_checked_and_not_modified() -> None:
    """Wrong shapes and values raise, read-only arrays pass unchanged."""
    lats, lngs = np.array([28.0, 28.1]), np.array([77.0, 77.1])
    lats.flags.writeable = False
    travel.matrix(lats, lngs, CITY, 12)
    for wrong in ([1.0], [1.0, 2.0, 3.0], [91.0, 0.0], [np.nan, 0.0]):
        with pytest.raises(ValueError, match="lats and lngs"):
            travel.matrix(wrong, lngs, CITY, 12)
    with pytest.raises(ValueError, match="speeds_kmh"):
        travel.TravelModel(1.3, (20.0,) * 24, 30.0, 5.0)
    assert travel.matrix([], [], CITY, 0).shape == (0, 0)


@pytest.mark.parametrize(("minutes", "whole"), [(0.0, 0), (0.2, 1), (5.0, 5), (5.0000001, 5), (5.01, 6)])
def test_minutes_round_up(minutes: float, whole: int) -> None:
    """Whole minutes never promise to be earlier; a float's dust does not cost a minute."""
    assert travel.whole_minutes(minutes) == whole


@pytest.mark.parametrize("spread", [0.001, 0.1, 8.0, 60.0])
def test_a_matrix_is_exact_near_and_far(spread: float) -> None:
    """From one street to half the globe, every cell is within 0.01 % of the reference, and symmetric."""
    rng = np.random.default_rng(5)
    lats = np.clip(20 + rng.normal(0, spread, 60), -89, 89)
    lngs = 78 + rng.normal(0, spread, 60)
    minutes = travel.matrix(lats, lngs, CITY, 9)
    expected = np.empty((60, 60))
    reference.matrix(lats, lngs, CITY.minutes_per_km(9), CITY.access_minutes, expected)
    np.testing.assert_allclose(minutes, expected, rtol=1e-4)
    assert (minutes == minutes.T).all()
