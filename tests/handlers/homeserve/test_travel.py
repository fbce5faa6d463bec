"""Travel time over HTTP."""

from typing import Any

from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import Scene, shape

TRAVEL = "/api/travel-time/"
TRIP = {"from_pincode": "110001", "to_pincode": "110002"}


async def test_the_answer_is_as_documented(scene: Scene) -> None:
    """A trip has the documented fields and types, and sensible values."""
    reply = await scene.api.get(TRAVEL, token=scene.customer.token, **TRIP)
    example = documented("get_travel_time")
    assert (reply.status, shape(reply.json)) == (example.status, shape(example.response))
    assert {name: reply.json[name] for name in TRIP} == TRIP
    assert reply.json["duration_minutes"] > 0
    assert reply.json["distance_km"] > 0
    assert reply.json["estimated_traffic_multiplier"] >= 1


async def test_every_role_asks_and_strangers_do_not(scene: Scene) -> None:
    """Travel time is for everybody who is signed in."""
    for account in (scene.customer, scene.vendor, scene.ops, scene.admin, scene.onboarder):
        assert (await scene.api.get(TRAVEL, token=account.token, **TRIP)).status == 200
    assert (await scene.api.get(TRAVEL, **TRIP)).status == 401


async def test_bad_ends_are_refused(scene: Scene) -> None:
    """A missing or unreadable end is a 400 that names it, an unknown one a 404."""
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({}, 400, "from_pincode and to_pincode are required"),
        ({"from_pincode": "110001"}, 400, "to_pincode is required"),
        ({"from_pincode": "110001", "to_pincode": ""}, 400, "to_pincode is required"),
        ({**TRIP, "to_pincode": "11"}, 400, "to_pincode"),
        ({**TRIP, "from_pincode": "11000a"}, 400, "from_pincode"),
        ({**TRIP, "from_pincode": "999999"}, 404, "Pincode not found"),
        ({**TRIP, "to_pincode": "999999"}, 404, "Pincode not found"),
    ]
    for query, status, named in cases:
        reply = await scene.api.get(TRAVEL, token=scene.customer.token, **query)
        assert (reply.status, named in reply.json["error"]) == (status, True), query
