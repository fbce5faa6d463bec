"""Addresses over HTTP."""

from typing import Any

from tests.handlers.client import Reply
from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import Scene, shape

ADDRESSES = "/api/addresses/"
OFFICE = documented("create_address").request
NOBODYS = "550e8400-e29b-41d4-a716-446655440000"


def path(address: Any, action: str = "") -> str:
    return f"{ADDRESSES}{address['id']}/{action}"


async def create(scene: Scene, **fields: Any) -> Reply:
    """Create the documented office, changed as said; a field that is None is not sent."""
    body = {name: value for name, value in (OFFICE | fields).items() if value is not None}
    return await scene.api.post(ADDRESSES, json=body, token=scene.customer.token)


async def listed(scene: Scene, **query: Any) -> Any:
    return (await scene.api.get(ADDRESSES, token=scene.customer.token, **query)).json


async def test_creation_is_as_documented(scene: Scene) -> None:
    """The documented request is answered with the documented fields, and echoed to the digit."""
    reply = await create(scene)
    example = documented("create_address")
    assert (reply.status, shape(reply.json)) == (example.status, shape(example.response))
    assert {name: reply.json[name] for name in OFFICE} == OFFICE


async def test_the_list_is_as_documented(scene: Scene) -> None:
    """A page has the documented fields and types."""
    made = (await create(scene)).json
    reply = await scene.api.get(ADDRESSES, token=scene.customer.token)
    example = documented("list_addresses")
    assert (reply.status, shape(reply.json)) == (example.status, example.page_shape())
    assert reply.json["results"] == [made]


async def test_points_keep_their_text(scene: Scene) -> None:
    """Trailing zeros survive, numbers are taken as well, and an address may have no point."""
    for sent, kept in (("28.70410", "28.70410"), (28.5, "28.5"), ("1E1", "10"), ("-0.5", "-0.5")):
        assert (await create(scene, lat=sent)).json["lat"] == kept
    bare = (await create(scene, lat=None, lng=None)).json
    assert (bare["lat"], bare["lng"]) == (None, None)


async def test_setting_the_default_is_as_documented(scene: Scene) -> None:
    """The message is the documented one, and exactly the named address is the default."""
    first, second = [(await create(scene, is_default=True)).json for _ in range(2)]
    reply = await scene.api.post(path(first, "set_default/"), token=scene.customer.token)
    example = documented("set_default_address")
    assert (reply.status, reply.json) == (example.status, example.response)
    assert [one["id"] for one in (await listed(scene, is_default="true"))["results"]] == [first["id"]]
    assert [one["id"] for one in (await listed(scene, is_default="false"))["results"]] == [second["id"]]


async def test_changes_and_deletion(scene: Scene) -> None:
    """PATCH changes what is sent and nothing else; after DELETE the address is gone."""
    made = (await create(scene)).json
    changed = await scene.api.patch(path(made), json={"label": "Shop"}, token=scene.customer.token)
    assert changed.status == 200
    assert changed.json == {**made, "label": "Shop", "updated_at": changed.json["updated_at"]}
    gone = await scene.api.delete(path(made), token=scene.customer.token)
    assert (gone.status, gone.json) == (204, None)
    for reply in (
        await scene.api.patch(path(made), json={"label": "Shop"}, token=scene.customer.token),
        await scene.api.delete(path(made), token=scene.customer.token),
        await scene.api.post(path(made, "set_default/"), token=scene.customer.token),
    ):
        assert (reply.status, reply.json) == (404, {"error": "Address not found"})
    assert (await listed(scene))["count"] == 0


async def test_somebody_elses_address_does_not_exist(scene: Scene) -> None:
    """Another customer lists nothing and gets 404 for every call on it."""
    made, token = (await create(scene)).json, scene.other.token
    assert (await scene.api.get(ADDRESSES, token=token)).json["count"] == 0
    assert (await scene.api.patch(path(made), json={"label": "Mine"}, token=token)).status == 404
    assert (await scene.api.delete(path(made), token=token)).status == 404
    assert (await scene.api.post(path(made, "set_default/"), token=token)).status == 404
    assert (await listed(scene))["results"] == [made]


async def test_only_customers_have_addresses(scene: Scene) -> None:
    """Every other role is forbidden, strangers are unauthorised, on every call."""
    made = (await create(scene)).json
    accounts = (scene.vendor, scene.ops, scene.admin, scene.onboarder)
    for token, status in [(account.token, 403) for account in accounts] + [(None, 401)]:
        assert (await scene.api.get(ADDRESSES, token=token)).status == status
        assert (await scene.api.post(ADDRESSES, json=OFFICE, token=token)).status == status
        assert (await scene.api.patch(path(made), json={"label": "x"}, token=token)).status == status
        assert (await scene.api.delete(path(made), token=token)).status == status
        assert (await scene.api.post(path(made, "set_default/"), token=token)).status == status


async def test_bad_addresses_are_refused(scene: Scene) -> None:
    """Missing, wrong-typed, unknown, oversized and malicious values get a 4xx that names the field."""
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"label": None}, 400, "label"),
        ({"label": ""}, 400, "label"),
        ({"label": {"$gt": ""}}, 400, "label"),
        ({"address_line": None}, 400, "address_line"),
        ({"address_line": "x" * 301}, 400, "address_line"),
        ({"address_line": "a\x00b"}, 400, "address_line"),
        ({"pincode": 110001}, 400, "pincode"),
        ({"pincode": "11000"}, 400, "pincode"),
        ({"pincode": "999999"}, 404, "Pincode not found"),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": "NaN"}, 400, "lat"),
        ({"lat": "91"}, 400, "lat"),
        ({"lng": "1e400"}, 400, "lng"),
        ({"lng": None}, 400, "lng"),
        ({"is_default": "yes"}, 400, "is_default"),
        ({"id": NOBODYS}, 400, "id"),
        ({"user_id": 1}, 400, "user_id"),
    ]
    for fields, status, named in cases:
        reply = await create(scene, **fields)
        assert (reply.status, named in reply.json["error"]) == (status, True), fields
    assert (await listed(scene))["count"] == 0


async def test_bad_changes_and_filters_are_refused(scene: Scene) -> None:
    """A bad change leaves the address as it is; a filter that is no boolean is a 400."""
    made, token = (await create(scene)).json, scene.customer.token
    cases = [
        ({"pincode": "999999"}, 404),
        ({"pincode": ["110001"]}, 400),
        ({"lat": "28.7"}, 400),
        ({"created_at": "x"}, 400),
    ]
    for change, status in cases:
        assert (await scene.api.patch(path(made), json=change, token=token)).status == status
    assert (await listed(scene))["results"] == [made]
    for id in (NOBODYS, "1", "x" * 36):
        assert (await scene.api.delete(f"{ADDRESSES}{id}/", token=token)).status == 404
    reply = await scene.api.get(ADDRESSES, token=token, is_default="maybe")
    assert (reply.status, "is_default" in reply.json["error"]) == (400, True)


async def test_a_repeated_creation_with_one_key_keeps_one(scene: Scene) -> None:
    """The same Idempotency-Key and body give the same address; another body is a conflict."""
    key, token = {"Idempotency-Key": "office"}, scene.customer.token
    replies = [await scene.api.post(ADDRESSES, json=OFFICE, token=token, headers=key) for _ in range(2)]
    assert [reply.status for reply in replies] == [201, 201]
    assert replies[0].json == replies[1].json
    other = OFFICE | {"label": "Other"}
    assert (await scene.api.post(ADDRESSES, json=other, token=token, headers=key)).status == 409
    assert (await listed(scene))["count"] == 1
