"""Accounts in the database: unique in every spelling, and listed as staff asks."""

from dataclasses import replace

import pytest
import pytest_asyncio

from server.domain.paging import Paging
from server.errors import Conflict
from server.store.database import Database
from server.store.users import UserFilter, Users
from tests.server.services.people import user


@pytest_asyncio.fixture
async def users(database: Database) -> Users:
    await database.ensure_indexes([(Users.NAME, Users.INDEXES)])
    return Users(database)


async def test_names_and_addresses_ignore_case(users: Users) -> None:
    """An account is found by any spelling, keeps its own, and no other spelling is free."""
    carla = replace(user(1), username="Carla", email="Carla@Example.com", phone="+919876543210")
    await users.insert(carla)
    for found in (
        await users.named("cARLA"),
        await users.with_email("CARLA@example.com"),
        await users.with_phone("+919876543210"),
    ):
        assert found is not None
        assert (found.id, found.username) == (1, "Carla")
    for taken in ({"username": "CARLA"}, {"email": "carla@EXAMPLE.com"}, {"phone": "+919876543210"}):
        with pytest.raises(Conflict):
            await users.insert(replace(user(2), **taken))


async def test_any_number_of_accounts_has_no_phone(users: Users) -> None:
    """Only phones that exist are unique."""
    for n in range(1, 4):
        await users.insert(user(n))
    kept = await users.get(3)
    assert kept is not None and kept.phone is None


async def test_a_list_is_narrowed_paged_and_counted(users: Users) -> None:
    """Each filter alone and all together; pages follow each other by id and know the total."""
    for n in range(1, 13):
        role = "vendor" if n % 2 else "customer"
        await users.insert(user(n, role, is_verified=n > 6, pincode="110001" if n % 3 else "110002"))

    async def ids(page: int = 1, size: int = 20, **narrowed: object) -> tuple[list[int], int]:
        listed = await users.listed(UserFilter(**narrowed), Paging(page, size))  # type: ignore[arg-type]
        return [one.id for one in listed.items], listed.total

    assert await ids(page=2, size=5) == ([6, 7, 8, 9, 10], 12)
    assert await ids(role="vendor") == ([1, 3, 5, 7, 9, 11], 6)
    assert await ids(is_verified=False) == ([1, 2, 3, 4, 5, 6], 6)
    assert await ids(pincode="110002") == ([3, 6, 9, 12], 4)
    assert await ids(role="vendor", is_verified=True, pincode="110002") == ([9], 1)
    assert await ids(page=9) == ([], 12)
