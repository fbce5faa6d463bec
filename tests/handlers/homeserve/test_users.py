"""Accounts over HTTP."""

from typing import Any

import pytest_asyncio

from tests.handlers.client import Account
from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import Scene, shape

USERS = "/api/users/"
NEW = {"username": "ops9", "email": "ops9@example.com", "password": "a long secret", "role": "ops_manager"}


@pytest_asyncio.fixture
async def carol(scene: Scene) -> Account:
    """A customer of whom everything is known."""
    return await scene.api.account(
        "carol", "customer", first_name="Carol", last_name="Rao", phone="+919876543210", pincode="110001"
    )


def path(user_id: int) -> str:
    return f"{USERS}{user_id}/"


async def test_the_list_is_as_documented(scene: Scene, carol: Account) -> None:
    """A page has the documented fields and types; next leads on and keeps the filters."""
    await scene.api.account("dave", "customer", pincode="110001")
    reply = await scene.api.get(USERS, token=scene.ops.token, role="customer", pincode="110001", page_size=1)
    example = documented("list_users")
    assert reply.status == example.status
    assert shape(reply.json) == example.page_shape()
    assert (reply.json["count"], reply.json["results"][0]["id"]) == (2, carol.id)
    following = await scene.api.get(
        reply.json["next"].removeprefix(scene.api.base_url), token=scene.ops.token
    )
    assert [one["username"] for one in following.json["results"]] == ["dave"]
    assert following.json["next"] is None


async def test_filters_combine(scene: Scene, carol: Account) -> None:
    """Role, verification and pincode narrow together."""
    await scene.api.market.stores.users.change(carol.id, {"is_verified": False})
    expected = {
        ("customer", "false", "110001"): ["carol"],
        ("customer", "true", "110001"): [],
        ("vendor", "true", "110001"): ["vendor1"],
        ("super_admin", "1", None): ["admin1"],
    }
    for (role, is_verified, pincode), names in expected.items():
        filters = {"role": role, "is_verified": is_verified} | ({"pincode": pincode} if pincode else {})
        reply = await scene.api.get(USERS, token=scene.admin.token, **filters)
        assert [one["username"] for one in reply.json["results"]] == names
        assert reply.json["count"] == len(names)


async def test_only_admins_list(scene: Scene) -> None:
    """Ops managers and super admins list; others are forbidden, strangers unauthorised."""
    statuses = {
        scene.ops: 200,
        scene.admin: 200,
        scene.customer: 403,
        scene.vendor: 403,
        scene.onboarder: 403,
    }
    for account, status in statuses.items():
        assert (await scene.api.get(USERS, token=account.token)).status == status
    assert (await scene.api.get(USERS)).status == 401


async def test_details_are_as_documented(scene: Scene, carol: Account) -> None:
    """One's own account has the documented fields and types, and nothing secret."""
    reply = await scene.api.get(path(carol.id), token=carol.token)
    example = documented("get_user")
    assert (reply.status, shape(reply.json)) == (example.status, shape(example.response))


async def test_others_do_not_exist(scene: Scene) -> None:
    """Every role sees itself; only admins see anybody else."""
    everybody = (scene.customer, scene.vendor, scene.ops, scene.admin, scene.onboarder)
    for account in everybody:
        assert (await scene.api.get(path(account.id), token=account.token)).status == 200
        reply = await scene.api.get(path(scene.other.id), token=account.token)
        assert reply.status == (200 if account in (scene.ops, scene.admin) else 404)
    assert (await scene.api.get(path(scene.customer.id))).status == 401
    unknown = await scene.api.get(path(999_999), token=scene.admin.token)
    assert (unknown.status, unknown.json) == (404, {"error": "User not found"})


async def test_bad_filters_are_refused(scene: Scene) -> None:
    """A filter that cannot be is a 400 that names it, an unknown pincode or page a 404."""
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"role": "king"}, 400, "role"),
        ({"role": "x" * 100}, 400, "role"),
        ({"is_verified": "maybe"}, 400, "is_verified"),
        ({"pincode": "11"}, 400, "pincode"),
        ({"pincode": "999999"}, 404, "Pincode not found"),
        ({"page": 0}, 400, "page"),
        ({"page": "two"}, 400, "page"),
        ({"page": 99}, 404, "page"),
        ({"page_size": -1}, 400, "page_size"),
    ]
    for query, status, named in cases:
        reply = await scene.api.get(USERS, token=scene.ops.token, **query)
        assert (reply.status, named in reply.json["error"]) == (status, True), query
    huge = await scene.api.get(USERS, token=scene.ops.token, page_size=10**9)
    assert huge.status == 200


async def test_a_super_admin_makes_staff_who_can_sign_in(scene: Scene) -> None:
    """The new account is shown like any other, without its password, and works at once."""
    made = await scene.api.post(USERS, json=NEW, token=scene.admin.token)
    assert made.status == 201
    assert made.json.keys() == documented("get_user").response.keys()
    assert (made.json["role"], made.json["is_verified"]) == ("ops_manager", True)
    login = {"username": NEW["username"], "password": NEW["password"]}
    signed_in = await scene.api.post("/auth/login/", json=login)
    assert signed_in.status == 200
    assert (await scene.api.get(USERS, token=signed_in.json["access"])).status == 200


async def test_nobody_else_makes_accounts(scene: Scene) -> None:
    """Creation is forbidden to every other role and leaves nothing."""
    for account in (scene.ops, scene.onboarder, scene.customer, scene.vendor):
        assert (await scene.api.post(USERS, json=NEW, token=account.token)).status == 403
    assert (await scene.api.post(USERS, json=NEW)).status == 401
    assert await scene.api.market.stores.users.named(NEW["username"]) is None


async def test_bad_accounts_are_refused(scene: Scene) -> None:
    """Missing, taken, wrong-typed, unknown and malicious values get a 4xx that names the field."""
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"username": None}, 400, "username"),
        ({"username": "CUSTOMER1"}, 400, "username"),
        ({"username": {"$gt": ""}}, 400, "username"),
        ({"email": "nobody"}, 400, "email"),
        ({"email": "Customer1@Example.com"}, 400, "email"),
        ({"password": "short"}, 400, "password"),
        ({"role": "king"}, 400, "role"),
        ({"role": "x" * 1000}, 400, "role"),
        ({"phone": "12"}, 400, "phone"),
        ({"pincode": "999999"}, 404, "Pincode not found"),
        ({"first_name": "a\x00b"}, 400, "first_name"),
        ({"is_active": False}, 400, "is_active"),
    ]
    for change, status, named in cases:
        body = {name: value for name, value in (NEW | change).items() if value is not None}
        reply = await scene.api.post(USERS, json=body, token=scene.admin.token)
        assert (reply.status, named in reply.json["error"]) == (status, True), change
