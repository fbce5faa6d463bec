"""Bookings over HTTP: the documented calls, every role, and races."""

import asyncio
import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.homeserve.face import HOMESERVE_FACE
from server.domain.asking import AskingLimits
from server.embedded import Endpoints
from server.marketplaces.homeserve import HOMESERVE
from server.settings import Settings
from tests.handlers.conftest import serving
from tests.handlers.homeserve.scene import Scene, shape

pytestmark = pytest.mark.usefixtures("scene")


async def test_a_created_booking_has_the_documented_fields(scene: Scene) -> None:
    """Creation answers 201 with at least the documented fields, of the documented types."""
    reply = await scene.book()
    assert reply.status == 201
    documented = {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "customer": 1,
        "service": 1,
        "status": "pending",
        "total_price": "550.00",
        "pincode": "110001",
        "scheduled_date": "2024-01-15T10:00:00Z",
        "customer_notes": "Please arrive on time",
        "created_at": "2024-01-10T08:30:00Z",
    }
    assert shape(documented) == shape({name: reply.json[name] for name in documented})
    assert reply.json["status"] == "pending"
    assert reply.json["vendor"] is None


async def test_the_actual_times_are_the_visit_with_buffers_and_travel(scene: Scene) -> None:
    """actual_start_time = start - buffer - travel to, actual_end_time = end + buffer + travel from."""
    booking = (await scene.book(vendor=scene.vendor.id)).json
    start = datetime.fromisoformat(booking["scheduled_date"])
    lead = booking["buffer_before_minutes"] + booking["travel_time_to_location_minutes"]
    trail = booking["buffer_after_minutes"] + booking["travel_time_from_location_minutes"]
    duration = booking["estimated_service_duration_minutes"]
    assert booking["travel_time_to_location_minutes"] > 0
    assert datetime.fromisoformat(booking["actual_start_time"]) == start - timedelta(minutes=lead)
    assert datetime.fromisoformat(booking["actual_end_time"]) == start + timedelta(minutes=duration + trail)


async def test_the_quoted_price_is_the_booked_price(scene: Scene) -> None:
    """A booking that names a quote gets that price, even when demand has moved since."""
    when = scene.at(11)
    quoted = await scene.api.get(
        "/api/dynamic-pricing/",
        token=scene.customer.token,
        service_id=scene.service.id,
        pincode="110001",
        scheduled_datetime=when,
    )
    for _ in range(12):
        assert (await scene.book(scene.other, when=when)).status == 201
    moved = await scene.api.get(
        "/api/dynamic-pricing/",
        token=scene.customer.token,
        service_id=scene.service.id,
        pincode="110001",
        scheduled_datetime=when,
    )
    assert moved.json["pricing"]["final_price"] > quoted.json["pricing"]["final_price"]
    booked = await scene.book(when=when, quote_id=quoted.json["quote_id"])
    assert float(booked.json["total_price"]) == quoted.json["pricing"]["final_price"]


@pytest.mark.parametrize("other", ["customer", "service", "pincode", "time"])
async def test_a_quote_fits_only_what_it_was_given_for(scene: Scene, other: str) -> None:
    """A quote for another customer, service, pincode or time is refused and nothing is booked."""
    asked: dict[str, Any] = {
        "service_id": scene.service.id,
        "pincode": "110001",
        "scheduled_datetime": scene.at(11),
    }
    asked |= {
        "service": {"service_id": scene.short.id},
        "pincode": {"pincode": "110002"},
        "time": {"scheduled_datetime": scene.at(12)},
    }.get(other, {})
    asker = scene.other if other == "customer" else scene.customer
    quoted = await scene.api.get("/api/dynamic-pricing/", token=asker.token, **asked)
    reply = await scene.book(when=scene.at(11), quote_id=quoted.json["quote_id"])
    assert reply.status == 409
    listed = await scene.api.get("/api/bookings/", token=scene.customer.token)
    assert listed.json["count"] == 0


