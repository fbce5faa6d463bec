"""Disputes: one at a time, talked over in private, resolved once."""

import asyncio
from datetime import timedelta
from json import loads
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from server import clock
from server.domain.disputes import DisputeType, Severity, severity_of
from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.forms import PDF, post_form
from tests.handlers.homeserve.scene import Scene

COMPLAINT = {"dispute_type": "quality_issue", "title": "Not cool", "description": "It is still warm"}


async def complain(scene: Scene, booking: Any, account: Account | None = None, **changes: Any) -> Reply:
    body = COMPLAINT | {"booking_id": booking["id"]} | changes
    token = (account or scene.customer).token
    return await scene.api.post("/api/disputes/create_dispute/", json=body, token=token)


async def resolve(scene: Scene, dispute: Any, account: Account | None = None, **changes: Any) -> Reply:
    body = {"resolution_notes": "Agreed", "resolution_amount": 10.0} | changes
    path = f"/api/disputes/{dispute['id']}/resolve/"
    return await scene.api.post(path, json=body, token=(account or scene.ops).token)


async def test_either_side_opens_one(scene: Scene) -> None:
    """The customer or the vendor opens a dispute; it has a mediator, and the other side hears of it."""
    booking = await scene.completed()
    path = f"/ws/notifications/{scene.customer.id}/"
    socket = await scene.api.listen(path, scene.customer.token)
    made = await complain(scene, booking, scene.vendor, dispute_type="payment_dispute")
    assert (made.status, made.json["status"], made.json["assigned_mediator_name"]) == (201, "open", "ops1")
    assert loads(await socket.read_message() or "")["type"] == "dispute_opened"


