"""Customers' addresses on the real embedded database."""

import asyncio
from typing import Any

import pytest

from server.domain.entities import Address
from server.domain.paging import Paging
from server.domain.parties import Caller
from server.errors import Conflict, Invalid, NotFound, UnknownPincode
from server.marketplaces.homeserve import HOMESERVE
from server.places.table import Places
from server.services.accounts.addresses import MAX_ADDRESSES, Addresses
from server.services.audit import Audit
from server.services.bookings.new_ids import NewIds
from server.store.database import Database
from server.store.stores import Stores
from tests.server.services.people import caller

ME, OTHER = caller(1, "customer"), caller(2, "customer")


@pytest.fixture
def addresses(database: Database, stores: Stores, places: Places, audit: Audit) -> Addresses:
    new_ids = NewIds(HOMESERVE, stores.ids)
    return Addresses(HOMESERVE, database, stores.addresses, places, new_ids, audit)


async def make(addresses: Addresses, who: Caller = ME, **fields: Any) -> Address:
    """Keep a home, changed as said."""
    home = {
        "label": "Home",
        "address_line": "123 Main Street",
        "pincode": "110001",
        "lat": "28.7041",
        "lng": "77.1025",
        "is_default": False,
    }
    return await addresses.create(who, **{**home, **fields})


async def defaults(addresses: Addresses, who: Caller = ME) -> list[str]:
    """Give the ids of a user's default addresses."""
    return [one.id for one in (await addresses.list(who, True, Paging())).items]


async def test_a_kept_address_reads_back_as_it_was_given(addresses: Addresses) -> None:
    """What create gives is what get and list give, digits of the point included."""
    made = await make(addresses, lat="28.70410", lng="77.1")
    assert await addresses.get(ME, made.id) == made
    assert (made.lat, made.lng) == ("28.70410", "77.1")
    assert (await addresses.list(ME, None, Paging())).items == [made]


async def test_only_the_owner_sees_changes_and_deletes(addresses: Addresses) -> None:
    """To anybody else an address does not exist, and theirs stays as it is."""
    mine = await make(addresses)
    for attempt in (
        addresses.get(OTHER, mine.id),
        addresses.change(OTHER, mine.id, {"label": "Taken"}),
        addresses.set_default(OTHER, mine.id),
        addresses.delete(OTHER, mine.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await addresses.get(ME, mine.id) == mine
    assert (await addresses.list(OTHER, None, Paging())).total == 0


async def test_a_new_default_unmakes_the_old_one(addresses: Addresses) -> None:
    """Creating, changing and setting a default each leave exactly that one."""
    first = await make(addresses, is_default=True)
    second = await make(addresses, is_default=True)
    assert await defaults(addresses) == [second.id]
    await addresses.change(ME, first.id, {"is_default": True})
    assert await defaults(addresses) == [first.id]
    await addresses.set_default(ME, second.id)
    assert await defaults(addresses) == [second.id]
    unmade = await addresses.get(ME, first.id)
    assert unmade.updated_at > first.updated_at


async def test_somebody_elses_default_stays(addresses: Addresses) -> None:
    """Defaults are counted by user."""
    theirs = await make(addresses, OTHER, is_default=True)
    await make(addresses, is_default=True)
    assert await defaults(addresses, OTHER) == [theirs.id]


async def test_the_first_address_is_the_default_unless_declined(addresses: Addresses) -> None:
    """Without a wish the first address becomes the default and later ones do not; a refusal is kept."""
    declined = await make(addresses, OTHER, is_default=False)
    first = await make(addresses, is_default=None)
    later = await make(addresses, is_default=None)
    assert (declined.is_default, first.is_default, later.is_default) == (False, True, False)


async def test_twenty_at_once_leave_one_default(addresses: Addresses) -> None:
    """Twenty concurrent set_default all succeed and exactly one address is the default after them."""
    made = [await make(addresses) for _ in range(20)]
    await asyncio.gather(*(addresses.set_default(ME, one.id) for one in made))
    assert len(await defaults(addresses)) == 1


async def test_concurrent_new_defaults_leave_one(addresses: Addresses) -> None:
    """Addresses created as defaults at once are all kept, one of them as the default."""
    await asyncio.gather(*(make(addresses, is_default=True) for _ in range(10)))
    assert len(await defaults(addresses)) == 1
    assert (await addresses.list(ME, None, Paging())).total == 10


async def test_an_unknown_pincode_is_refused(addresses: Addresses) -> None:
    """Neither a new nor a changed address may lie at a pincode that is not in the table."""
    with pytest.raises(UnknownPincode):
        await make(addresses, pincode="999999")
    made = await make(addresses)
    with pytest.raises(UnknownPincode):
        await addresses.change(ME, made.id, {"pincode": "999999"})
    assert await addresses.get(ME, made.id) == made


async def test_half_a_point_is_refused(addresses: Addresses) -> None:
    """A latitude without a longitude is refused, naming what is missing."""
    with pytest.raises(Invalid) as refusal:
        await make(addresses, lng=None)
    assert set(refusal.value.fields) == {"lng"}
    made = await make(addresses, lat=None, lng=None)
    with pytest.raises(Invalid) as refusal:
        await addresses.change(ME, made.id, {"lng": "77.2"})
    assert set(refusal.value.fields) == {"lat"}


async def test_a_moved_address_forgets_its_old_point(addresses: Addresses) -> None:
    """A new pincode drops the point unless a new one comes along; the same pincode keeps it."""
    made = await make(addresses)
    same = await addresses.change(ME, made.id, {"pincode": "110001", "label": "Flat"})
    assert (same.lat, same.lng, same.label) == (made.lat, made.lng, "Flat")
    moved = await addresses.change(ME, made.id, {"pincode": "110002"})
    assert (moved.pincode, moved.lat, moved.lng) == ("110002", None, None)
    placed = await addresses.change(ME, made.id, {"pincode": "110003", "lat": "28.59", "lng": "77.22"})
    assert (placed.lat, placed.lng) == ("28.59", "77.22")
    assert await addresses.get(ME, made.id) == placed


async def test_there_is_a_limit_a_user(addresses: Addresses, stores: Stores) -> None:
    """One address more than the limit is refused; another user is not affected."""
    made = await make(addresses)
    document = stores.addresses.dump(made)
    spare = [stores.addresses.load({**document, "_id": f"spare-{n}"}) for n in range(MAX_ADDRESSES - 1)]
    await stores.addresses.fill(spare)
    with pytest.raises(Conflict):
        await make(addresses)
    await make(addresses, OTHER)


async def test_a_deleted_address_is_gone(addresses: Addresses) -> None:
    """After its deletion an address is not found, and deleting it again says so."""
    made = await make(addresses)
    await addresses.delete(ME, made.id)
    for attempt in (addresses.get(ME, made.id), addresses.delete(ME, made.id)):
        with pytest.raises(NotFound):
            await attempt


async def test_pages_and_the_default_filter_narrow_the_list(addresses: Addresses) -> None:
    """Pages come oldest first and the filter splits the list in two."""
    made = [await make(addresses, label=f"Place {n}", is_default=n == 1) for n in range(3)]
    second = await addresses.list(ME, None, Paging(2, 2))
    assert ([one.id for one in second.items], second.total) == ([made[2].id], 3)
    others = await addresses.list(ME, False, Paging())
    assert [one.id for one in others.items] == [made[0].id, made[2].id]
