"""A-List's demo as values, at a moment of a Thursday afternoon."""

from datetime import UTC, datetime

import pytest

from server.demo.alist.filling import alist
from server.demo.filling import Filling
from server.marketplaces.alist import ALIST
from server.places.table import Places

NOW = datetime(2026, 1, 15, 15, 10, 30, tzinfo=UTC)


def filled(now: datetime = NOW) -> Filling:
    return alist(ALIST, Places(), now, "hash", 0.1)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def demo() -> Filling:
    return filled()
