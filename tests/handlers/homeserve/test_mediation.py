"""Mediation: a dispute is given to somebody, escalates when it drags on, is resolved once; and the advice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from server import clock
from server.domain.disputes import DisputeState, DisputeType
from tests.handlers.client import Reply, heard
from tests.handlers.homeserve.complaints import complain, earnings, resolve, say
from tests.handlers.homeserve.scene import Scene


async def assign(scene: Scene, dispute: Any, mediator_id: Any, token: str) -> Reply:
    path = f"/api/disputes/{dispute['id']}/assign/"
    return await scene.api.post(path, json={"mediator_id": mediator_id}, token=token)


async def paid(scene: Scene) -> Any:
    """Give the only payment."""
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    return payment


async def advice(scene: Scene, dispute: Any) -> Any:
    path = f"/api/advanced-dispute-resolution/{dispute['id']}/"
    return (await scene.api.get(path, token=scene.ops.token)).json


async def test_admins_assign_mediators(scene: Scene) -> None:
    """An admin gives the dispute to one who can mediate, which puts it in progress; nobody else does."""
    dispute = (await complain(scene, await scene.completed())).json
    for account in (scene.customer, scene.vendor, scene.other, scene.onboarder):
        assert (await assign(scene, dispute, scene.admin.id, account.token)).status == 403
    for wrong in (scene.customer.id, scene.onboarder.id, 99999):
        refused = await assign(scene, dispute, wrong, scene.ops.token)
        assert (refused.status, list(refused.json["details"])) == (400, ["mediator_id"])
    done = await assign(scene, dispute, scene.admin.id, scene.ops.token)
    assert (done.json["status"], done.json["assigned_mediator_name"]) == ("in_progress", "admin1")
    told = await scene.api.get("/api/notifications/", token=scene.admin.token, kind="dispute_assigned")
    assert told.json["count"] == 1
    assert (await assign(scene, dispute, scene.ops.id, scene.admin.token)).status == 200
    await resolve(scene, dispute, resolution_amount=0)
    assert (await assign(scene, dispute, scene.admin.id, scene.ops.token)).status == 409


async def test_resolved_once(scene: Scene) -> None:
    """Of ten resolutions at once one counts: money goes back once, to the paisa, and the earning shrinks."""
    dispute = (await complain(scene, await scene.signed())).json
    (before,) = await earnings(scene)
    answers = await asyncio.gather(*(resolve(scene, dispute) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert (await paid(scene))["refunded_amount"] == "10.00"
    (after,) = await earnings(scene)
    assert (after["status"], float(before["amount"]) - float(after["amount"])) == ("pending", 9.0)


async def test_resolving_and_withdrawing_at_once(scene: Scene) -> None:
    """Whatever comes first ends the dispute; the other one is a conflict without effect."""
    dispute = (await complain(scene, await scene.signed())).json
    close = f"/api/disputes/{dispute['id']}/close/"
    first, second = await asyncio.gather(
        resolve(scene, dispute), scene.api.post(close, token=scene.customer.token)
    )
    assert sorted((first.status, second.status)) == [200, 409]
    refunded = (await paid(scene))["refunded_amount"]
    assert refunded == ("10.00" if first.status == 200 else "0.00")


async def test_both_sides_hear_of_the_end(scene: Scene) -> None:
    """The resolution reaches both parties, with what was decided."""
    dispute = (await complain(scene, await scene.signed())).json
    sockets = [
        await scene.api.listen(f"/ws/notifications/{account.id}/", account.token)
        for account in (scene.customer, scene.vendor)
    ]
    await resolve(scene, dispute, resolution_notes="Come again")
    for socket in sockets:
        told = await heard(socket, "dispute_resolved")
        assert told["data"]["resolution_notes"] == "Come again"


async def test_the_whole_price_may_go_back(scene: Scene) -> None:
    """An amount equal to the price is a full refund; one paisa more is a 400."""
    booking = await scene.signed()
    price = float(booking["total_price"])
    dispute = (await complain(scene, booking)).json
    refused = await resolve(scene, dispute, resolution_amount=price + 0.01)
    assert (refused.status, list(refused.json["details"])) == (400, ["resolution_amount"])
    done = await resolve(scene, dispute, resolution_amount=price)
    assert (done.status, done.json["resolution_type"]) == (200, "full_refund")
    assert (await paid(scene))["status"] == "refunded"


async def test_no_more_goes_back_than_was_paid(scene: Scene) -> None:
    """A second dispute cannot give back what the first one gave, nor can a visit never charged."""
    booking = await scene.signed()
    price = float(booking["total_price"])
    await resolve(scene, (await complain(scene, booking)).json, resolution_amount=price - 5)
    again = (await complain(scene, booking)).json
    assert (await resolve(scene, again, resolution_amount=5.01)).status == 400
    assert (await resolve(scene, again, resolution_amount=5)).status == 200
    unpaid = await scene.confirmed(when=scene.at(15), service=scene.short.id)
    body = {"status": "in_progress"}
    await scene.api.patch(f"/api/bookings/{unpaid['id']}/", json=body, token=scene.vendor.token)
    dispute = (await complain(scene, unpaid)).json
    refused = await resolve(scene, dispute)
    assert (refused.status, list(refused.json["details"])) == (400, ["resolution_amount"])
    assert (await resolve(scene, dispute, resolution_amount=0)).status == 200


async def test_what_is_not_paid_yet_becomes_less(scene: Scene) -> None:
    """Before the signature a resolution lowers what the customer will pay."""
    booking = await scene.completed()
    dispute = (await complain(scene, booking)).json
    assert (await resolve(scene, dispute, resolution_amount=100)).status == 200
    payment = await paid(scene)
    assert float(payment["amount"]) == float(booking["total_price"]) - 100
    assert payment["status"] == "pending"


@pytest.mark.parametrize("amount", [-1, 10**7, "much", None, float("1e400"), 10.001, True, {}])
async def test_impossible_amounts_are_refused(scene: Scene, amount: Any) -> None:
    """An amount that is negative, beyond the price, no number or finer than a paisa is a 400."""
    dispute = (await complain(scene, await scene.signed())).json
    assert (await resolve(scene, dispute, resolution_amount=amount)).status == 400
    assert (await resolve(scene, dispute, resolution_notes="")).status == 400
    assert (await resolve(scene, dispute, evidence={"resolution_type": "<b>"})).status == 400
    assert (await resolve(scene, dispute)).status == 200


async def test_only_admins_resolve(scene: Scene) -> None:
    """Parties, strangers and onboard managers may not resolve, analyse or count."""
    dispute = (await complain(scene, await scene.signed())).json
    analysis = f"/api/advanced-dispute-resolution/{dispute['id']}/"
    for account in (scene.customer, scene.vendor, scene.other, scene.onboarder):
        assert (await resolve(scene, dispute, account)).status == 403
        for path in (analysis, "/api/analytics/disputes/"):
            assert (await scene.api.get(path, token=account.token)).status == 403
    assert (await resolve(scene, dispute, scene.admin)).status == 200
    unknown = {"id": "550e8400-e29b-41d4-a716-446655440000"}
    assert (await resolve(scene, unknown)).status == 404


async def test_every_step_is_in_the_history(scene: Scene) -> None:
    """Opening, writing, assigning and resolving leave an entry each, with who did it."""
    dispute = (await complain(scene, await scene.signed())).json
    await say(scene, dispute, scene.vendor)
    await assign(scene, dispute, scene.ops.id, scene.admin.token)
    await resolve(scene, dispute)
    kept = await scene.api.market.stores.changes.of_subject("Dispute", dispute["id"])
    assert [(one.action, one.user_id) for one in kept] == [
        ("create", scene.customer.id),
        ("message", scene.vendor.id),
        ("assign", scene.admin.id),
        ("resolve", scene.ops.id),
    ]


async def test_what_drags_on_is_escalated_once(scene: Scene) -> None:
    """A grave dispute that nobody answers comes before the super admins, once; a fresh one does not."""
    stores, escalating = scene.api.market.stores, scene.api.market.escalating
    evidence = {"photos": ["a"], "notes": ""}
    dispute = (await complain(scene, await scene.completed(), dispute_type="damage", evidence=evidence)).json
    assert await escalating.escalate_due() == 0
    fresh = (await advice(scene, dispute))["escalation_analysis"]
    await stores.disputes.change(dispute["id"], {"created_at": clock.now() - timedelta(days=8)})
    old = (await advice(scene, dispute))["escalation_analysis"]
    assert old["escalation_score"] > fresh["escalation_score"]
    assert (fresh["should_escalate"], old["should_escalate"]) == (False, True)
    counts = await asyncio.gather(*(escalating.escalate_due() for _ in range(3)))
    assert sum(counts) == 1
    told = await scene.api.get("/api/notifications/", token=scene.admin.token, kind="dispute_escalated")
    assert told.json["count"] == 1
    path = f"/api/disputes/{dispute['id']}/"
    assert (await scene.api.get(path, token=scene.ops.token)).json["escalated_at"] is not None
    events = (await scene.api.get(f"{path}timeline/", token=scene.ops.token)).json["timeline"]
    assert "escalated" in [one["event"] for one in events]


async def test_answers_lower_the_score(scene: Scene) -> None:
    """A vendor who has answered is responsive; a customer left waiting raises the score."""
    dispute = (await complain(scene, await scene.completed())).json
    past = clock.now() - timedelta(days=2)
    await scene.api.market.stores.disputes.change(dispute["id"], {"created_at": past})
    silent = (await advice(scene, dispute))["escalation_analysis"]
    assert "vendor_unresponsive" in silent["factors"]
    sent = (await say(scene, dispute, scene.vendor)).json
    early = {"created_at": past + timedelta(hours=2)}
    await scene.api.market.stores.dispute_messages.change(sent["id"], early)
    answered = (await advice(scene, dispute))["escalation_analysis"]
    assert "vendor_responsive" in answered["factors"]
    assert answered["escalation_score"] < silent["escalation_score"]


async def test_advice_follows_similar_cases(scene: Scene) -> None:
    """Without cases the advice says so, with little confidence; cases like it decide, and raise it."""
    first = (await complain(scene, await scene.signed(when=scene.at(9)))).json
    alone = (await advice(scene, first))["resolution_analysis"]
    assert (alone["similar_cases"], alone["confidence"]) == (0, 0.2)
    assert "No similar" in alone["reasoning"]
    for hour in (12, 14, 16):
        booking = await scene.signed(when=scene.at(hour), service=scene.short.id)
        half = round(float(booking["total_price"]) / 2, 2)
        await resolve(scene, (await complain(scene, booking)).json, resolution_amount=half)
    informed = (await advice(scene, first))["resolution_analysis"]
    assert (informed["similar_cases"], informed["recommended_action"]) == (3, "partial_refund")
    assert "3 similar" in informed["reasoning"]
    price = (await scene.api.market.stores.disputes.get(first["id"])).price_minor  # type: ignore[union-attr]
    assert informed["suggested_amount"] == pytest.approx(price / 200, rel=0.01)
    assert informed["confidence"] > alone["confidence"]


async def test_analytics_count_what_is_there(scene: Scene) -> None:
    """Totals by state and type, the mean time to a resolution, and resolved of all, of the days asked for."""
    empty = (await scene.api.get("/api/analytics/disputes/", token=scene.ops.token)).json
    assert (empty["total_disputes"], empty["resolution_rate"]) == (0, 0.0)
    assert set(empty["by_status"]) == set(DisputeState)
    assert set(empty["by_type"]) == set(DisputeType)
    made = []
    for hour, kind in ((9, "damage"), (11, "damage"), (13, "other"), (15, "no_show")):
        booking = await scene.completed(when=scene.at(hour), service=scene.short.id)
        made.append((await complain(scene, booking, dispute_type=kind)).json)
    await resolve(scene, made[0], resolution_amount=0)
    store = scene.api.market.stores.disputes
    resolved = await store.get(made[0]["id"])
    assert resolved is not None and resolved.resolved_at is not None
    await store.change(made[0]["id"], {"created_at": resolved.resolved_at - timedelta(hours=12)})
    await store.change(made[3]["id"], {"date": (clock.now() - timedelta(days=40)).date().isoformat()})
    month = (await scene.api.get("/api/analytics/disputes/", token=scene.ops.token)).json
    assert (month["total_disputes"], month["average_resolution_time_hours"]) == (3, 12.0)
    assert (month["by_status"]["open"], month["by_status"]["resolved"]) == (2, 1)
    assert (month["by_type"]["damage"], month["by_type"]["no_show"]) == (2, 0)
    assert month["resolution_rate"] == 33.3
    longer = (await scene.api.get("/api/analytics/disputes/", token=scene.admin.token, days=60)).json
    assert (longer["total_disputes"], longer["resolution_rate"]) == (4, 25.0)
    for days in ("0", "x", "9999"):
        reply = await scene.api.get("/api/analytics/disputes/", token=scene.ops.token, days=days)
        assert reply.status == 400
