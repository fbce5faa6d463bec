"""Disputes: one at a time a booking, private to its parties and mediators, withdrawn by their author."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from server import clock
from tests.handlers.client import Reply, heard
from tests.handlers.homeserve.complaints import complain, earnings, resolve, say
from tests.handlers.homeserve.scene import Scene


async def test_either_side_opens_one(scene: Scene) -> None:
    """The customer or the vendor opens a dispute; the other side and the mediator hear of it."""
    booking = await scene.completed()
    socket = await scene.api.listen(f"/ws/notifications/{scene.customer.id}/", scene.customer.token)
    made = await complain(scene, booking, scene.vendor, dispute_type="payment_dispute")
    assert (made.status, made.json["status"], made.json["assigned_mediator_name"]) == (201, "open", "ops1")
    told = await heard(socket, "dispute_opened")
    assert told["data"]["dispute_id"] == made.json["id"]
    for account, count in ((scene.ops, 1), (scene.vendor, 0), (scene.admin, 0)):
        told = await scene.api.get("/api/notifications/", token=account.token, kind="dispute_opened")
        assert told.json["count"] == count


async def test_of_many_complaints_one_is_opened(scene: Scene) -> None:
    """Ten at once by both sides about one booking: one dispute, nine conflicts."""
    booking = await scene.completed()
    sides = (scene.customer, scene.vendor) * 5
    answers = await asyncio.gather(*(complain(scene, booking, side) for side in sides))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    assert (await scene.api.get("/api/disputes/", token=scene.ops.token)).json["count"] == 1


async def test_the_next_one_may_follow_the_end(scene: Scene) -> None:
    """After a dispute was resolved or withdrawn the booking may be disputed again."""
    booking = await scene.signed()
    assert (await resolve(scene, (await complain(scene, booking)).json)).status == 200
    again = (await complain(scene, booking)).json
    path = f"/api/disputes/{again['id']}/close/"
    assert (await scene.api.post(path, token=scene.customer.token)).json["status"] == "closed"
    assert (await complain(scene, booking)).status == 201


async def test_the_least_busy_mediates(scene: Scene) -> None:
    """A new dispute goes to whoever of the mediators has the fewest unsettled ones."""
    names = []
    for hour in (9, 11, 13):
        booking = await scene.completed(when=scene.at(hour), service=scene.short.id)
        names.append((await complain(scene, booking)).json["assigned_mediator_name"])
    assert names == ["ops1", "admin1", "ops1"]


async def test_the_earning_is_on_hold_meanwhile(scene: Scene) -> None:
    """While a dispute is unsettled the vendor's earning cannot be released; withdrawn, it can."""
    dispute = (await complain(scene, await scene.signed())).json
    (earning,) = await earnings(scene)
    release = f"/api/earnings/{earning['id']}/release_payment/"
    assert earning["status"] == "on_hold"
    assert (await scene.api.post(release, token=scene.ops.token)).status == 409
    await scene.api.post(f"/api/disputes/{dispute['id']}/close/", token=scene.customer.token)
    assert (await earnings(scene))[0]["status"] == "pending"
    assert (await scene.api.post(release, token=scene.ops.token)).status == 200


async def test_an_earning_that_comes_later_is_held_too(scene: Scene) -> None:
    """A payment that completes while a dispute is open makes an earning on hold."""
    booking = await scene.completed()
    await complain(scene, booking)
    (payment,) = (await scene.api.get("/api/payments/", token=scene.ops.token)).json["results"]
    path = f"/api/payments/{payment['id']}/process_manual_payment/"
    assert (await scene.api.post(path, token=scene.ops.token)).status == 200
    assert (await earnings(scene))[0]["status"] == "on_hold"


async def test_paying_and_complaining_at_once(scene: Scene) -> None:
    """However a payment meets the beginning or end of a dispute, the earning is held exactly meanwhile."""

    async def pay(booking: Any) -> Reply:
        listed = await scene.api.get("/api/payments/", token=scene.ops.token, booking=booking["id"])
        path = f"/api/payments/{listed.json['results'][0]['id']}/process_manual_payment/"
        return await scene.api.post(path, token=scene.ops.token)

    hours = (9, 10, 11, 12, 13, 14, 15, 16)
    bookings = []
    for vendor in (scene.vendor, await scene.make_vendor("vendor2")):
        for hour in hours[::2]:
            booking = (await scene.book(when=scene.at(hour), service=scene.short.id, vendor=vendor.id)).json
            for move in ("accept", "complete"):
                await scene.api.post(f"/api/bookings/{booking['id']}/{move}_booking/", token=vendor.token)
            bookings.append(booking)
    first, second = bookings[:4], bookings[4:]
    disputes = [(await complain(scene, booking)).json for booking in second]
    calls = [call for booking in first for call in (pay(booking), complain(scene, booking))]
    for booking, dispute in zip(second, disputes, strict=True):
        calls += [pay(booking), resolve(scene, dispute, resolution_amount=0)]
    answers = await asyncio.gather(*calls)
    assert {answer.status for answer in answers} <= {200, 201}
    for wanted, paid in (("on_hold", first), ("pending", second)):
        for booking in paid:
            (earning,) = await scene.api.market.stores.earnings.of_booking(booking["id"])
            assert earning.status == wanted


