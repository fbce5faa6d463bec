"""Travel between pincodes."""

from datetime import UTC, datetime

import pytest

from engine.travel import between, whole_minutes
from server.errors import UnknownPincode
from server.marketplaces.homeserve import HOMESERVE, TRAVEL
from server.places.table import Places
from server.services.audit import Audit
from server.services.time import travel
from server.services.time.traffic import Traffic
from server.services.time.travel import Travel
from server.store.database import Database
from server.store.stores import Stores

MONDAY_NOON = datetime(2024, 1, 15, 6, 30, tzinfo=UTC)
MONDAY_RUSH = datetime(2024, 1, 15, 12, 30, tzinfo=UTC)
"""12:00 and 18:00 in Kolkata."""


@pytest.fixture
async def traffic(database: Database, places: Places) -> Traffic:
    """Nothing is fitted: everybody drives as the marketplace says."""
    stores = await Stores.open(database)
    audit = Audit(stores.changes, stores.ids)
    return Traffic(HOMESERVE, database, stores.speeds, stores.bookings, places, audit)


@pytest.fixture
def trips(places: Places, traffic: Traffic) -> Travel:
    return Travel(HOMESERVE, places, traffic)


async def test_a_trip_is_the_engines_in_the_local_hour(trips: Travel, places: Places) -> None:
    """Minutes round up, kilometres have one decimal, and the hour of week is the marketplace's."""
    trip = await trips.between("110001", "110020", MONDAY_RUSH)
    a, b = places.get("110001"), places.get("110020")
    leg = between((a.lat, a.lng), (b.lat, b.lng), TRAVEL, 18)
    assert trip.minutes == whole_minutes(leg.minutes)
    assert trip.distance_km == round(leg.distance_km, 1)
    assert trip.traffic_multiplier == round(TRAVEL.traffic_multiplier(18), 2)


async def test_the_rush_takes_longer_over_the_same_road(trips: Travel) -> None:
    """The hour changes minutes and multiplier, never the distance."""
    noon, rush = [await trips.between("110001", "110020", at) for at in (MONDAY_NOON, MONDAY_RUSH)]
    assert rush.minutes > noon.minutes
    assert rush.traffic_multiplier > noon.traffic_multiplier > 1
    assert rush.distance_km == noon.distance_km


async def test_the_second_question_is_answered_from_memory(trips: Travel) -> None:
    """The same trip in the same hour is remembered and otherwise equal; another hour is not."""
    first, second = [await trips.between("110001", "110002", MONDAY_NOON) for _ in range(2)]
    assert (first.is_cached, second.is_cached) == (False, True)
    assert (first.minutes, first.distance_km) == (second.minutes, second.distance_km)
    assert not (await trips.between("110001", "110002", MONDAY_RUSH)).is_cached


async def test_staying_costs_only_access(trips: Travel) -> None:
    """From a pincode to itself there is no road, but parking and stairs remain."""
    trip = await trips.between("110001", "110001", MONDAY_NOON)
    assert (trip.distance_km, trip.minutes) == (0, TRAVEL.access_minutes)


@pytest.mark.parametrize(("origin", "target"), [("999999", "110001"), ("110001", "999999")])
async def test_an_unknown_end_is_refused(trips: Travel, origin: str, target: str) -> None:
    """Both ends must be in the table."""
    with pytest.raises(UnknownPincode):
        await trips.between(origin, target, MONDAY_NOON)


async def test_memory_is_bounded_and_keeps_what_is_asked_for(
    places: Places, traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit the trip that was not asked for longest is forgotten."""
    monkeypatch.setattr(travel, "REMEMBERED_TRIPS", 2)
    trips = Travel(HOMESERVE, places, traffic)
    for target in ("110002", "110003", "110002", "110004"):
        await trips.between("110001", target, MONDAY_NOON)
    assert (await trips.between("110001", "110002", MONDAY_NOON)).is_cached
    assert not (await trips.between("110001", "110003", MONDAY_NOON)).is_cached
