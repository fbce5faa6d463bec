"""One demo marketplace for the tests of its parts."""

from datetime import date

import pytest

from server.demo.homeserve.history import history
from server.demo.homeserve.model import DemoBooking, People
from server.demo.homeserve.people import people
from server.places.table import Places


@pytest.fixture(scope="session")
def seed() -> int:
    return 7


@pytest.fixture(scope="session")
def today() -> date:
    return date(2026, 1, 15)


@pytest.fixture(scope="session")
def places() -> Places:
    return Places()


@pytest.fixture(scope="session")
def crowd(seed: int, places: Places) -> People:
    return people(seed, places)


@pytest.fixture(scope="session")
def bookings(seed: int, today: date, places: Places, crowd: People) -> tuple[DemoBooking, ...]:
    return history(seed, today, crowd, places)
