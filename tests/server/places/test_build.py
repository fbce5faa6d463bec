"""The cleaning rules, each on a small crafted office list."""

import bz2
import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from server.places.build import clean, office_of, packed, point_of, read_offices
from server.places.globe import Point
from server.places.table import Place

AGRA = (27.18, 78.01)


def office(pincode: int, lat: object, lng: object, **more: Any) -> dict[str, Any]:
    """Give a source row, by default a delivering branch office of Agra."""
    row = {
        "Pincode": pincode,
        "Name": "Village B.O",
        "BranchType": "BO",
        "DeliveryStatus": "Delivery",
        "District": "AGRA",
        "State": "UTTAR PRADESH",
        "Latitude": lat,
        "Longitude": lng,
    }
    return row | more


def around(pincode: int, count: int = 3, centre: Point = AGRA) -> list[dict[str, Any]]:
    """Give offices on a line through `centre`, a kilometre apart, so that the middle one is the median."""
    return [
        office(pincode, centre[0] + (index - count // 2) * 0.01, centre[1] + (index - count // 2) * 0.001)
        for index in range(count)
    ]


def cleaned(rows: list[dict[str, Any]]) -> dict[str, Place]:
    return {place.pincode: place for place in clean(office_of(row) for row in rows)}


def test_a_pincode_is_at_the_median_of_its_offices() -> None:
    """One office astray within the district does not move its pincode."""
    place = cleaned([*around(282001, 5), office(282001, AGRA[0] + 0.1, AGRA[1] + 0.1)])["282001"]
    assert (place.lat, place.lng) == pytest.approx(AGRA, abs=0.01)


@pytest.mark.parametrize(
    "lat, lng", [(None, None), ("27°11'", "78°01'"), (1.0, 1.0), (27.18, 121.9), (float("nan"), 78)]
)
def test_unusable_coordinates_count_for_nothing(lat: object, lng: object) -> None:
    """Absent, textual and foreign coordinates are no point."""
    assert point_of(lat, lng) is None


def test_swapped_coordinates_are_swapped_back() -> None:
    """A point that lies in India only with latitude and longitude exchanged is exchanged."""
    assert point_of(AGRA[1], AGRA[0]) == AGRA


def test_offices_far_from_their_district_are_dropped() -> None:
    """A pincode whose offices mostly lie hundreds of kilometres off stands at the credible one."""
    rows = [
        *around(282001, 9),
        office(282002, 27.2, 78.0),
        office(282002, 21.5, 77.9),
        office(282002, 23.5, 78.5),
    ]
    place = cleaned(rows)["282002"]
    assert (place.lat, place.lng) == (27.2, 78.0)


def test_a_large_district_reaches_further() -> None:
    """An office 120 km out is believed where the district's offices are spread that far."""
    wide = [office(282001, AGRA[0] + step / 4, AGRA[1]) for step in range(-4, 5)]
    place = cleaned([*wide, office(282009, AGRA[0] + 1.08, AGRA[1])])["282009"]
    assert place.lat == pytest.approx(AGRA[0] + 1.08)


def test_a_small_district_does_not() -> None:
    """An office 29 km out is dropped where the district is a city."""
    rows = [*around(282001, 9), office(282002, AGRA[0] - 0.23, AGRA[1] - 0.14), office(282002, 27.19, 78.02)]
    assert cleaned(rows)["282002"].lat == 27.19


def test_a_placeholder_shared_by_many_pincodes_counts_for_none() -> None:
    """Four pincodes at one point have no point; two at one point are neighbours."""
    rows = around(282001, 9)
    rows += [office(282010 + index, 27.3, 78.1) for index in range(4)]
    rows += [office(282020 + index, 27.25, 78.05) for index in range(2)]
    places = cleaned(rows)
    assert (places["282010"].lat, places["282010"].lng) == pytest.approx(AGRA, abs=0.02)
    assert (places["282020"].lat, places["282021"].lng) == (27.25, 78.05)


def test_without_offices_left_the_district_answers() -> None:
    """A pincode with no coordinates at all stands at its district's centre."""
    place = cleaned([*around(282001), office(282009, None, None)])["282009"]
    assert (place.lat, place.lng) == pytest.approx(AGRA)


def test_without_a_district_point_the_state_answers() -> None:
    """A pincode of a district without coordinates stands at its state's centre."""
    place = cleaned([*around(282001), office(283001, None, None, District="FIROZABAD")])["283001"]
    assert (place.lat, place.lng) == pytest.approx(AGRA)
    assert place.district == "Firozabad"


def test_a_pincode_that_cannot_be_placed_is_an_error() -> None:
    """Nothing is left out in silence: an unplaceable pincode stops the build by name."""
    with pytest.raises(ValueError, match="744301"):
        cleaned([*around(282001), office(744301, None, None, District="NICOBARS", State="ANDAMAN")])


def test_equal_district_names_of_two_states_stay_apart() -> None:
    """Aurangabad in Bihar and Aurangabad in Maharashtra have centres of their own."""
    bihar, maharashtra = (24.75, 84.37), (19.88, 75.33)
    rows = [row | {"District": "AURANGABAD", "State": "BIHAR"} for row in around(824101, 3, bihar)]
    rows += [
        row | {"District": "AURANGABAD", "State": "MAHARASHTRA"} for row in around(431001, 3, maharashtra)
    ]
    places = cleaned(rows)
    assert (places["824101"].lat, places["824101"].lng) == pytest.approx(bihar)
    assert (places["431001"].lat, places["431001"].lng) == pytest.approx(maharashtra)


def test_a_pincode_without_a_district_takes_its_prefix() -> None:
    """Offices that name no district belong to the district of the pincodes beginning like theirs."""
    rows = [*around(282001, 5), office(282004, 27.2, 78.02, District=None, State=None)]
    place = cleaned(rows)["282004"]
    assert (place.district, place.state, place.lat) == ("Agra", "Uttar Pradesh", 27.2)


def test_the_main_delivery_office_names_the_pincode() -> None:
    """The head office that delivers goes before sub and branch offices, and loses its kind."""
    rows = [
        *around(282001),
        office(282001, *AGRA, Name="Agra Fort SO", BranchType="PO", DeliveryStatus="Non Delivery"),
        office(282001, *AGRA, Name="Agra G.P.O. HO", BranchType="HO"),
    ]
    assert cleaned(rows)["282001"].office == "Agra G.P.O."


def test_the_same_offices_give_the_same_bytes(tmp_path: Path) -> None:
    """Reading, cleaning and packing twice gives one file, whatever the order of the rows."""
    rows = [*around(282001, 5), *around(282002, 4), office(282003, None, None)]
    tables = []
    for name, listed in (("a", rows), ("b", rows[::-1])):
        source = tmp_path / f"{name}.json.bz2"
        source.write_bytes(bz2.compress("\n".join(map(json.dumps, listed)).encode()))
        tables.append(packed(clean(read_offices(source))))
    assert tables[0] == tables[1]
    lines = list(csv.reader(io.StringIO(gzip.decompress(tables[0]).decode())))
    assert lines[1] == ["282001", "27.1800", "78.0100", "Village", "Agra", "Uttar Pradesh"]