async def test_a_thousand_creates_for_one_slot_give_one_booking(scene: Scene) -> None:
    """Of 1,000 concurrent creates for one slot exactly one succeeds; 999 get 409 with alternatives."""
    replies = await asyncio.gather(*(scene.book(vendor=scene.vendor.id) for _ in range(1000)))
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 999}
    assert all(reply.json["alternatives"] for reply in replies if reply.status == 409)
    day = await scene.api.market.stores.days.of(scene.vendor.id, scene.day.isoformat())
    assert len(day.holds) == 1


async def test_a_booking_is_accepted_by_one_of_many(scene: Scene) -> None:
    """Of ten vendors who accept one open booking at once exactly one gets it."""
    vendors = [await scene.make_vendor(f"rival{number}") for number in range(10)]
    booking = (await scene.book()).json
    path = f"/api/bookings/{booking['id']}/accept_booking/"
    replies = await asyncio.gather(*(scene.api.post(path, token=vendor.token) for vendor in vendors))
    assert Counter(reply.status == 200 for reply in replies) == {True: 1, False: 9}
    winner = next(v for v, reply in zip(vendors, replies, strict=True) if reply.status == 200)
    seen = await scene.api.get(f"/api/bookings/{booking['id']}/", token=scene.customer.token)
    assert (seen.json["vendor"], seen.json["status"]) == (winner.id, "confirmed")


