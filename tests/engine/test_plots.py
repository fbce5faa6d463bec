"""Pictures: SVG that parses, says what was given, and holds no markup of anybody's name."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from engine.plots import MapStop, price_map, route_map

BASE = MapStop(28.61, 77.21, "", "")
STOPS = [
    MapStop(28.62, 77.25, "Repair <script>alert(1)</script>", "09:00, 10 min away"),
    MapStop(28.65, 77.20, "Care & $x^2$\x00\n", "11:00, 12 min away"),
    MapStop(28.65, 77.20, "नल मरम्मत", "13:00, 0 min away"),
]


@pytest.fixture(autouse=True)
def implementation() -> str:
    """There is one: matplotlib."""
    return "matplotlib"


def texts(svg: bytes) -> list[str]:
    """Give the texts of a picture, after checking that it holds nothing that runs."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own picture
    assert not [one for one in root.iter() if one.tag.endswith(("script", "foreignObject"))]
    return ["".join(one.itertext()).strip() for one in root.iter() if one.tag.endswith("text")]


@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_route_names_its_stops_in_order() -> None:
    """Names come as they are, in any script; two stops at one house share a mark."""
    said = texts(route_map("A day", BASE, STOPS, STOPS[::-1]))
    assert {"1", "2,3", "best", "as booked", "base", "A day"} <= set(said)
    for line in (
        "1. Repair <script>alert(1)</script>",
        "2. Care & $x^2$",
        "3. नल मरम्मत",
        "11:00, 12 min away",
    ):
        assert any(line in one for one in said), line


@pytest.mark.parametrize("base", [None, BASE])
def test_a_day_without_visits_says_so(base: MapStop | None) -> None:
    """With a base it is marked; a day off has none."""
    said = texts(route_map("Empty", base, [], []))
    assert "no visits" in said
    assert ("base" in said) == (base is not None)


def test_a_price_map_says_each_price() -> None:
    """An hour that is not sold has no figure."""
    surges = np.full((2, 24), np.nan)
    surges[0, 9], surges[1, 18] = 1.25, 2.0
    said = texts(price_map("Prices", ["110001 A", "110002 <B>"], surges))
    assert {"110001 A", "110002 <B>", "00", "23"} <= set(said)
    assert {"1.25", "2.00"} <= set(said)
    assert "nan" not in said


def test_the_same_day_is_the_same_picture() -> None:
    """Byte for byte."""
    assert route_map("A day", BASE, STOPS[:2], STOPS[:2]) == route_map("A day", BASE, STOPS[:2], STOPS[:2])
