"""Every documented call answers with the documented status, fields and types."""

import re
from pathlib import Path
from typing import Any

import pytest

from server.settings import Settings
from tests.handlers.homeserve.documented import Example, documented, fits
from tests.handlers.homeserve.forms import PDF, picture, post_form
from tests.handlers.homeserve.scene import Scene

PASSWORD = "correct horse"


async def replay(scene: Scene, operation: str, token: str | None, **call: Any) -> Any:
    """Send a documented call, its example's values replaced by real ones, and compare the answer."""
    example: Example = documented(operation)
    path = example.path.replace("{id}", str(call.pop("id", "")))
    reply = await scene.api.call(example.method, path, token=token, **call)
    assert reply.status == (example.status or reply.status), reply.json
    fits(example.response, reply.json)
    return reply.json


async def test_signing_in_is_as_documented(scene: Scene, settings: Settings) -> None:
    """login, refresh, and both ways by code."""
    for name, phone in (("carla", None), ("vera", "+919876543210")):
        body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        body |= {"phone": phone} if phone else {}
        assert (await scene.api.post("/auth/register/", json=body)).status == 201
    signed = await replay(scene, "login", None, json={"username": "carla", "password": PASSWORD})
    await replay(scene, "refresh", None, json={"refresh": signed["refresh"]})
    await replay(scene, "send_otp", None, json=documented("send_otp").request)
    mails = sorted(Path(settings.data_dir, "outbox").glob("mail-*.eml"))
    code = re.findall(r"\b\d{6}\b", mails[-1].read_text())[0]
    await replay(scene, "verify_otp", None, json={**documented("verify_otp").request, "otp": code})
    sent = await replay(scene, "send_vendor_otp", None, json=documented("send_vendor_otp").request)
    fits(documented("send_otp").response, sent)


async def test_booking_is_as_documented(scene: Scene) -> None:
    """Create, list, read, change, accept, complete, with the documented bodies."""
    mine, vendor = scene.customer.token, scene.vendor.token
    asked = documented("create_booking").request | {
        "service": scene.service.id,
        "scheduled_date": scene.at(10),
    }
    booking = await replay(scene, "create_booking", mine, json=asked)
    await replay(scene, "accept_booking", vendor, id=booking["id"])
    await replay(scene, "list_bookings", mine)
    await replay(scene, "get_booking", mine, id=booking["id"])
    changed = await replay(
        scene, "change_booking", vendor, id=booking["id"], json=documented("change_booking").request
    )
    assert changed["status"] == "in_progress"
    await replay(scene, "complete_booking", vendor, id=booking["id"])


async def test_prices_slots_and_routes_are_as_documented(scene: Scene) -> None:
    """Search, both price calls, both slot calls and the day's plan."""
    mine = scene.customer.token
    place = {"service_id": scene.service.id, "pincode": "110001"}
    await replay(scene, "search_vendors", mine, **place)
    await replay(scene, "get_dynamic_price", mine, **place)
    await replay(scene, "predict_prices", mine, json={**documented("predict_prices").request, **place})
    wish = {
        "vendor_id": scene.vendor.id,
        "service_id": scene.service.id,
        "customer_pincode": "110001",
        "preferred_date": scene.day.isoformat(),
    }
    await replay(scene, "list_slots", mine, **wish)
    await replay(scene, "suggest_slot", mine, json=wish)
    for hour, pincode in ((9, "110003"), (12, "110001"), (15, "110003")):
        window = {"start": scene.at(9), "end": scene.at(17)}
        await scene.confirmed(
            service=scene.short.id, when=scene.at(hour), pincode=pincode, arrival_window=window
        )
    await replay(scene, "plan_day", scene.vendor.token, date=scene.day.isoformat())


async def test_photos_and_signatures_are_as_documented(scene: Scene) -> None:
    """Upload, list, delete; request, sign, list."""
    booking = await scene.completed()
    told = {"booking": booking["id"], "image_type": "before", "description": "Before starting work"}
    made = await post_form(scene.api, "/api/photos/", scene.vendor, told, image=("a.jpg", picture()))
    fits(documented("upload_photo").response, made.json)
    await replay(scene, "list_photos", scene.customer.token, booking=booking["id"])
    await replay(scene, "delete_photo", scene.vendor.token, id=made.json["id"])
    asked = await replay(scene, "request_signature", scene.vendor.token, id=booking["id"])
    body = documented("sign_booking").request
    await replay(scene, "sign_booking", scene.customer.token, id=asked["signature_id"], json=body)
    await replay(scene, "list_signatures", scene.customer.token)


async def test_money_is_as_documented(scene: Scene) -> None:
    """Payments, settlement by hand, earnings, their summary and release."""
    await scene.completed()
    listed = await replay(scene, "list_payments", scene.ops.token)
    await replay(scene, "process_manual_payment", scene.ops.token, id=listed["results"][0]["id"])
    earnings = await replay(scene, "list_earnings", scene.vendor.token)
    await replay(scene, "summarise_earnings", scene.vendor.token)
    await replay(scene, "release_payment", scene.ops.token, id=earnings["results"][0]["id"])


