"""The admin's page of notifications: what it counts, what it warns of, and the work it starts."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from server import clock
from server.domain.notifications import Channel, DeliveryState
from server.domain.tasks import Task, TaskState
from server.jobs import JOBS
from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene

PAGE = "/admin-dashboard/notifications/"


async def alerts(scene: Scene) -> tuple[int, int]:
    """Give how many alerts are active, and critical."""
    shown = (await scene.api.get(PAGE, token=scene.admin.token)).json["business_alerts"]
    return shown["active_alerts"], shown["critical_alerts"]


async def run(scene: Scene, job: str) -> str:
    """Run a job once, as a worker would."""

    async def ignore(done: int, total: int | None) -> None:
        return None

    task = Task(job, job, TaskState.RUNNING, None, clock.now(), due_at=None)
    return await JOBS[job].run(scene.api.market, task, ignore)


async def told(scene: Scene, account: Account, kind: str) -> list[Any]:
    """Give what an account was told of one kind."""
    return list((await scene.api.get("/api/notifications/", token=account.token, kind=kind)).json["results"])


async def starting_in(scene: Scene, ahead: timedelta, **more: Any) -> str:
    """Give the id of an offered booking that begins so soon."""
    booking = (await scene.book(**more)).json
    kept = await scene.api.market.stores.bookings.get(booking["id"])
    assert kept is not None
    starts_at = clock.now() + ahead
    zone = scene.api.market.meaning.timezone
    await scene.api.market.stores.bookings.change(
        kept.id, {"starts_at": starts_at, "hour": clock.hour_start(starts_at, zone)}
    )
    return kept.id


async def test_counts_are_of_today_and_of_the_week(scene: Scene) -> None:
    """What was sent on other days of the week counts for the week alone, what is older not at all."""
    market, today = scene.api.market, clock.local_date(clock.now(), scene.api.market.meaning.timezone)
    counted = market.stores.delivery_counts
    for ago, kind, sent, failed in (
        (0, "payment_hold", 3, 1),
        (1, "payment_hold", 5, 7),
        (6, "bonus_alert", 2, 0),
    ):
        date = (today - timedelta(days=ago)).isoformat()
        await counted.add(date, Channel.EMAIL, kind, DeliveryState.SENT, sent)
        await counted.add(date, Channel.EMAIL, kind, DeliveryState.FAILED, failed)
    await counted.add((today - timedelta(days=7)).isoformat(), Channel.EMAIL, "x", DeliveryState.SENT, 99)
    await counted.add(today.isoformat(), Channel.SMS, "booking_timeout", DeliveryState.SKIPPED, 4)
    shown = (await scene.api.get(PAGE, token=scene.admin.token)).json
    assert shown["notification_stats"] == {
        "total_sent_today": 3,
        "total_sent_week": 10,
        "success_rate_today": 75.0,
        "by_type_today": {"payment_hold": 3},
        "by_method_today": {"email": 3},
        "failed_today": 1,
    }


async def test_nothing_sent_is_no_failure(scene: Scene) -> None:
    """On a day without deliveries everything is zero and the rate is whole; nothing needs attention."""
    shown = (await scene.api.get(PAGE, token=scene.admin.token)).json
    assert shown["notification_stats"]["success_rate_today"] == 100.0
    assert shown["business_alerts"] == {"active_alerts": 0, "critical_alerts": 0}


async def test_bookings_nobody_accepts_become_alerts(scene: Scene) -> None:
    """An offered booking is an alert a day before its start, critical three hours before, until accepted."""
    await starting_in(scene, timedelta(hours=30))
    assert await alerts(scene) == (0, 0)
    await starting_in(scene, timedelta(hours=20))
    assert await alerts(scene) == (1, 0)
    critical = await starting_in(scene, timedelta(hours=2), vendor=scene.vendor.id)
    assert await alerts(scene) == (2, 1)
    await scene.api.market.stores.bookings.change(critical, {"state": "confirmed"})
    assert await alerts(scene) == (1, 0)


async def test_what_waits_and_what_is_lost_become_alerts(scene: Scene) -> None:
    """Signatures about to expire, old or grave disputes and lost messages count, each by its own rule."""
    market = scene.api.market
    booking = await scene.completed()
    asked = await scene.api.post(
        f"/api/bookings/{booking['id']}/request_signature/", token=scene.vendor.token
    )
    assert await alerts(scene) == (0, 0)
    signature_id = asked.json["signature_id"]
    for left, expected in ((20, (1, 0)), (2, (1, 1))):
        expires_at = clock.now() + timedelta(hours=left)
        await market.stores.signatures.change(signature_id, {"expires_at": expires_at})
        assert await alerts(scene) == expected
    complaint = {
        "booking_id": booking["id"],
        "dispute_type": "quality_issue",
        "title": "Still warm",
        "description": "It does not cool.",
    }
    dispute = (
        await scene.api.post("/api/disputes/create_dispute/", json=complaint, token=scene.customer.token)
    ).json
    assert await alerts(scene) == (1, 1)
    for days, expected in ((4, (2, 1)), (8, (2, 2))):
        await market.stores.disputes.change(dispute["id"], {"created_at": clock.now() - timedelta(days=days)})
        assert await alerts(scene) == expected
    today = clock.local_date(clock.now(), market.meaning.timezone).isoformat()
    for lost, expected in ((1, (3, 2)), (19, (3, 3))):
        await market.stores.delivery_counts.add(
            today, Channel.EMAIL, "bonus_alert", DeliveryState.FAILED, lost
        )
        assert await alerts(scene) == expected


async def test_timeouts_are_told_once(scene: Scene) -> None:
    """Customer, chosen vendor and mediators hear once of a booking that nobody accepts."""
    booking_id = await starting_in(scene, timedelta(hours=2), vendor=scene.vendor.id)
    await starting_in(scene, timedelta(hours=5), when=scene.at(14))
    await asyncio.gather(*(run(scene, "warn_of_timeouts") for _ in range(4)))
    assert await run(scene, "warn_of_timeouts") == "0 bookings"
    for account in (scene.customer, scene.vendor, scene.ops, scene.admin):
        (one,) = await told(scene, account, "booking_timeout")
        assert one["data"] == {"booking_id": booking_id}
    assert await told(scene, scene.onboarder, "booking_timeout") == []


async def test_signers_are_reminded_once_a_day(scene: Scene) -> None:
    """Unasked, a signature is asked for again near its end; on request at any time; never twice a day."""
    booking = await scene.completed()
    asked = await scene.api.post(
        f"/api/bookings/{booking['id']}/request_signature/", token=scene.vendor.token
    )
    assert await run(scene, "remind_signers") == "0 reminders"
    assert await run(scene, "remind_all_signers") == "1 reminders"
    assert await run(scene, "remind_all_signers") == "0 reminders"
    signatures = scene.api.market.stores.signatures
    kept = await signatures.get(asked.json["signature_id"])
    assert kept is not None
    earlier = timedelta(hours=37)
    late = replace(kept, requested_at=kept.requested_at - earlier, expires_at=kept.expires_at - earlier)
    await signatures.rewrite(late, kept.revision)
    assert await run(scene, "remind_signers") == "1 reminders"
    assert await run(scene, "remind_all_signers") == "0 reminders"
    assert len(await told(scene, scene.customer, "signature_request")) == 3


async def test_an_expiry_that_loses_to_a_signature_ends(scene: Scene) -> None:
    """Expiring and signing at once leaves one of the two, and the job goes on with the next."""
    booking = await scene.completed()
    path = f"/api/bookings/{booking['id']}/request_signature/"
    asked = (await scene.api.post(path, token=scene.vendor.token)).json["signature_id"]
    signatures = scene.api.market.stores.signatures
    await signatures.change(asked, {"expires_at": clock.now() - timedelta(seconds=1)})
    counts = await asyncio.gather(*(run(scene, "expire_signatures") for _ in range(4)))
    assert sorted(counts) == ["0 expired"] * 3 + ["1 expired"]
    assert len(await told(scene, scene.customer, "signature_expired")) == 1


async def test_bonuses_are_told_once_a_day(scene: Scene) -> None:
    """A vendor hears of their bonus once a day, however often it is said; who has none hears nothing."""
    idle = await scene.make_vendor("idle")
    booking, market = await scene.signed(), scene.api.market
    today = clock.local_date(clock.now(), market.meaning.timezone).isoformat()
    await market.stores.bookings.change(booking["id"], {"date": today})
    assert await run(scene, "alert_bonuses") == "1 providers told"
    assert await run(scene, "alert_bonuses") == "0 providers told"
    (one,) = await told(scene, scene.vendor, "bonus_alert")
    assert one["data"]["amount_minor"] > 0
    assert await told(scene, idle, "bonus_alert") == []


async def test_starting_work_is_in_the_history(scene: Scene) -> None:
    """Who started a task is found in the edit history; the task says who asked and how far it is."""
    started = (await scene.api.post(PAGE, json={"action": "retry_failed"}, token=scene.admin.token)).json
    shown = await scene.api.get("/admin-dashboard/edit-history/", token=scene.admin.token, model="Task")
    (entry,) = shown.json["data"]
    assert (entry["user"], entry["resource_id"]) == ("admin1", started["task_id"])
    task = await scene.api.get(f"/admin-dashboard/tasks/{started['task_id']}/", token=scene.admin.token)
    assert {name: task.json[name] for name in ("name", "state", "done", "total", "error")} == {
        "name": "retry_failed",
        "state": "queued",
        "done": 0,
        "total": None,
        "error": "",
    }


async def test_only_super_admins_see_and_start_work(scene: Scene) -> None:
    """Everybody else is refused the page, its actions and their tasks; visitors are asked who they are."""
    started = (await scene.api.post(PAGE, json={"action": "retry_failed"}, token=scene.admin.token)).json
    task = f"/admin-dashboard/tasks/{started['task_id']}/"
    for account in (scene.customer, scene.vendor, scene.ops, scene.onboarder):
        assert (await scene.api.get(PAGE, token=account.token)).status == 403
        assert (await scene.api.get(task, token=account.token)).status == 403
        refused = await scene.api.post(PAGE, json={"action": "retry_failed"}, token=account.token)
        assert refused.status == 403
    assert {(await scene.api.get(path)).status for path in (PAGE, task)} == {401}
