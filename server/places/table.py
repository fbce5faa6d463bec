"""Look-ups over the packaged pincode table."""

import csv
import gzip
import io
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.errors import UnknownPincode
from server.places.globe import EARTH_RADIUS_KM

TABLE = Path(__file__).parent / "pincodes.csv.gz"
COLUMNS = ("pincode", "lat", "lng", "office", "district", "state")

MAX_RADIUS_KM = 100.0
"""The widest neighbourhood: some 500 pincodes in the densest region, so memoised answers stay small."""
REMEMBERED_NEIGHBOURHOODS = 4096
"""Every pincode of the largest cities at a few radii; a city neighbourhood is under 1 kB."""


@dataclass(frozen=True, slots=True)
class Place:
    """A pincode's point (degrees) and names; `office` is its main delivery post office."""

    pincode: str
    lat: float
    lng: float
    office: str
    district: str
    state: str


class Places:
    """India's pincodes. Instances share one read-only copy of the table.

    pincodes : every pincode, ascending
    lats, lngs : read-only float64 arrays of degrees, in the order of `pincodes`
    """

    def __init__(self) -> None:
        self._table = _packaged()
        self.pincodes: tuple[str, ...] = self._table.pincodes
        self.lats: NDArray[np.float64] = self._table.lats
        self.lngs: NDArray[np.float64] = self._table.lngs
        self._neighbourhood = lru_cache(REMEMBERED_NEIGHBOURHOODS)(self._find_nearby)

    def known(self, pincode: str) -> bool:
        """Say whether the table has this pincode, written as six digits."""
        return pincode in self._table.rows

    def check(self, pincode: str) -> None:
        """Raise UnknownPincode unless the table has this pincode."""
        self._row(pincode)

    def get(self, pincode: str) -> Place:
        """Give the place of a pincode; raises UnknownPincode."""
        row = self._row(pincode)
        table = self._table
        return Place(
            pincode,
            float(table.lats[row]),
            float(table.lngs[row]),
            table.offices[row],
            table.districts[row],
            table.states[row],
        )

    def nearby(self, pincode: str, radius_km: float) -> tuple[str, ...]:
        """Give the pincodes within a great-circle distance, itself included, nearest first.

        Equally near ones come in ascending order.
        raises : UnknownPincode; ValueError for a radius outside 0..MAX_RADIUS_KM
        """
        if not 0 <= radius_km <= MAX_RADIUS_KM:
            raise ValueError(f"radius_km must lie in 0..{MAX_RADIUS_KM:g}, not {radius_km}")
        return self._neighbourhood(self._row(pincode), radius_km)

    def _row(self, pincode: str) -> int:
        row = self._table.rows.get(pincode)
        if row is None:
            raise UnknownPincode(pincode=pincode)
        return row

    def _find_nearby(self, row: int, radius_km: float) -> tuple[str, ...]:
        """Compare straight lines through the globe: they grow with the distance along its surface."""
        vectors = self._table.vectors
        squares = np.square(vectors - vectors[row]).sum(axis=1)
        longest = 2 * np.sin(radius_km / EARTH_RADIUS_KM / 2)
        within = np.flatnonzero(squares <= longest**2)
        nearest_first = within[np.argsort(squares[within], kind="stable")]
        return tuple(self.pincodes[index] for index in nearest_first)


@dataclass(frozen=True, slots=True)
class _Table:
    """The file by columns; `vectors` are the points on the unit sphere, (n, 3)."""

    pincodes: tuple[str, ...]
    lats: NDArray[np.float64]
    lngs: NDArray[np.float64]
    offices: tuple[str, ...]
    districts: tuple[str, ...]
    states: tuple[str, ...]
    rows: dict[str, int]
    vectors: NDArray[np.float64]


@cache
def _packaged() -> _Table:
    """Read the packaged table; later calls give the same value."""
    text = gzip.decompress(TABLE.read_bytes()).decode()
    header, *rows = csv.reader(io.StringIO(text))
    if tuple(header) != COLUMNS:
        raise ValueError(f"{TABLE.name}: columns are {header}, expected {list(COLUMNS)}")
    pincodes, lats, lngs, offices, districts, states = zip(*rows, strict=True)
    names: dict[str, str] = {}
    lat_array, lng_array = _degrees(lats), _degrees(lngs)
    return _Table(
        pincodes,
        lat_array,
        lng_array,
        offices,
        tuple(names.setdefault(name, name) for name in districts),
        tuple(names.setdefault(name, name) for name in states),
        {pincode: row for row, pincode in enumerate(pincodes)},
        _unit_vectors(lat_array, lng_array),
    )


def _degrees(column: tuple[str, ...]) -> NDArray[np.float64]:
    values = np.array(column, dtype=np.float64)
    values.flags.writeable = False
    return values


def _unit_vectors(lats: NDArray[np.float64], lngs: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(lats), np.radians(lngs)
    vectors = np.column_stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))
    vectors.flags.writeable = False
    return vectors