async def test_a_vendor_never_holds_two_overlapping_bookings(scene: Scene) -> None:
    """Concurrent creates at many times leave a day whose visits keep buffers and travel apart."""
    times = [scene.at(9 + number // 4, number % 4 * 15) for number in range(36)]
    replies = await asyncio.gather(*(scene.book(when=when, vendor=scene.vendor.id) for when in times))
    booked = sorted(
        (reply.json for reply in replies if reply.status == 201), key=lambda one: one["scheduled_date"]
    )
    assert len(booked) >= 2
    for earlier, later in itertools.pairwise(booked):
        ends = datetime.fromisoformat(earlier["scheduled_date"]) + timedelta(minutes=120 + 15 + 15)
        assert ends < datetime.fromisoformat(later["scheduled_date"])


async def test_accepting_and_completing_follow_the_document(scene: Scene) -> None:
    """Accept and complete answer as documented; the payment is over the booked price."""
    booking = (await scene.book(vendor=scene.vendor.id)).json
    path = f"/api/bookings/{booking['id']}/"
    accepted = await scene.api.post(f"{path}accept_booking/", token=scene.vendor.token)
    assert (accepted.status, accepted.json) == (200, {"message": "Booking accepted successfully"})
    done = await scene.api.post(f"{path}complete_booking/", token=scene.vendor.token)
    assert done.status == 200
    assert done.json["message"] == "Booking completed successfully"
    intent = done.json["payment_intent"]
    assert shape(intent) == shape({"id": "", "client_secret": "", "amount": 1, "status": ""})
    assert intent["amount"] == round(float(booking["total_price"]) * 100)
    again = await scene.api.post(f"{path}complete_booking/", token=scene.vendor.token)
    assert again.status == 409
    seen = await scene.api.get(path, token=scene.customer.token)
    assert seen.json["status"] == "completed"
    assert seen.json["completion_date"] is not None


async def test_patch_changes_notes_and_status(scene: Scene) -> None:
    """A vendor's PATCH sets notes and starts the work; a customer cannot write the vendor's notes."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/"
    body = {"vendor_notes": "Will arrive 10 minutes early", "status": "in_progress"}
    changed = await scene.api.patch(path, json=body, token=scene.vendor.token)
    assert changed.status == 200
    assert {name: changed.json[name] for name in body} == body
    foreign = await scene.api.patch(path, json={"vendor_notes": "mine"}, token=scene.customer.token)
    assert foreign.status == 400
    assert "vendor_notes" in foreign.json["details"]
    unknown = await scene.api.patch(path, json={"status": "lost"}, token=scene.vendor.token)
    assert unknown.status == 400
    assert "status" in unknown.json["details"]


async def test_a_cancelled_slot_is_free_again_at_once(scene: Scene) -> None:
    """Cancelling by either spelling frees the time for the next customer."""
    for cancel in ("path", "patch"):
        booking = (await scene.book(vendor=scene.vendor.id)).json
        path = f"/api/bookings/{booking['id']}/"
        assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 409
        if cancel == "path":
            reply = await scene.api.post(f"{path}cancel/", token=scene.customer.token)
        else:
            reply = await scene.api.patch(path, json={"status": "cancelled"}, token=scene.customer.token)
        assert reply.status == 200
        freed = await scene.book(scene.other, vendor=scene.vendor.id)
        assert freed.status == 201
        await scene.api.post(f"/api/bookings/{freed.json['id']}/cancel/", token=scene.other.token)


async def test_each_role_sees_its_bookings_and_no_others(scene: Scene) -> None:
    """Parties and admins see a booking; another customer, an unqualified vendor get 404, onboarders 403."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/"
    stranger = await scene.make_vendor("stranger")
    expected = {
        scene.customer: 200,
        scene.vendor: 200,
        scene.ops: 200,
        scene.admin: 200,
        scene.other: 404,
        stranger: 404,
        scene.onboarder: 403,
    }
    for account, status in expected.items():
        assert (await scene.api.get(path, token=account.token)).status == status
    assert (await scene.api.get(path)).status == 401
    counts = {
        account: (await scene.api.get("/api/bookings/", token=account.token)).json.get("count")
        for account in (scene.customer, scene.vendor, scene.ops, scene.other, stranger)
    }
    assert list(counts.values()) == [1, 1, 1, 0, 0]


async def test_only_the_right_role_moves_a_booking(scene: Scene) -> None:
    """Accept and complete are the vendor's; creating is the customer's; cancelling another's is a 404."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/"
    for account in (scene.customer, scene.ops, scene.onboarder):
        assert (await scene.api.post(f"{path}accept_booking/", token=account.token)).status == 403
        assert (await scene.api.post(f"{path}complete_booking/", token=account.token)).status == 403
    assert (await scene.book(scene.vendor)).status == 403
    assert (await scene.api.post(f"{path}cancel/", token=scene.other.token)).status == 404


async def test_an_open_booking_is_offered_to_vendors_with_skill_and_pincode(scene: Scene) -> None:
    """A vendor lists and accepts open bookings they qualify for; one without the skill sees none."""
    unskilled = await scene.make_vendor("unskilled", skills=(scene.short.id,))
    elsewhere = await scene.make_vendor("elsewhere", base="560001", area=("560001",))
    booking = (await scene.book()).json
    for account, count in ((scene.vendor, 1), (unskilled, 0), (elsewhere, 0)):
        listed = await scene.api.get("/api/bookings/", token=account.token, status="pending")
        assert listed.json["count"] == count
    refused = await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=unskilled.token)
    assert refused.status == 404


async def test_filters_combine_and_pages_link(scene: Scene) -> None:
    """status, pincode and scheduled_date narrow together; next and previous keep the filters."""
    for number in range(3):
        await scene.book(when=scene.at(10 + number))
    await scene.book(when=scene.at(10), pincode="110002")
    token, day = scene.customer.token, scene.day.isoformat()
    first = await scene.api.get(
        "/api/bookings/", token=token, pincode="110001", scheduled_date=day, status="pending", page_size=2
    )
    assert (first.json["count"], len(first.json["results"]), first.json["previous"]) == (3, 2, None)
    following = first.json["next"].removeprefix(scene.api.base_url)
    assert "pincode=110001" in following
    second = await scene.api.get(following, token=token)
    assert (len(second.json["results"]), second.json["next"]) == (1, None)
    assert (await scene.api.get("/api/bookings/", token=token, page=99)).status == 404
    assert (await scene.api.get("/api/bookings/", token=token, status="odd")).status == 400
    later = (scene.day + timedelta(days=1)).isoformat()
    assert (await scene.api.get("/api/bookings/", token=token, scheduled_date=later)).json["count"] == 0


@pytest.mark.parametrize(
    ("change", "status", "named"),
    [
        ({"service": None}, 400, "service"),
        ({"service": "1"}, 400, "service"),
        ({"service": {"$gt": ""}}, 400, "service"),
        ({"service": 2**70}, 400, "service"),
        ({"service": 999_999}, 404, "Service"),
        ({"pincode": "999999"}, 404, "Pincode"),
        ({"pincode": 110001}, 400, "pincode"),
        ({"pincode": {"$ne": None}}, 400, "pincode"),
        ({"scheduled_date": "yesterday"}, 400, "scheduled_date"),
        ({"scheduled_date": "2020-01-01T10:00:00Z"}, 400, "scheduled_date"),
        ({"scheduled_date": "2025-01-01T10:00:00"}, 400, "scheduled_date"),
        ({"scheduled_date": "9999-12-31T23:59:59Z"}, 400, "scheduled_date"),
        ({"customer_notes": "x" * 5000}, 400, "customer_notes"),
        ({"customer_notes": "a\x00b"}, 400, "customer_notes"),
        ({"vendor": 424_242}, 404, "rovider"),
        ({"vendor": -1}, 400, "vendor"),
        ({"quote_id": "forged"}, 400, "quote_id"),
        ({"address": "550e8400-e29b-41d4-a716-446655440000"}, 404, "Address"),
        ({"surprise": 1}, 400, "surprise"),
        ({"total_price": "0.01"}, 400, "total_price"),
    ],
)
async def test_bad_input_is_refused_with_the_field_named(
    scene: Scene, change: dict[str, Any], status: int, named: str
) -> None:
    """Missing, wrong-typed, unknown, oversized and malicious input gets the documented 4xx."""
    body = {"service": scene.service.id, "pincode": "110001", "scheduled_date": scene.at(10)} | change
    body = {name: value for name, value in body.items() if value is not None}
    reply = await scene.api.post("/api/bookings/", json=body, token=scene.customer.token)
    assert reply.status == status
    assert named in reply.json["error"]


async def test_a_vendor_outside_hours_or_skill_is_refused(scene: Scene) -> None:
    """Before working hours is a 409 with alternatives; a service the vendor does not offer is a 400."""
    early = await scene.book(when=scene.at(6), vendor=scene.vendor.id)
    assert early.status == 409
    assert early.json["alternatives"]
    odd = await scene.book(service=scene.foreign.id, vendor=scene.vendor.id)
    assert odd.status == 400
    assert "vendor" in odd.json["details"]


async def test_bookings_reach_sixty_days_ahead(scene: Scene) -> None:
    """Beyond the horizon is a 400 that names the field."""
    far = (datetime.now(UTC) + timedelta(days=61)).strftime("%Y-%m-%dT%H:%M:%SZ")
    reply = await scene.book(when=far)
    assert reply.status == 400
    assert "scheduled_date" in reply.json["details"]


LIMITS = AskingLimits(with_one=1, hours_with_one=60, in_all=60, an_hour_with_one=60)


async def test_a_customer_holds_so_much_of_a_vendor_s_time(settings: Settings, services: Endpoints) -> None:
    """Named vendors' time is held at once, and so is limited; what is open to all vendors holds nobody's."""
    small = replace(HOMESERVE_FACE, marketplace=replace(HOMESERVE, asking=LIMITS))
    async with serving(settings, services, [small]) as served:
        scene = await Scene.build(served["homeserve"])
        for _ in range(4):
            assert (await scene.book()).status == 201
        assert (await scene.book(vendor=scene.vendor.id)).status == 201
        refused = await scene.book(vendor=scene.vendor.id, when=scene.at(13))
        assert refused.status == 409
        assert refused.json["error"].startswith("You wait for 1 answers of this provider")
        assert (await scene.book()).status == 201
