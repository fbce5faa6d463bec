"""Working hours over HTTP."""

from typing import Any

from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import Scene, shape

HOURS = "/api/vendor-availability/"
MONDAY = documented("set_availability").request


async def put(scene: Scene, account: Account | None = None, **fields: Any) -> Reply:
    """Set the documented Monday, changed as said; a field that is None is not sent."""
    body = {name: value for name, value in (MONDAY | fields).items() if value is not None}
    return await scene.api.post(HOURS, json=body, token=(account or scene.vendor).token)


async def test_the_list_is_as_documented(scene: Scene) -> None:
    """A page has the documented fields and types, a row a weekday from Monday."""
    reply = await scene.api.get(HOURS, token=scene.vendor.token)
    example = documented("list_availability")
    assert (reply.status, shape(reply.json)) == (example.status, example.page_shape())
    assert reply.json["count"] == 7
    assert [one["day_of_week"] for one in reply.json["results"]] == list(range(1, 8))
    first = reply.json["results"][0]
    assert (first["vendor"], first["start_time"], first["end_time"]) == (
        scene.vendor.id,
        "09:00:00",
        "18:00:00",
    )


async def test_the_documented_request_sets_the_hours(scene: Scene) -> None:
    """The answer is a row as the list shows it and echoes what was sent."""
    reply = await put(scene)
    row = documented("list_availability").response["results"][0]
    assert (reply.status, shape(reply.json)) == (201, shape(row))
    assert {name: reply.json[name] for name in MONDAY} == MONDAY
    assert (reply.json["vendor_name"], reply.json["is_active"]) == ("Jane Smith", True)


async def test_a_second_post_for_a_day_replaces_it(scene: Scene) -> None:
    """There is one row a day, under its first id."""
    first = (await put(scene)).json
    second = (await put(scene, start_time="10:30", end_time="23:59", is_active=False)).json
    assert (second["id"], second["start_time"], second["end_time"]) == (first["id"], "10:30:00", "23:59:00")
    listed = (await scene.api.get(HOURS, token=scene.vendor.token)).json
    assert listed["count"] == 7
    assert listed["results"][0] == second


async def test_what_is_left_out_has_sensible_values(scene: Scene) -> None:
    """Without an area a vendor works at the base; without a buffer the marketplace's is kept."""
    bare = (await put(scene, service_area_pincodes=None, preferred_buffer_minutes=None)).json
    assert (bare["service_area_pincodes"], bare["preferred_buffer_minutes"]) == (["110001"], 15)


async def test_vendors_see_their_own_and_admins_all(scene: Scene) -> None:
    """The vendor filter narrows what one may see and never widens it."""
    second = await scene.make_vendor("vendor2")
    counts = {
        (scene.vendor, None): 7,
        (scene.vendor, second.id): 0,
        (scene.ops, None): 14,
        (scene.admin, second.id): 7,
        (scene.admin, 999_999): 0,
    }
    for (account, vendor), count in counts.items():
        query = {} if vendor is None else {"vendor": vendor}
        assert (await scene.api.get(HOURS, token=account.token, **query)).json["count"] == count
    assert (await scene.api.get(HOURS, token=scene.ops.token, vendor="x")).status == 400


async def test_only_vendors_set_hours(scene: Scene) -> None:
    """Setting is the vendors', listing theirs and the admins'."""
    for account in (scene.customer, scene.onboarder, scene.ops, scene.admin):
        assert (await put(scene, account)).status == 403
    for account in (scene.customer, scene.onboarder):
        assert (await scene.api.get(HOURS, token=account.token)).status == 403
    assert (await scene.api.get(HOURS)).status == 401
    assert (await scene.api.post(HOURS, json=MONDAY)).status == 401


async def test_new_hours_change_the_next_price_at_once(scene: Scene) -> None:
    """When the only vendor takes the day off, the next quote knows that nobody is free."""

    async def multiplier() -> float:
        reply = await scene.api.get(
            "/api/dynamic-pricing/",
            token=scene.customer.token,
            service_id=scene.service.id,
            pincode="110001",
            scheduled_datetime=scene.at(11),
        )
        found: float = reply.json["pricing"]["factors"]["vendor_availability_multiplier"]
        return found

    before = await multiplier()
    await put(scene, day_of_week=scene.day.isoweekday(), is_active=False)
    assert await multiplier() > before


async def test_bad_hours_are_refused(scene: Scene) -> None:
    """Missing, wrong-typed, impossible, oversized and malicious values get a 4xx that names the field."""
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"day_of_week": None}, 400, "day_of_week"),
        ({"day_of_week": 0}, 400, "day_of_week"),
        ({"day_of_week": 8}, 400, "day_of_week"),
        ({"day_of_week": "1"}, 400, "day_of_week"),
        ({"start_time": "9 o'clock"}, 400, "start_time"),
        ({"start_time": 32400}, 400, "start_time"),
        ({"start_time": "09:00:30"}, 400, "start_time"),
        ({"start_time": "09:00:00Z"}, 400, "start_time"),
        ({"end_time": "24:00:00"}, 400, "end_time"),
        ({"end_time": "09:00:00"}, 400, "end_time"),
        ({"end_time": "08:00:00"}, 400, "end_time"),
        ({"primary_pincode": None}, 400, "primary_pincode"),
        ({"primary_pincode": "999999"}, 404, "Pincode not found"),
        ({"primary_pincode": {"$ne": ""}}, 400, "primary_pincode"),
        ({"service_area_pincodes": "110001"}, 400, "service_area_pincodes"),
        ({"service_area_pincodes": ["110001", 2]}, 400, "service_area_pincodes"),
        ({"service_area_pincodes": ["999999"]}, 404, "Pincode not found"),
        ({"service_area_pincodes": ["110001"] * 201}, 400, "service_area_pincodes"),
        ({"preferred_buffer_minutes": -1}, 400, "preferred_buffer_minutes"),
        ({"preferred_buffer_minutes": 10**9}, 400, "preferred_buffer_minutes"),
        ({"vendor": 1}, 400, "vendor"),
    ]
    before = (await scene.api.get(HOURS, token=scene.vendor.token)).json
    for fields, status, named in cases:
        reply = await put(scene, **fields)
        assert (reply.status, named in reply.json["error"]) == (status, True), fields
    assert (await scene.api.get(HOURS, token=scene.vendor.token)).json == before
