"""Working hours on the real embedded database."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from server.domain.entities import Shift
from server.domain.paging import Paging
from server.errors import Invalid, NotFound, UnknownPincode
from server.marketplaces.homeserve import HOMESERVE
from server.places.table import Places
from server.services.audit import Audit
from server.services.bookings.eligibility import Eligibility
from server.services.prices.demand import Demand
from server.services.time.availability import Availability
from server.store.database import Database
from server.store.stores import Stores
from tests.server.services.people import caller, user

JANE, OTHER = caller(2, "vendor"), caller(3, "vendor")


class CountedDemand(Demand):
    """Stands in for the caches and counts how often they are dropped."""

    def __init__(self) -> None:
        self.changes = 0

    async def changed(self) -> None:
        self.changes += 1


@pytest.fixture
def demand() -> CountedDemand:
    return CountedDemand()


@pytest_asyncio.fixture
async def availability(
    database: Database, stores: Stores, places: Places, demand: CountedDemand, audit: Audit
) -> Availability:
    """Two vendors without hours yet."""
    await stores.users.fill(
        [user(2, "vendor", first_name="Jane", last_name="Smith"), user(3, "vendor"), user(4, "customer")]
    )
    eligibility = Eligibility(HOMESERVE, database, stores.users, stores.shifts)
    return Availability(database, stores.shifts, stores.ids, places, eligibility, demand, audit)


async def put(availability: Availability, who: Any = JANE, **fields: Any) -> Shift:
    """Set Monday, nine to six, changed as said."""
    monday = {
        "weekday": 1,
        "start_minute": 540,
        "end_minute": 1080,
        "base_pincode": "110001",
        "area_pincodes": ("110001", "110002"),
        "buffer_minutes": 15,
        "is_active": True,
    }
    return await availability.put(who, **{**monday, **fields})


async def test_hours_read_back_with_the_vendors_name(availability: Availability) -> None:
    """The row carries its owner and everything that was given."""
    kept = await put(availability)
    assert (kept.provider_id, kept.provider_name, kept.weekday) == (2, "Jane Smith", 1)
    assert (kept.start_minute, kept.end_minute, kept.area_pincodes) == (540, 1080, ("110001", "110002"))
    assert (await availability.list(JANE, None, Paging())).items == [kept]


async def test_a_second_row_of_a_weekday_replaces_the_first(availability: Availability) -> None:
    """The row keeps its id and its creation; other weekdays and vendors have rows of their own."""
    first = await put(availability)
    second = await put(availability, start_minute=600, is_active=False)
    assert (second.id, second.created_at) == (first.id, first.created_at)
    assert (second.start_minute, second.is_active) == (600, False)
    assert second.updated_at > first.updated_at
    await put(availability, weekday=2)
    await put(availability, OTHER)
    assert (await availability.list(JANE, None, Paging())).total == 2


async def test_concurrent_rows_of_a_weekday_leave_one(availability: Availability) -> None:
    """Ten writers of one weekday at once all succeed and one row is left."""
    kept = await asyncio.gather(*(put(availability, start_minute=540 + n) for n in range(10)))
    listed = await availability.list(JANE, None, Paging())
    assert listed.total == 1
    assert {one.id for one in kept} == {listed.items[0].id}


async def test_the_base_is_always_part_of_the_area(availability: Availability) -> None:
    """The base comes first when it was left out, and no pincode twice."""
    kept = await put(availability, area_pincodes=("110003", "110002", "110003"))
    assert kept.area_pincodes == ("110001", "110003", "110002")


@pytest.mark.parametrize(("start", "end"), [(540, 540), (600, 540)])
async def test_the_end_must_follow_the_start(availability: Availability, start: int, end: int) -> None:
    """Hours that are empty or run backwards are refused, naming the end."""
    with pytest.raises(Invalid) as refusal:
        await put(availability, start_minute=start, end_minute=end)
    assert set(refusal.value.fields) == {"end_minute"}


@pytest.mark.parametrize("fields", [{"base_pincode": "999999"}, {"area_pincodes": ("110001", "999999")}])
async def test_unknown_pincodes_are_refused(availability: Availability, fields: dict[str, Any]) -> None:
    """Base and area must be in the table, or nothing is kept."""
    with pytest.raises(UnknownPincode):
        await put(availability, **fields)
    assert (await availability.list(JANE, None, Paging())).total == 0


async def test_only_providers_have_hours(availability: Availability) -> None:
    """An account that is no provider cannot set hours."""
    with pytest.raises(NotFound):
        await put(availability, caller(4, "customer"))


async def test_each_sees_their_own_and_staff_all(availability: Availability) -> None:
    """A vendor never sees another's rows, whatever the filter; staff narrow by vendor."""
    mine, theirs = await put(availability), await put(availability, OTHER)
    ops = caller(9, "ops_manager")
    expected = {
        (JANE, None): [mine],
        (JANE, 2): [mine],
        (JANE, 3): [],
        (ops, None): [mine, theirs],
        (ops, 3): [theirs],
    }
    for (who, provider_id), rows in expected.items():
        listed = await availability.list(who, provider_id, Paging())
        assert (list(listed.items), listed.total) == (rows, len(rows))


async def test_rows_come_by_weekday(availability: Availability) -> None:
    """A week is listed from Monday, however it was entered."""
    for weekday in (5, 1, 3):
        await put(availability, weekday=weekday)
    listed = await availability.list(JANE, None, Paging())
    assert [one.weekday for one in listed.items] == [1, 3, 5]


async def test_caches_are_dropped_once_the_hours_are_kept(
    availability: Availability, demand: CountedDemand
) -> None:
    """A kept row drops the demand caches, a refused one does not."""
    await put(availability)
    assert demand.changes == 1
    with pytest.raises(UnknownPincode):
        await put(availability, base_pincode="999999")
    assert demand.changes == 1