async def test_lists_narrow_and_page(scene: Scene) -> None:
    """Parties list their own, admins all, newest first, narrowed by every filter together."""
    kinds = ("quality_issue", "damage", "quality_issue")
    bookings = [await scene.completed(when=scene.at(hour), service=scene.short.id) for hour in (9, 11, 13)]
    made = [
        (await complain(scene, booking, dispute_type=kind)).json
        for booking, kind in zip(bookings, kinds, strict=True)
    ]

    async def listed(account: Any, **query: Any) -> Any:
        return (await scene.api.get("/api/disputes/", token=account.token, **query)).json

    newest = [one["id"] for one in reversed(made)]
    for account in (scene.customer, scene.vendor, scene.ops, scene.admin):
        assert [one["id"] for one in (await listed(account))["results"]] == newest
    assert (await listed(scene.other))["count"] == 0
    page = await listed(scene.ops, page_size=2)
    assert (page["count"], len(page["results"]), bool(page["next"])) == (3, 2, True)
    narrowed = {"status": "open", "dispute_type": "damage", "severity": made[1]["severity"]}
    for account in (scene.customer, scene.vendor, scene.ops):
        found = await listed(account, **narrowed, booking=bookings[1]["id"])
        assert [one["id"] for one in found["results"]] == [made[1]["id"]]
        assert (await listed(account, **narrowed, booking=bookings[0]["id"]))["count"] == 0
    assert (await scene.api.get("/api/disputes/?status=odd", token=scene.ops.token)).status == 400


async def test_lists_tell_what_is_unread(scene: Scene) -> None:
    """A row counts the messages that are for the caller and that they have not read."""
    dispute = (await complain(scene, await scene.completed())).json
    await say(scene, dispute, scene.customer)
    await say(scene, dispute, scene.ops)
    counts = []
    for account in (scene.customer, scene.vendor, scene.ops):
        (row,) = (await scene.api.get("/api/disputes/", token=account.token)).json["results"]
        counts.append((row["messages_count"], row["unread_count"]))
    assert counts == [(2, 1), (2, 2), (2, 0)]


async def test_who_may_do_what(scene: Scene) -> None:
    """Strangers see nothing, staff do not complain, only its author or a mediator withdraws a dispute."""
    rival = await scene.make_vendor("vendor2")
    booking = await scene.completed()
    for account, status in (
        (scene.other, 404),
        (rival, 404),
        (scene.ops, 403),
        (scene.admin, 403),
        (scene.onboarder, 403),
    ):
        assert (await complain(scene, booking, account)).status == status
    dispute = (await complain(scene, booking)).json
    path = f"/api/disputes/{dispute['id']}/"
    for suffix in ("", "messages/", "timeline/"):
        for account in (scene.other, rival):
            assert (await scene.api.get(f"{path}{suffix}", token=account.token)).status == 404
        for account in (scene.customer, scene.vendor, scene.ops, scene.admin):
            assert (await scene.api.get(f"{path}{suffix}", token=account.token)).status == 200
        assert (await scene.api.get(f"{path}{suffix}", token=scene.onboarder.token)).status == 403
    for account, status in ((scene.other, 404), (rival, 404), (scene.vendor, 403), (scene.customer, 200)):
        assert (await scene.api.post(f"{path}close/", token=account.token)).status == status
    assert (await scene.api.post(f"{path}close/", token=scene.customer.token)).status == 409


async def test_what_cannot_be_disputed(scene: Scene) -> None:
    """A visit that has not been, and one long ago, are conflicts; one called off can be disputed."""
    pending = (await scene.book(when=scene.at(9), service=scene.short.id)).json
    assert (await complain(scene, pending)).status == 409
    assert (await complain(scene, await scene.confirmed())).status == 409
    booking = await scene.completed(when=scene.at(14), service=scene.short.id)
    old = clock.now() - timedelta(days=31)
    await scene.api.market.stores.bookings.change(booking["id"], {"completed_at": old})
    assert (await complain(scene, booking)).status == 409
    cancelled = await scene.confirmed(when=scene.at(16), service=scene.short.id)
    path = f"/api/bookings/{cancelled['id']}/cancel/"
    assert (await scene.api.post(path, json={}, token=scene.vendor.token)).status == 200
    assert (await complain(scene, cancelled, dispute_type="no_show")).status == 201


async def test_severity_follows_what_is_said_and_shown(scene: Scene) -> None:
    """The documented complaint is of medium severity; damage is graver, a quarrel over money is not."""
    grades = []
    for hour, kind, photos in ((9, "quality_issue", ["a"]), (11, "damage", []), (13, "payment_dispute", [])):
        booking = await scene.completed(when=scene.at(hour), service=scene.short.id)
        evidence = {"photos": photos, "notes": "Temperature still 30°C"}
        made = await complain(scene, booking, dispute_type=kind, evidence=evidence)
        assert made.json["evidence"] == evidence
        grades.append(made.json["severity"])
    assert grades == ["medium", "high", "low"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"dispute_type": "bad_mood"}, "dispute_type"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"description": {"$gt": ""}}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"booking_id": "7"}, "booking_id"),
        ({"evidence": {"photos": "x"}}, "evidence"),
        ({"evidence": {"photos": ["x"] * 21}}, "evidence"),
        ({"severity": "critical"}, "severity"),
        ({"opened_by": 1}, "opened_by"),
    ],
)
async def test_wrong_complaints_are_refused(scene: Scene, changes: dict[str, Any], named: str) -> None:
    """Unknown types, empty and endless texts, operators and unknown fields are a 400 naming the field."""
    answer = await complain(scene, await scene.completed(), **changes)
    assert answer.status == 400
    assert named in str(answer.json["details"])


async def test_a_repeated_call_with_its_key_opens_one(scene: Scene) -> None:
    """With an Idempotency-Key the second call gets the first one's answer."""
    booking = await scene.completed()
    body = {"booking_id": booking["id"], "dispute_type": "other", "title": "t", "description": "d"}
    made = [
        await scene.api.post(
            "/api/disputes/create_dispute/",
            json=body,
            token=scene.customer.token,
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]
    assert [one.status for one in made] == [201, 201]
    assert made[0].json == made[1].json
