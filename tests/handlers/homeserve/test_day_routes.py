"""A vendor's day: planned, applied in one step, told to the customers."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.test_sockets import heard, listen


async def fill(scene: Scene) -> list[Any]:
    """Three confirmed bookings in an order that zigzags, each with a whole-day window."""
    window = {"start": scene.at(9), "end": scene.at(17, 30)}
    booked = []
    for hour, pincode in zip((9, 12, 15), ("110003", "110001", "110003"), strict=True):
        reply = await scene.confirmed(
            service=scene.short.id, when=scene.at(hour), pincode=pincode, arrival_window=window
        )
        booked.append(reply)
    return booked


async def plan(scene: Scene) -> Any:
    reply = await scene.api.get(
        "/api/vendor-optimization/", token=scene.vendor.token, date=scene.day.isoformat()
    )
    assert reply.status == 200
    return reply.json


async def test_the_figures_of_a_plan_agree_with_each_other(scene: Scene) -> None:
    """Counts, durations, travel and the claimed saving follow from the routes; times obey travel."""
    await fill(scene)
    found = await plan(scene)
    assert found["total_bookings"] == len(found["route"]) == len(found["booked_route"]) == 3
    assert found["total_duration_minutes"] == 90
    assert found["is_proven_optimal"]
    assert found["optimized_travel_time_minutes"] < found["total_travel_time_minutes"]
    saved = found["total_travel_time_minutes"] - found["optimized_travel_time_minutes"]
    assert [one["potential_savings_minutes"] for one in found["suggestions"]] == [saved]
    for route in (found["route"], found["booked_route"]):
        for earlier, later in itertools.pairwise(route):
            assert earlier["departure"] <= later["arrival"] <= later["start"] <= later["departure"]
            arrival = datetime.fromisoformat(earlier["departure"]) + timedelta(
                minutes=later["travel_minutes"]
            )
            assert datetime.fromisoformat(later["arrival"]) == arrival


async def test_applying_moves_every_booking_and_tells_its_customer(scene: Scene) -> None:
    """All bookings begin where the route says, within their windows; the customers' sockets ring."""
    booked = {one["id"]: one for one in await fill(scene)}
    bell = await listen(scene, scene.customer)
    body = {"date": scene.day.isoformat(), "apply": True}
    applied = await scene.api.post("/api/vendor-optimization/", json=body, token=scene.vendor.token)
    assert applied.status == 200
    for stop in applied.json["route"]:
        now = (await scene.api.get(f"/api/bookings/{stop['booking_id']}/", token=scene.customer.token)).json
        assert now["scheduled_date"] == stop["start"]
        assert now["arrival_window"]["start"] <= now["scheduled_date"] <= now["arrival_window"]["end"]
    moved = [s for s in applied.json["route"] if s["start"] != booked[s["booking_id"]]["scheduled_date"]]
    rung = [await heard(bell) for _ in moved]
    assert {one["type"] for one in rung} == {"booking_rescheduled"}
    assert {one["data"]["booking_id"] for one in rung} == {stop["booking_id"] for stop in moved}
    again = await plan(scene)
    assert again["suggestions"] == []
    assert again["total_travel_time_minutes"] == again["optimized_travel_time_minutes"]


async def test_the_freed_and_the_taken_time_follow_the_move(scene: Scene) -> None:
    """After applying, slots are computed from the new times: what was left is free, what was taken is not."""
    await fill(scene)
    body = {"date": scene.day.isoformat(), "apply": True}
    applied = await scene.api.post("/api/vendor-optimization/", json=body, token=scene.vendor.token)
    for stop in applied.json["route"]:
        taken = await scene.book(scene.other, when=stop["start"], vendor=scene.vendor.id)
        assert taken.status == 409
    day = await scene.api.market.stores.days.of(scene.vendor.id, scene.day.isoformat())
    assert len(day.holds) == 3


async def test_an_unanswered_offer_stays_where_it_is(scene: Scene) -> None:
    """Held time that is not confirmed is part of the route and does not move."""
    await fill(scene)
    asked = await scene.book(
        scene.other, service=scene.short.id, when=scene.at(16, 30), vendor=scene.vendor.id
    )
    offer = asked.json
    body = {"date": scene.day.isoformat(), "apply": True}
    applied = await scene.api.post("/api/vendor-optimization/", json=body, token=scene.vendor.token)
    assert applied.status == 200
    kept = next(stop for stop in applied.json["route"] if stop["booking_id"] == offer["id"])
    assert kept["start"] == offer["scheduled_date"]


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        ("customer", {}, 403),
        ("onboarder", {}, 403),
        ("ops", {}, 400),
        ("ops", {"vendor_id": 999_999}, 404),
        ("vendor", {"vendor_id": 1}, 400),
        ("vendor", {"date": "tomorrow"}, 400),
        ("vendor", {"date": "2026-02-30"}, 400),
    ],
)
async def test_roles_and_bad_input(scene: Scene, who: str, query: dict[str, Any], status: int) -> None:
    """Vendors see their own day, admins name one, others are refused; bad dates are a 400."""
    asked = {"date": scene.day.isoformat(), **query}
    token = getattr(scene, who).token
    assert (await scene.api.get("/api/vendor-optimization/", token=token, **asked)).status == status


async def test_an_empty_day_has_an_empty_plan(scene: Scene) -> None:
    """Nothing booked: nothing to travel, full efficiency, no suggestion."""
    found = await plan(scene)
    assert (found["total_bookings"], found["total_travel_time_minutes"], found["suggestions"]) == (0, 0, [])
    assert found["efficiency_score"] == 10.0
