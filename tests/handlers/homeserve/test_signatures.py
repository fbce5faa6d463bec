"""Signatures: asked for after the work, given once, provable, and what they set in motion."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.handlers.client import heard
from tests.handlers.homeserve.documented import documented, fits
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.signing import RATING, requested, run_out, sign


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
    message = await heard(socket, "signature_request")
    assert message["data"] == {
        "signature_id": first.json["signature_id"],
        "booking_id": booking["id"],
        "message": "Signature requested for AC Repair",
        "timestamp": message["data"]["timestamp"],
    }


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


async def test_of_many_requests_one_opens(scene: Scene) -> None:
    """Ten requests at once give one signature, and the customer hears of it once."""
    booking = await scene.completed()
    path = f"/api/bookings/{booking['id']}/request_signature/"
    answers = await asyncio.gather(*(scene.api.post(path, token=scene.vendor.token) for _ in range(10)))
    assert [answer.status for answer in answers] == [200] * 10
    assert len({answer.json["signature_id"] for answer in answers}) == 1
    told = await scene.api.get("/api/notifications/", token=scene.customer.token, kind="signature_request")
    assert told.json["count"] == 1


async def test_of_many_signings_one_counts(scene: Scene) -> None:
    """Ten at once: one succeeds, nine are conflicts, the rating counts once, the money moves once."""
    _, signature_id = await requested(scene)
    answers = await asyncio.gather(*(sign(scene, signature_id) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    vendor = await scene.api.market.stores.users.get(scene.vendor.id)
    assert vendor is not None and vendor.rating_count == 1
    assert (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["count"] == 1


async def test_signing_or_refusing(scene: Scene) -> None:
    """Signed and refused at once: one counts, the other is a conflict; money moves only if it was signed."""
    _, signature_id = await requested(scene)
    refuse = f"/api/signatures/{signature_id}/refuse/"
    signed, refused = await asyncio.gather(
        sign(scene, signature_id),
        scene.api.post(refuse, json={"reason": "It still leaks"}, token=scene.customer.token),
    )
    assert sorted((signed.status, refused.status)) == [200, 409]
    earnings = await scene.api.get("/api/earnings/", token=scene.vendor.token)
    assert earnings.json["count"] == (1 if signed.status == 200 else 0)


async def test_signing_again_changes_nothing(scene: Scene) -> None:
    """A second signature is a conflict, also with another rating, and the vendor cannot ask anew."""
    booking_id, signature_id = await requested(scene)
    digest = (await sign(scene, signature_id)).json["signature_hash"]
    again = await sign(scene, signature_id, satisfaction_rating=1)
    assert (again.status, again.json) == (409, {"error": "The signature is signed."})
    ask = f"/api/bookings/{booking_id}/request_signature/"
    assert (await scene.api.post(ask, token=scene.vendor.token)).status == 409
    shown = (await scene.api.get(f"/api/signatures/{signature_id}/", token=scene.vendor.token)).json
    assert (shown["signature_hash"], shown["satisfaction_rating"]) == (digest, 5)


async def test_a_repetition_with_its_key_gives_the_same_answer(scene: Scene) -> None:
    """Signing sent again under its key answers as it did, and counts once."""
    _, signature_id = await requested(scene)
    path, headers = f"/api/signatures/{signature_id}/sign/", {"Idempotency-Key": "sign-1"}
    first, again = [
        await scene.api.post(path, json=RATING, token=scene.customer.token, headers=headers) for _ in range(2)
    ]
    assert (first.status, again.status, again.json) == (200, 200, first.json)
    vendor = await scene.api.market.stores.users.get(scene.vendor.id)
    assert vendor is not None and vendor.rating_count == 1


async def test_a_signature_expires(scene: Scene) -> None:
    """After 48 hours nobody can sign, both hear of it once, and the vendor may ask anew."""
    booking_id, signature_id = await requested(scene)
    await run_out(scene, signature_id)
    assert (await sign(scene, signature_id)).status == 409
    signatures = scene.api.market.signatures
    counts = await asyncio.gather(*(signatures.expire_due() for _ in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    for account in (scene.vendor, scene.customer):
        told = await scene.api.get("/api/notifications/", token=account.token, kind="signature_expired")
        assert told.json["count"] == 1
    path = f"/api/bookings/{booking_id}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).json["signature_id"] == signature_id
    assert (await sign(scene, signature_id)).status == 200


async def test_an_expired_signature_opens_anew_before_the_job_came(scene: Scene) -> None:
    """Asked for again after its time, it is open for another 48 hours, and the job leaves it alone."""
    booking_id, signature_id = await requested(scene)
    await run_out(scene, signature_id)
    path = f"/api/bookings/{booking_id}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).json["signature_id"] == signature_id
    assert await scene.api.market.signatures.expire_due() == 0
    shown = (await scene.api.get(f"/api/signatures/{signature_id}/", token=scene.customer.token)).json
    asked, ends = (datetime.fromisoformat(shown[name]) for name in ("requested_at", "expires_at"))
    assert (shown["status"], ends - asked) == ("pending", timedelta(hours=48))


@pytest.mark.parametrize("has_job_run", [False, True])
async def test_the_filter_agrees_with_what_is_shown(scene: Scene, *, has_job_run: bool) -> None:
    """Once its time is over a signature is listed as expired alone, whether or not the job came by."""
    _, signature_id = await requested(scene)
    await run_out(scene, signature_id)
    if has_job_run:
        await scene.api.market.signatures.expire_due()
    for account in (scene.customer, scene.vendor, scene.ops):
        found = {
            status: (await scene.api.get("/api/signatures/", token=account.token, status=status)).json
            for status in ("pending", "signed", "refused", "expired")
        }
        assert {status: page["count"] for status, page in found.items()} == {
            "pending": 0,
            "signed": 0,
            "refused": 0,
            "expired": 1,
        }
        assert found["expired"]["results"][0]["status"] == "expired"


async def test_pages_and_filters(scene: Scene) -> None:
    """Signatures come in pages, newest first, of one booking alone when one is named."""
    made = [await requested(scene, when=scene.at(hour), service=scene.short.id) for hour in (9, 12, 15)]
    await sign(scene, made[0][1])
    for account in (scene.customer, scene.vendor, scene.admin):
        page = await scene.api.get("/api/signatures/", token=account.token, page_size=2)
        assert (page.json["count"], [one["id"] for one in page.json["results"]]) == (
            3,
            [made[2][1], made[1][1]],
        )
        one = await scene.api.get("/api/signatures/", token=account.token, booking=made[1][0])
        assert [found["id"] for found in one.json["results"]] == [made[1][1]]
        both = {"booking": made[1][0], "status": "signed"}
        assert (await scene.api.get("/api/signatures/", token=account.token, **both)).json["count"] == 0
        assert (await scene.api.get("/api/signatures/", token=account.token, status="new")).status == 400
    assert (await scene.api.get("/api/signatures/", token=scene.other.token)).json["count"] == 0


async def test_a_refusal_opens_a_dispute_on_request(scene: Scene) -> None:
    """Who refuses may say why and have it disputed; the refused signature cannot be given any more."""
    booking_id, signature_id = await requested(scene)
    path = f"/api/signatures/{signature_id}/refuse/"
    body = {"reason": "It still leaks", "open_dispute": True}
    assert (await scene.api.post(path, json=body, token=scene.customer.token)).status == 200
    (dispute,) = (await scene.api.get("/api/disputes/", token=scene.vendor.token)).json["results"]
    assert (dispute["booking"], dispute["dispute_type"]) == (booking_id, "signature_refusal")
    assert (await sign(scene, signature_id)).status == 409
    assert (await scene.api.post(path, json=body, token=scene.customer.token)).status == 409


async def test_a_refusal_tells_the_vendor_why(scene: Scene) -> None:
    """Without a dispute wanted none is opened; the vendor reads the reason, makes good, and asks anew."""
    booking_id, signature_id = await requested(scene)
    one = f"/api/signatures/{signature_id}/"
    assert (
        await scene.api.post(f"{one}refuse/", json={"reason": "It leaks"}, token=scene.customer.token)
    ).status == 200
    shown = (await scene.api.get(one, token=scene.vendor.token)).json
    assert (shown["status"], shown["refusal_reason"], shown["signed_by"]) == ("refused", "It leaks", None)
    told = await scene.api.get("/api/notifications/", token=scene.vendor.token, kind="signature_refused")
    assert told.json["count"] == 1
    assert (await scene.api.get("/api/disputes/", token=scene.vendor.token)).json["count"] == 0
    ask = f"/api/bookings/{booking_id}/request_signature/"
    assert (await scene.api.post(ask, token=scene.vendor.token)).json["signature_id"] == signature_id
    assert (await sign(scene, signature_id)).status == 200


async def test_a_refusal_without_a_reason_is_refused(scene: Scene) -> None:
    """A reason is required, and named when it is missing or empty; the signature stays open."""
    _, signature_id = await requested(scene)
    path = f"/api/signatures/{signature_id}/refuse/"
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "open_dispute": "maybe"}):
        answer = await scene.api.post(path, json=body, token=scene.customer.token)
        assert answer.status == 400, body
    assert (await sign(scene, signature_id)).status == 200


async def test_every_change_is_audited(scene: Scene) -> None:
    """Request, expiry, renewal, refusal and signature each leave an entry that names who did it."""
    booking_id, signature_id = await requested(scene)
    await run_out(scene, signature_id)
    await scene.api.market.signatures.expire_due()
    ask = f"/api/bookings/{booking_id}/request_signature/"
    await scene.api.post(ask, token=scene.vendor.token)
    refuse = f"/api/signatures/{signature_id}/refuse/"
    await scene.api.post(refuse, json={"reason": "It leaks"}, token=scene.customer.token)
    await scene.api.post(ask, token=scene.vendor.token)
    await sign(scene, signature_id)
    kept = await scene.api.market.stores.changes.find({"subject": "Signature"}, sort=(("_id", 1),))
    assert [(entry.user_id, entry.new.get("state")) for entry in kept] == [
        (scene.vendor.id, "pending"),
        (None, "expired"),
        (scene.vendor.id, "pending"),
        (scene.customer.id, "refused"),
        (scene.vendor.id, "pending"),
        (scene.customer.id, "signed"),
    ]


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
        refusal = {"reason": "I refuse"}
        assert (await scene.api.post(f"{one}refuse/", json=refusal, token=account.token)).status == 403
        assert (await scene.api.get(one, token=account.token)).status == 200
    refusal = {"reason": "I refuse"}
    assert (await scene.api.post(f"{one}refuse/", json=refusal, token=scene.other.token)).status == 404
    assert (await scene.api.get(f"{one}verify/", token=rival.token)).status == 404
    for path in (one, f"{one}verify/", "/api/signatures/"):
        assert (await scene.api.get(path, token=scene.onboarder.token)).status == 403
        assert (await scene.api.get(path)).status == 401
    assert (await sign(scene, signature_id)).status == 200


async def test_nothing_to_sign_before_the_work(scene: Scene) -> None:
    """A booking that is open, agreed, underway or called off is a conflict; one that does not exist a 404."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 409
    one = f"/api/bookings/{booking['id']}/"
    await scene.api.patch(one, json={"status": "in_progress"}, token=scene.vendor.token)
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 409
    offered = (await scene.book(when=scene.at(15), vendor=scene.vendor.id)).json
    path = f"/api/bookings/{offered['id']}/request_signature/"
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 409
    await scene.api.post(f"/api/bookings/{offered['id']}/cancel/", json={}, token=scene.customer.token)
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 409
    unknown = "/api/bookings/550e8400-e29b-41d4-a716-446655440000/request_signature/"
    assert (await scene.api.post(unknown, token=scene.vendor.token)).status == 404


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
