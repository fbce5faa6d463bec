"""Signatures: asked for after the work, given once, provable, and what they set in motion."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from json import loads
from typing import Any

import pytest

from server import clock
from tests.handlers.homeserve.documented import documented, fits
from tests.handlers.homeserve.scene import Scene

RATING = {"satisfaction_rating": 5, "comments": "Excellent service!"}


async def requested(scene: Scene, **more: Any) -> tuple[str, str]:
    """Give (booking, signature) of finished work whose signature is asked for."""
    booking = await scene.completed(**more)
    path = f"/api/bookings/{booking['id']}/request_signature/"
    answer = await scene.api.post(path, token=scene.vendor.token)
    assert answer.status == 200, answer.json
    return booking["id"], answer.json["signature_id"]


async def sign(scene: Scene, signature_id: str, **changes: Any) -> Any:
    path = f"/api/signatures/{signature_id}/sign/"
    return await scene.api.post(path, json=RATING | changes, token=scene.customer.token)


async def test_a_signature_is_asked_for_on_the_socket(scene: Scene) -> None:
    """The customer hears of the request as documented, and asking again gives the same signature."""
    booking = await scene.completed()
    path = f"/ws/notifications/{scene.customer.id}/"
    socket = await scene.api.listen(path, scene.customer.token)
    ask = f"/api/bookings/{booking['id']}/request_signature/"
    first = await scene.api.post(ask, token=scene.vendor.token)
    again = await scene.api.post(ask, token=scene.vendor.token)
    fits(documented("request_signature").response, first.json)
    assert again.json == first.json
    message = loads(await socket.read_message() or "")
    assert (message["type"], message["data"]["message"]) == (
        "signature_request",
        "Signature requested for AC Repair",
    )
    assert message["data"]["signature_id"] == first.json["signature_id"]


async def test_signing_takes_the_money_and_counts_the_rating(scene: Scene) -> None:
    """A signature completes the payment, opens the earning less the fee, and counts for the vendor."""
    booking_id, signature_id = await requested(scene)
    signed = await sign(scene, signature_id)
    assert (signed.status, signed.json["message"]) == (200, "Booking signed successfully")
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    assert (payment["booking"], payment["status"]) == (booking_id, "completed")
    (earning,) = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    assert float(earning["amount"]) == pytest.approx(float(payment["amount"]) * 0.9)
    assert earning["status"] == "pending"
    vendor = await scene.api.market.stores.users.get(scene.vendor.id)
    assert vendor is not None and (vendor.rating_sum, vendor.rating_count) == (5, 1)


async def test_anybody_can_verify_the_record(scene: Scene) -> None:
    """The record hashes to the hash that signing gave; a record that was tampered with is not valid."""
    _, signature_id = await requested(scene)
    digest = (await sign(scene, signature_id)).json["signature_hash"]
    path = f"/api/signatures/{signature_id}/verify/"
    shown = (await scene.api.get(path, token=scene.vendor.token)).json
    assert shown["is_valid"] and shown["signature_hash"] == digest
    assert sha256(shown["record"].encode()).hexdigest() == digest
    assert {"rating": 5, "signed_by": scene.customer.id}.items() <= loads(shown["record"]).items()
    await scene.api.market.stores.signatures.change(signature_id, {"rating": 1})
    assert (await scene.api.get(path, token=scene.vendor.token)).json["is_valid"] is False


async def test_of_many_signings_one_counts(scene: Scene) -> None:
    """Ten at once: one succeeds, nine are conflicts, the rating counts once, the money moves once."""
    _, signature_id = await requested(scene)
    answers = await asyncio.gather(*(sign(scene, signature_id) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    vendor = await scene.api.market.stores.users.get(scene.vendor.id)
    assert vendor is not None and vendor.rating_count == 1
    assert (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["count"] == 1


async def test_a_signature_expires(scene: Scene) -> None:
    """After 48 hours nobody can sign, both hear of it, and the vendor may ask anew."""
    booking_id, signature_id = await requested(scene)
    store = scene.api.market.stores.signatures
    await store.change(signature_id, {"expires_at": clock.now() - timedelta(seconds=1)})
    assert (await sign(scene, signature_id)).status == 409
    listed = await scene.api.get("/api/signatures/", token=scene.customer.token)
    assert listed.json["results"][0]["status"] == "expired"
    assert await scene.api.market.signatures.expire_due() == 1
    assert await scene.api.market.signatures.expire_due() == 0
    told = await scene.api.get("/api/notifications/", token=scene.vendor.token, kind="signature_expired")
    assert told.json["count"] == 1
    path = f"/api/bookings/{booking_id}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).json["signature_id"] == signature_id
    assert (await sign(scene, signature_id)).status == 200


async def test_a_refusal_opens_a_dispute_on_request(scene: Scene) -> None:
    """Who refuses may say why and have it disputed; the refused signature cannot be given any more."""
    booking_id, signature_id = await requested(scene)
    path = f"/api/signatures/{signature_id}/refuse/"
    body = {"reason": "It still leaks", "open_dispute": True}
    assert (await scene.api.post(path, json=body, token=scene.customer.token)).status == 200
    (dispute,) = (await scene.api.get("/api/disputes/", token=scene.vendor.token)).json["results"]
    assert (dispute["booking"], dispute["dispute_type"]) == (booking_id, "signature_refusal")
    assert (await sign(scene, signature_id)).status == 409


async def test_who_may(scene: Scene) -> None:
    """Only the booking's vendor asks, only its customer signs; others do not even see it."""
    booking_id, signature_id = await requested(scene)
    rival = await scene.make_vendor("vendor2")
    ask, one = f"/api/bookings/{booking_id}/request_signature/", f"/api/signatures/{signature_id}/"
    assert (await scene.api.post(ask, token=rival.token)).status == 404
    assert (await scene.api.post(ask, token=scene.customer.token)).status == 403
    for account in (scene.other, rival):
        assert (await scene.api.get(one, token=account.token)).status == 404
    assert (await scene.api.post(f"{one}sign/", json=RATING, token=scene.other.token)).status == 404
    for account in (scene.vendor, scene.ops, scene.admin):
        assert (await scene.api.post(f"{one}sign/", json=RATING, token=account.token)).status == 403
        assert (await scene.api.get(one, token=account.token)).status == 200
    assert (await scene.api.get(one, token=scene.onboarder.token)).status == 403


async def test_nothing_to_sign_before_the_work(scene: Scene) -> None:
    """A booking that is not finished is a conflict."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 409


@pytest.mark.parametrize(
    "changes", [{"satisfaction_rating": 0}, {"satisfaction_rating": 6}, {"satisfaction_rating": None}]
)
async def test_a_rating_is_one_to_five(scene: Scene, changes: dict[str, Any]) -> None:
    """A rating that is none is a 400 that names it, and nothing is signed."""
    _, signature_id = await requested(scene)
    answer = await sign(scene, signature_id, **changes)
    assert answer.status == 400
    assert "satisfaction_rating" in answer.json["error"]
    assert (await sign(scene, signature_id)).status == 200


async def test_documented_shapes(scene: Scene) -> None:
    """The list and the answer to signing have the documented fields and types."""
    _, signature_id = await requested(scene)
    signed = await sign(scene, signature_id)
    fits(documented("sign_booking").response, signed.json)
    listed = await scene.api.get("/api/signatures/", token=scene.customer.token)
    fits(documented("list_signatures").response, listed.json)
