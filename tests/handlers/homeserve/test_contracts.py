"""Every documented call answers with the documented status, fields and types; every one has a row."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from handlers.homeserve.face import HOMESERVE_FACE
from server.settings import Settings
from tests.handlers.homeserve.documented import FIXTURES, Example, documented, fits
from tests.handlers.homeserve.scene import Scene

PASSWORD = "correct horse"


@pytest.mark.parametrize("operation", sorted(path.stem for path in FIXTURES.glob("*.json")))
def test_every_documented_call_has_a_row(operation: str) -> None:
    """Its method and path, placeholders aside, are served, with the documented status."""
    example = documented(operation)
    rows = {
        (row.method, re.sub(r"\{(\w+):\w+\}", r"{\1}", row.path)): row.status for row in HOMESERVE_FACE.routes
    }
    status = rows.get((example.method, example.path))
    assert status is not None
    assert example.status in (status, None)


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


def test_fixtures_are_whole() -> None:
    """Each file is one documented call."""
    for path in FIXTURES.glob("*.json"):
        assert set(json.loads(path.read_text())) == {"method", "path", "request", "status", "response"}
