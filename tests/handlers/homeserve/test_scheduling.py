"""Prices, predictions, search and slots over HTTP, as documented and as the data says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.handlers.homeserve.documented import documented
from tests.handlers.homeserve.scene import ZONE, Scene, shape


async def slots(scene: Scene, **change: Any) -> Any:
    asked = {
        "vendor_id": scene.vendor.id,
        "service_id": scene.service.id,
        "customer_pincode": "110002",
        "preferred_date": scene.day.isoformat(),
    } | change
    return await scene.api.get("/api/smart-scheduling/", token=scene.customer.token, **asked)


async def price(scene: Scene, **change: Any) -> Any:
    asked = {
        "service_id": scene.service.id,
        "pincode": "110001",
        "scheduled_datetime": scene.at(11),
    } | change
    asked = {name: value for name, value in asked.items() if value is not None}
    return await scene.api.get("/api/dynamic-pricing/", token=scene.customer.token, **asked)


async def test_every_offered_slot_can_be_booked_until_none_is_left(scene: Scene) -> None:
    """Booking slot after slot always succeeds, never over held time, and ends with an empty list."""
    booked: list[tuple[str, str]] = []
    while found := (await slots(scene)).json["available_slots"]:
        for slot in found:
            assert slot["is_available"]
            starts, ends = (
                datetime.fromisoformat(slot[name]).astimezone(ZONE) for name in ("start_time", "end_time")
            )
            travel = slot["travel_time_minutes"] + 2 * slot["buffer_time_minutes"]
            assert ends - starts == timedelta(minutes=120 + travel)
            assert starts.date() == ends.date() == scene.day
            assert starts.hour >= 9
            assert (ends.hour, ends.minute) <= (18, 0)
            assert all(slot["end_time"] <= taken or slot["start_time"] >= free for taken, free in booked)
        pick = found[len(booked) % len(found)]
        reply = await scene.book(when=pick["start_time"], pincode="110002", vendor=scene.vendor.id)
        assert reply.status == 201
        service_ends = datetime.fromisoformat(pick["start_time"]) + timedelta(minutes=120)
        booked.append((pick["start_time"], service_ends.strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert len(booked) >= 2


async def test_the_suggestion_is_the_best_scored_slot(scene: Scene) -> None:
    """recommended_time is the slot with the highest score, and the reasons are said."""
    found = (await slots(scene)).json["available_slots"]
    body = {
        "vendor_id": scene.vendor.id,
        "service_id": scene.service.id,
        "customer_pincode": "110002",
        "preferred_date": scene.day.isoformat(),
    }
    best = (await scene.api.post("/api/smart-scheduling/", json=body, token=scene.customer.token)).json[
        "optimal_slot"
    ]
    assert best["score"] == max(slot["score"] for slot in found)
    assert best["recommended_time"] in [slot["start_time"] for slot in found]
    assert best["reasoning"]
    assert best["estimated_duration_minutes"] == 120


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"vendor_id": 999_999}, 404, "rovider"),
        ({"service_id": 999_999}, 404, "Service"),
        ({"customer_pincode": "999999"}, 404, "Pincode"),
        ({"customer_pincode": "1"}, 400, "customer_pincode"),
        ({"preferred_date": "2020-01-01"}, 400, "preferred_date"),
        ({"preferred_date": "2030-02-30"}, 400, "preferred_date"),
        ({"vendor_id": "x"}, 400, "vendor_id"),
    ],
)
async def test_bad_slot_requests_name_what_is_wrong(
    scene: Scene, change: dict[str, Any], status: int, named: str
) -> None:
    """Unknown things are 404, faulty fields a 400 that names them."""
    reply = await slots(scene, **change)
    assert reply.status == status
    assert named in reply.json["error"]


async def test_who_does_not_serve_offers_no_slot(scene: Scene) -> None:
    """A pincode outside the area, or a service without the skill, has an empty list."""
    for change in ({"customer_pincode": "560001"}, {"service_id": scene.foreign.id}):
        assert (await slots(scene, **change)).json == {"available_slots": [], "total_slots": 0}


async def test_today_offers_nothing_in_the_past(scene: Scene) -> None:
    """Slots of today begin after now."""
    found = await slots(scene, preferred_date=datetime.now(ZONE).date().isoformat())
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert all(slot["start_time"] > now for slot in found.json["available_slots"])


async def test_the_price_follows_exactly_from_its_factors(scene: Scene) -> None:
    """surge is the product of the shown factors within bounds, final is base x surge."""
    for hour in (2, 9, 12, 15, 19, 22):
        for booked in range(2):
            shown = (await price(scene, scheduled_datetime=scene.at(hour))).json["pricing"]
            product = 1.0
            for factor in shown["factors"].values():
                product *= factor
            assert shown["surge_multiplier"] == pytest.approx(min(max(product, 0.9), 2.0), abs=0.00501)
            expected = round(shown["base_price"] * 100) * round(shown["surge_multiplier"] * 100)
            assert round(shown["final_price"] * 100) == (expected + 50) // 100
            total = shown["breakdown"]["base"] + shown["breakdown"]["surge"]
            assert total == pytest.approx(shown["breakdown"]["total"])
            if not booked:
                await scene.book(scene.other, when=scene.at(hour))


async def test_a_booking_and_its_end_change_the_next_quote_at_once(scene: Scene) -> None:
    """Demand and free vendors are counted afresh after every change."""
    before = (await price(scene)).json["pricing"]
    held = [(await scene.book(scene.other, when=scene.at(11))).json for _ in range(6)]
    during = (await price(scene)).json["pricing"]
    assert during["final_price"] > before["final_price"]
    for one in held:
        await scene.api.post(f"/api/bookings/{one['id']}/cancel/", token=scene.other.token)
    assert (await price(scene)).json["pricing"] == before


async def test_the_price_has_the_documented_shape(scene: Scene) -> None:
    """The documented fields are there, of their types; quote_id and expires_at come with them."""
    reply = await price(scene, scheduled_datetime=None)
    assert reply.status == 200
    assert {"service", "pincode", "pricing", "timestamp", "quote_id", "expires_at"} == set(reply.json)
    assert shape(documented("get_dynamic_price").response["pricing"]) == shape(reply.json["pricing"])


@pytest.mark.parametrize("days", [1, 7, 30])
async def test_predictions_begin_tomorrow(scene: Scene, days: int) -> None:
    """One row a day from tomorrow; price = base x surge; confidence lies between 0 and 1."""
    body = {"service_id": scene.service.id, "pincode": "110001", "days": days}
    reply = await scene.api.post("/api/dynamic-pricing/", json=body, token=scene.customer.token)
    rows = reply.json["predictions"]
    first = datetime.now(ZONE).date() + timedelta(days=1)
    assert [date.fromisoformat(row["date"]) for row in rows] == [
        first + timedelta(days=ahead) for ahead in range(days)
    ]
    for row in rows:
        assert row["predicted_price"] == pytest.approx(500 * row["surge_multiplier"])
        assert 0 < row["confidence"] < 1


@pytest.mark.parametrize("days", [0, 31, "seven", 7.5, None])
async def test_predictions_refuse_other_horizons(scene: Scene, days: Any) -> None:
    """days lies in 1..30 and is a whole number."""
    body = {"service_id": scene.service.id, "pincode": "110001", "days": days}
    reply = await scene.api.post("/api/dynamic-pricing/", json=body, token=scene.customer.token)
    assert reply.status == 400
    assert "days" in reply.json["details"]


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"service_id": None, "pincode": None}, 400, "service_id and pincode are required"),
        ({"pincode": "999999"}, 404, "Pincode not found"),
        ({"service_id": 999_999}, 404, "Service not found"),
        ({"scheduled_datetime": "2020-01-01T00:00:00Z"}, 400, "scheduled_datetime"),
        ({"scheduled_datetime": "soon"}, 400, "scheduled_datetime"),
    ],
)
async def test_bad_price_requests_answer_as_documented(
    scene: Scene, change: dict[str, Any], status: int, error: str
) -> None:
    """The documented error text for what is missing, 404 for what is unknown, 400 for a bad time."""
    reply = await price(scene, **change)
    assert reply.status == status
    assert error in reply.json["error"]


async def test_search_ranks_by_rating_and_travel(scene: Scene) -> None:
    """Better rated and nearer vendors come first; who lacks the service or the pincode is not listed."""
    star = await scene.make_vendor("star", rating_sum=50, rating_count=10, completed_jobs=12)
    await scene.make_vendor("poor", rating_sum=10, rating_count=10)
    await scene.make_vendor("unskilled", skills=(scene.short.id,))
    reply = await scene.api.get(
        "/api/vendor-search/",
        token=scene.customer.token,
        pincode="110001",
        service_id=scene.service.id,
    )
    assert reply.status == 200
    names = [vendor["id"] for vendor in reply.json["vendors"]]
    assert names[0] == star.id
    assert reply.json["total_vendors"] == len(names) == 3
    assert (reply.json["vendors"][0]["rating"], reply.json["vendors"][0]["total_jobs"]) == (5.0, 12)
    assert reply.json["vendors"][-1]["rating"] == 1.0
    assert 0 <= reply.json["demand_index"] <= 10


async def test_predictions_with_a_key_are_answered_once(scene: Scene) -> None:
    """A key puts the whole call into one transaction, whose reads follow each other."""
    body = {"service_id": scene.service.id, "pincode": "110001", "days": 3}
    key = {"Idempotency-Key": "predict"}
    replies = [
        await scene.api.post("/api/dynamic-pricing/", json=body, token=scene.customer.token, headers=key)
        for _ in range(2)
    ]
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].json == replies[1].json
