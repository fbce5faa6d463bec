"""Accounts as others see them, on the real embedded database."""

import pytest

from server.domain.paging import Paging
from server.errors import Invalid, NotFound, UnknownPincode
from server.marketplaces.homeserve import HOMESERVE
from server.places.table import Places
from server.services.accounts.directory import Directory
from server.store.stores import Stores
from server.store.users import UserFilter
from tests.server.services.people import caller, user


@pytest.fixture
async def directory(stores: Stores, places: Places) -> Directory:
    """Two customers, two vendors and an ops manager, ids 1 to 5."""
    await stores.users.fill(
        [
            user(1, "customer", pincode="110001", is_verified=True),
            user(2, "customer", pincode="110002"),
            user(3, "vendor", pincode="110001", is_verified=True),
            user(4, "vendor", pincode="110001"),
            user(5, "ops_manager"),
        ]
    )
    return Directory(HOMESERVE, stores.users, places)


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        (UserFilter(), [1, 2, 3, 4, 5]),
        (UserFilter(role="vendor"), [3, 4]),
        (UserFilter(is_verified=False), [2, 4, 5]),
        (UserFilter(pincode="110001"), [1, 3, 4]),
        (UserFilter(role="vendor", pincode="110001", is_verified=True), [3]),
        (UserFilter(role="vendor", pincode="110002"), []),
    ],
)
async def test_filters_combine(directory: Directory, narrowed: UserFilter, expected: list[int]) -> None:
    """A list holds exactly the accounts that every given filter fits, by id."""
    listed = await directory.list(narrowed, Paging())
    assert ([one.id for one in listed.items], listed.total) == (expected, len(expected))


async def test_pages_split_the_list(directory: Directory) -> None:
    """A page holds its share and knows the total."""
    listed = await directory.list(UserFilter(), Paging(2, 2))
    assert ([one.id for one in listed.items], listed.total, listed.has_next) == ([3, 4], 5, True)


async def test_impossible_filters_are_refused(directory: Directory) -> None:
    """A role that does not exist is invalid, a pincode that does not exist is unknown."""
    with pytest.raises(Invalid) as refusal:
        await directory.list(UserFilter(role="king"), Paging())
    assert set(refusal.value.fields) == {"role"}
    with pytest.raises(UnknownPincode):
        await directory.list(UserFilter(pincode="999999"), Paging())


@pytest.mark.parametrize(
    ("user_id", "role", "seen"),
    [
        (1, "customer", {1}),
        (3, "vendor", {3}),
        (5, "ops_manager", {1, 2, 3, 4, 5}),
        (9, "super_admin", {1, 2, 3, 4, 5}),
        (8, "onboard_manager", set()),
    ],
)
async def test_people_see_themselves_and_managers_everybody(
    directory: Directory, user_id: int, role: str, seen: set[int]
) -> None:
    """Anybody else's account does not exist for those who do not manage users."""
    for wanted in range(1, 6):
        if wanted in seen:
            assert (await directory.get(caller(user_id, role), wanted)).id == wanted
        else:
            with pytest.raises(NotFound):
                await directory.get(caller(user_id, role), wanted)


async def test_nobody_is_not_found(directory: Directory) -> None:
    """An id without an account is not found, also for managers."""
    with pytest.raises(NotFound, match="User not found"):
        await directory.get(caller(5, "ops_manager"), 404)