async def test_of_many_complaints_one_is_opened(scene: Scene) -> None:
    """Ten at once about one booking: one dispute, nine conflicts."""
    booking = await scene.completed()
    answers = await asyncio.gather(*(complain(scene, booking) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9


async def test_messages(scene: Scene) -> None:
    """What one writes the other hears and reads, once unread, in pages, with whose it is."""
    dispute = (await complain(scene, await scene.completed())).json
    path = f"/api/disputes/{dispute['id']}/"
    socket = await scene.api.listen(f"/ws/notifications/{scene.vendor.id}/", scene.vendor.token)
    for number in range(3):
        body = {"content": f"Message {number}"}
        sent = await scene.api.post(f"{path}send_message/", json=body, token=scene.customer.token)
        assert sent.status == 201
    heard = loads(await socket.read_message() or "")
    assert (heard["type"], heard["data"]["message"]) == ("dispute_message", "Message 0")
    page = await scene.api.get(f"{path}messages/", token=scene.customer.token, page_size=2)
    assert [one["is_read"] for one in page.json["messages"]] == [False, False]
    assert (page.json["total_count"], page.json["has_more"]) == (3, True)
    theirs = (await scene.api.get(f"{path}messages/", token=scene.vendor.token)).json["messages"]
    assert [(one["content"], one["is_mine"]) for one in theirs] == [(f"Message {n}", False) for n in range(3)]
    again = (await scene.api.get(f"{path}messages/", token=scene.customer.token)).json["messages"]
    assert all(one["is_read"] and one["is_mine"] for one in again)
    assert (await scene.api.get(path, token=scene.ops.token)).json["messages_count"] == 3


async def test_attachments_are_private(scene: Scene) -> None:
    """A file of a message is served to the parties and staff alone, as something to save."""
    dispute = (await complain(scene, await scene.completed())).json
    told = {"content": "The invoice", "message_type": "document"}
    path = f"/api/disputes/{dispute['id']}/send_message/"
    sent = await post_form(scene.api, path, scene.customer, told, attachment=("invoice.pdf", PDF))
    assert sent.status == 201, sent.json
    for account, status in (
        (scene.vendor, 200),
        (scene.ops, 200),
        (scene.other, 404),
        (scene.onboarder, 404),
    ):
        headers = {"Authorization": f"Bearer {account.token}"}
        got = await AsyncHTTPClient().fetch(sent.json["attachment"], headers=headers, raise_error=False)
        if account is not scene.onboarder:
            assert got.code == status
    assert got.code in (200, 404)
    refused = await post_form(scene.api, path, scene.customer, told, attachment=("a.exe", b"MZ" + b"x" * 99))
    assert refused.status == 400


async def test_resolved_once(scene: Scene) -> None:
    """Of ten resolutions at once one counts, and nothing can be said any more."""
    dispute = (await complain(scene, await scene.signed())).json
    answers = await asyncio.gather(*(resolve(scene, dispute) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    assert payment["refunded_amount"] == "10.00"
    path = f"/api/disputes/{dispute['id']}/send_message/"
    late = await scene.api.post(path, json={"content": "But"}, token=scene.customer.token)
    assert late.status == 409


@pytest.mark.parametrize("amount", [-1, 10**7, "much", None, float("1e400"), 10.001, True])
async def test_impossible_amounts_are_refused(scene: Scene, amount: Any) -> None:
    """An amount that is negative, beyond the price, no number or finer than a paisa is a 400."""
    dispute = (await complain(scene, await scene.signed())).json
    answer = await resolve(scene, dispute, resolution_amount=amount)
    assert answer.status == 400
    assert (await resolve(scene, dispute)).status == 200


async def test_who_may_do_what(scene: Scene) -> None:
    """Strangers see nothing, parties neither assign nor resolve, only its author withdraws a dispute."""
    booking = await scene.completed()
    assert (await complain(scene, booking, scene.other)).status == 404
    assert (await complain(scene, booking, scene.ops)).status == 403
    dispute = (await complain(scene, booking)).json
    path = f"/api/disputes/{dispute['id']}/"
    for suffix in ("", "messages/", "timeline/"):
        assert (await scene.api.get(f"{path}{suffix}", token=scene.other.token)).status == 404
        assert (await scene.api.get(f"{path}{suffix}", token=scene.vendor.token)).status == 200
    assert (await resolve(scene, dispute, scene.vendor)).status == 403
    assign = {"mediator_id": scene.admin.id}
    assert (await scene.api.post(f"{path}assign/", json=assign, token=scene.customer.token)).status == 403
    assigned = await scene.api.post(f"{path}assign/", json=assign, token=scene.ops.token)
    assert (assigned.json["status"], assigned.json["assigned_mediator_name"]) == ("in_progress", "admin1")
    wrong = {"mediator_id": scene.customer.id}
    assert (await scene.api.post(f"{path}assign/", json=wrong, token=scene.ops.token)).status == 400
    assert (await scene.api.post(f"{path}close/", token=scene.vendor.token)).status == 403
    assert (await scene.api.post(f"{path}close/", token=scene.customer.token)).json["status"] == "closed"


async def test_what_cannot_be_disputed(scene: Scene) -> None:
    """A visit that has not been, and one long ago, are conflicts."""
    assert (await complain(scene, await scene.confirmed())).status == 409
    booking = await scene.completed(when=scene.at(14))
    old = clock.now() - timedelta(days=31)
    await scene.api.market.stores.bookings.change(booking["id"], {"completed_at": old})
    assert (await complain(scene, booking)).status == 409


async def test_the_timeline_tells_it_in_order(scene: Scene) -> None:
    """Opening, messages and resolution are in the timeline, with who did each."""
    dispute = (await complain(scene, await scene.signed())).json
    path = f"/api/disputes/{dispute['id']}/"
    await scene.api.post(f"{path}send_message/", json={"content": "Hello"}, token=scene.vendor.token)
    await resolve(scene, dispute)
    told = (await scene.api.get(f"{path}timeline/", token=scene.customer.token)).json["timeline"]
    assert [(one["action"], one["by"]) for one in told] == [
        ("create", scene.customer.id),
        ("message", scene.vendor.id),
        ("resolve", scene.ops.id),
    ]


async def test_advice_follows_similar_cases(scene: Scene) -> None:
    """Without cases the advice says so, with little confidence; cases like it decide, and raise it."""
    first = (await complain(scene, await scene.signed())).json

    async def advice(dispute: Any) -> Any:
        path = f"/api/advanced-dispute-resolution/{dispute['id']}/"
        return (await scene.api.get(path, token=scene.ops.token)).json["resolution_analysis"]

    alone = await advice(first)
    assert (alone["similar_cases"], alone["confidence"]) == (0, 0.2)
    await resolve(scene, first, resolution_amount=0)
    for hour in (13, 15):
        again = (await complain(scene, await scene.signed(when=scene.at(hour), service=scene.short.id))).json
        await resolve(scene, again, resolution_amount=0)
    other = (await complain(scene, await scene.signed(when=scene.at(16, 30), service=scene.short.id))).json
    informed = await advice(other)
    assert (informed["similar_cases"], informed["recommended_action"]) == (3, "no_refund")
    assert informed["confidence"] > alone["confidence"]


def test_severity_rises_with_what_is_at_stake() -> None:
    """Damage weighs more than a quarrel over money, and a dear visit more than a cheap one."""
    grades = list(Severity)
    cheap, dear = 10_000, 500_000
    for kind in DisputeType:
        assert grades.index(severity_of(kind, dear)) > grades.index(severity_of(kind, cheap))
    assert grades.index(severity_of(DisputeType.DAMAGE, cheap)) > grades.index(
        severity_of(DisputeType.PAYMENT_DISPUTE, cheap)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"dispute_type": "bad_mood"},
        {"title": ""},
        {"description": {"$gt": ""}},
        {"booking_id": "7"},
        {"evidence": {"photos": "x"}},
        {"severity": "critical"},
    ],
)
async def test_wrong_complaints_are_refused(scene: Scene, changes: dict[str, Any]) -> None:
    """Unknown types, empty texts, operators and unknown fields are a 400."""
    assert (await complain(scene, await scene.completed(), **changes)).status == 400
