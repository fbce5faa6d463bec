"""The packaged pincode table as callers see it."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from server.errors import NotFound, UnknownPincode
from server.places.build import LAT_RANGE, LNG_RANGE
from server.places.globe import great_circle_km
from server.places.table import MAX_RADIUS_KM, Places

# Post office or landmark at the heart of each pincode, read from maps.
METRO_CENTRES = {
    "110001": (28.632, 77.219),  # Connaught Place, New Delhi
    "201301": (28.580, 77.320),  # Noida, sector 19
    "122001": (28.463, 77.029),  # Gurugram
    "400001": (18.938, 72.836),  # Mumbai GPO
    "411001": (18.521, 73.876),  # Pune camp
    "560001": (12.978, 77.599),  # Bengaluru, M. G. Road
    "600001": (13.092, 80.288),  # Chennai GPO
    "700001": (22.572, 88.350),  # Kolkata, B. B. D. Bagh
    "500001": (17.387, 78.476),  # Hyderabad GPO
    "380001": (23.024, 72.588),  # Ahmedabad, old city
    "302001": (26.918, 75.805),  # Jaipur GPO
    "226001": (26.848, 80.944),  # Lucknow GPO
}


@pytest.fixture(scope="module")
def places() -> Places:
    return Places()


def _km(places: Places, a: str, b: str) -> float:
    first, second = places.get(a), places.get(b)
    return great_circle_km((first.lat, first.lng), (second.lat, second.lng))


@pytest.mark.parametrize("pincode", METRO_CENTRES)
def test_metro_pincodes_are_where_they_are(places: Places, pincode: str) -> None:
    """A metro pincode's point lies within 2 km of its true centre."""
    place = places.get(pincode)
    assert great_circle_km((place.lat, place.lng), METRO_CENTRES[pincode]) < 2.0


def test_all_of_india_answers(places: Places) -> None:
    """The table has every pincode of the source, from Kashmir to Nicobar, each inside India's box."""
    assert len(places.pincodes) == len(set(places.pincodes)) == 19_586
    assert all(len(pincode) == 6 and pincode.isdigit() for pincode in places.pincodes)
    assert {pincode[0] for pincode in places.pincodes} >= set("12345678")
    assert np.all((places.lats >= LAT_RANGE[0]) & (places.lats <= LAT_RANGE[1]))
    assert np.all((places.lngs >= LNG_RANGE[0]) & (places.lngs <= LNG_RANGE[1]))


def test_a_place_has_its_names(places: Places) -> None:
    """A place carries its office, district and state in readable spelling."""
    place = places.get("110001")
    assert (place.office, place.district, place.state) == ("New Delhi GPO", "New Delhi", "Delhi")
    assert all(place.state and place.district for place in map(places.get, places.pincodes))


def test_bulk_arrays_follow_the_pincodes(places: Places) -> None:
    """Row i of the arrays is the point of pincode i, and pincodes ascend."""
    assert all(a < b for a, b in pairwise(places.pincodes))
    for row in (0, 9_999, len(places.pincodes) - 1):
        place = places.get(places.pincodes[row])
        assert (place.lat, place.lng) == (places.lats[row], places.lngs[row])


@pytest.mark.parametrize("pincode", ["999999", "000000", "11000", "1100011", "", "abcdef", "１１０００１"])
def test_an_unknown_pincode_is_not_found(places: Places, pincode: str) -> None:
    """What is no pincode raises UnknownPincode, a NotFound, that names it."""
    assert not places.known(pincode)
    with pytest.raises(UnknownPincode) as raised:
        places.get(pincode)
    assert isinstance(raised.value, NotFound)
    assert raised.value.facts == {"pincode": pincode}
    with pytest.raises(UnknownPincode):
        places.nearby(pincode, 5)


def test_nearby_is_sorted_and_complete(places: Places) -> None:
    """The neighbourhood is exactly the pincodes within the radius, itself first, in order of distance."""
    near = places.nearby("110001", 5)
    distances = [_km(places, "110001", other) for other in near]
    assert near[0] == "110001"
    assert distances == sorted(distances)
    everyone = {pincode for pincode in places.pincodes if _km(places, "110001", pincode) <= 5}
    assert set(near) == everyone
    assert {"110002", "110003"} <= everyone


def test_nearby_is_symmetric(places: Places) -> None:
    """Whoever is near me finds me near."""
    for pincode in ("110001", "400001", "560001", "744301"):
        assert all(pincode in places.nearby(other, 8) for other in places.nearby(pincode, 8))


def test_nearby_at_zero_is_the_place_itself(places: Places) -> None:
    """No distance at all still holds the pincode."""
    assert "110001" in places.nearby("110001", 0)


@pytest.mark.parametrize("radius_km", [-1, MAX_RADIUS_KM + 1, float("nan")])
def test_nearby_refuses_a_radius_out_of_range(places: Places, radius_km: float) -> None:
    """A radius that is negative, unbounded or no number is an error of the caller."""
    with pytest.raises(ValueError, match="radius_km"):
        places.nearby("110001", radius_km)


def test_nothing_can_be_changed(places: Places) -> None:
    """Places are frozen and the arrays read-only, so that every caller can share them."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        places.get("110001").lat = 0.0  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        places.lats[0] = 0.0


def test_instances_share_one_table(places: Places) -> None:
    """A second instance costs no second table."""
    assert Places().lats is places.lats