async def test_disputes_are_as_documented(scene: Scene) -> None:
    """Create, list, write, read, analyse, resolve, count."""
    booking = await scene.signed()
    asked = documented("create_dispute").request | {"booking_id": booking["id"]}
    dispute = await replay(scene, "create_dispute", scene.customer.token, json=asked)
    path = f"/api/disputes/{dispute['id']}/send_message/"
    sent = await post_form(
        scene.api, path, scene.vendor, {"content": "I will revisit", "message_type": "text"}
    )
    assert sent.status == 201
    fits(documented("send_dispute_message").response, sent.json)
    await replay(scene, "list_dispute_messages", scene.customer.token, id=dispute["id"])
    await replay(scene, "list_disputes", scene.vendor.token)
    analysis = documented("dispute_analysis")
    shown = await scene.api.get(analysis.path.replace("{dispute_id}", dispute["id"]), token=scene.ops.token)
    fits(analysis.response, shown.json)
    outcome = documented("resolve_dispute").request
    await replay(scene, "resolve_dispute", scene.ops.token, id=dispute["id"], json=outcome)
    counted = await scene.api.get("/api/analytics/disputes/", token=scene.ops.token)
    fits(documented("dispute_analytics").response, counted.json)
    assert (counted.json["by_status"]["resolved"], counted.json["by_type"]["quality_issue"]) == (1, 1)
    assert (counted.json["total_disputes"], counted.json["resolution_rate"]) == (1, 100.0)


async def test_applications_are_as_documented(scene: Scene) -> None:
    """Submit, list, review, count."""
    newcomer = scene.other
    told = {
        "full_name": "New Vendor Name",
        "phone": "+919812345678",
        "primary_service_category": "Appliance",
        "services": [scene.service.id],
        "pincode": "110001",
    }
    made = await scene.api.post("/api/vendor-applications/", json=told, token=newcomer.token)
    path = f"/api/vendor-applications/{made.json['id']}/documents/"
    for kind in ("identity", "address"):
        await post_form(scene.api, path, newcomer, {"document_type": kind}, file=("a.pdf", PDF))
    await replay(scene, "submit_application", newcomer.token, id=made.json["id"])
    await replay(scene, "list_applications", scene.onboarder.token)
    body = documented("review_application").request
    await replay(scene, "review_application", scene.onboarder.token, id=made.json["id"], json=body)
    counted = await scene.api.get("/api/analytics/vendor-onboarding/", token=scene.onboarder.token)
    fits({**documented("onboarding_analytics").response}, counted.json)
    assert counted.json["approval_rate"] == 100.0


async def test_performance_is_as_documented(scene: Scene) -> None:
    """A vendor's figures and bonus."""
    await scene.signed()
    await replay(scene, "performance_summary", scene.vendor.token)
    bonus = await replay(scene, "vendor_bonus", scene.vendor.token)
    analysis = bonus["vendor_bonus_analysis"]
    assert sum(analysis["bonus_breakdown"].values()) == pytest.approx(analysis["predicted_bonus"])


async def test_the_dashboard_is_as_documented(scene: Scene) -> None:
    """Caches, pincodes, history, figures, notifications, and a pincode's analysis."""
    await scene.signed()
    admin = scene.admin.token
    await replay(scene, "cache_stats", admin)
    await replay(scene, "clear_cache", admin, json=documented("clear_cache").request)
    scaling = await replay(scene, "pincode_scaling", admin)
    history = documented("edit_history")
    shown = await scene.api.get(history.path, token=admin, model="Booking", action="update")
    fits({**history.response, "data": []}, shown.json)
    assert {one["field"] for entry in shown.json["data"] for one in entry["diff"]} >= {"status"}
    stats = await replay(scene, "dashboard_stats", admin)
    assert stats["pincode_stats"]["total_pincodes_served"] == scaling["summary"]["total_pincodes"]
    found = await scene.api.get(documented("notification_stats").path, token=admin)
    counts = found.json["notification_stats"]
    assert sum(counts["by_method_today"].values()) == counts["total_sent_today"] > 0
    assert sum(counts["by_type_today"].values()) == counts["total_sent_today"]
    started = documented("notification_action")
    answer = await scene.api.post(started.path, json=started.request, token=admin)
    fits(started.response, answer.json)
    task = await scene.api.get(f"/admin-dashboard/tasks/{answer.json['task_id']}/", token=admin)
    assert task.json["state"] == "queued"
    analysis = documented("pincode_analysis")
    analysis.response["pincode_analysis"]["pricing_insights"]["peak_hours"] = []  # nothing has been yet
    shown = await scene.api.get(analysis.path, token=admin, pincode="110001")
    fits(analysis.response, shown.json)
