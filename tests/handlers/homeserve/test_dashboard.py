"""The dashboard: counts that equal a recount, caches that are really cleared, a history that is narrowed."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from server import clock
from server.domain.rollups import COLUMNS
from server.market import Market
from tests.handlers.homeserve.scene import Scene

DATA, HISTORY = "/admin-dashboard/pincode-scaling/data/", "/admin-dashboard/edit-history/"
CACHE = "/admin-dashboard/cache/"


async def kept(market: Market) -> Counter[tuple[Any, ...]]:
    """Give the counts as they are kept, shards added up, without zeros."""
    return added(await market.stores.rollups.of_dates("0", "9"))


def added(rollups: Any) -> Counter[tuple[Any, ...]]:
    counts: Counter[tuple[Any, ...]] = Counter()
    for one in rollups:
        for column in COLUMNS.values():
            counts[one.pincode, one.date, one.service_id, column] += getattr(one, column)
    return Counter({key: count for key, count in counts.items() if count})


async def test_counts_equal_a_recount(scene: Scene) -> None:
    """After many changes at once, made, accepted, moved, finished, called off, the counts are exact."""
    rng = random.Random(7)
    places = ["110001", "110002", "110003"]

    async def life(number: int) -> None:
        booking = await scene.book(
            (scene.customer, scene.other)[number % 2],
            service=scene.short.id,
            pincode=rng.choice(places),
            when=scene.at(9 + number % 8, 30),
        )
        path = f"/api/bookings/{booking.json['id']}/"
        steps = [("accept_booking/", scene.vendor), ("complete_booking/", scene.vendor)]
        if rng.random() < 0.3:
            steps = [("cancel/", scene.ops)]
        for action, account in steps[: rng.randint(0, 2)]:
            await scene.api.post(path + action, token=account.token)
        if rng.random() < 0.3:
            body = {"scheduled_date": scene.at(9 + rng.randint(0, 8), 15)}
            await scene.api.post(f"{path}reschedule/", json=body, token=scene.ops.token)

    await asyncio.gather(*(life(number) for number in range(40)))
    market = scene.api.market
    recount = added(await market.scaling.counted())
    assert await kept(market) == recount
    assert sum(recount.values()) == 40
    await market.scaling.recount()
    assert await kept(market) == recount


async def test_zones_and_their_sum(scene: Scene) -> None:
    """A pincode's row follows from its bookings and vendors; the summary adds up; a type narrows."""
    booking = await scene.confirmed()
    await scene.completed(when=scene.at(14))
    await scene.book(service=scene.short.id, pincode="110002", when=scene.at(16))
    await scene.api.post(f"/api/bookings/{booking['id']}/cancel/", token=scene.customer.token)
    shown = (await scene.api.get(DATA, token=scene.ops.token)).json
    zone = next(one for one in shown["data"] if one["pincode"] == "110001")
    assert (zone["total_bookings"], zone["completed_bookings"], zone["cancelled_bookings"]) == (2, 1, 1)
    assert (zone["completion_rate"], zone["available_vendors"], zone["demand_intensity"]) == (50.0, 1, 2.0)
    assert (zone["zone_status"], zone["heat_intensity"]) == ("optimal", 20.0)
    assert shown["summary"] == {
        "total_pincodes": 2,
        "total_bookings": 3,
        "total_vendors": 1,
        "high_demand_zones": 0,
        "optimal_zones": 2,
    }
    narrowed = await scene.api.get(DATA, token=scene.ops.token, service_type="plumbing")
    assert narrowed.json["summary"]["total_bookings"] == 1
    assert (await scene.api.get(DATA, token=scene.ops.token, service_type="alchemy")).status == 404


async def test_clearing_caches(scene: Scene) -> None:
    """Clearing empties what is remembered, counts go on, nobody is signed out, unknown names are refused."""
    place = {"service_id": scene.service.id, "pincode": "110001"}
    for _ in range(3):
        await scene.api.get("/api/dynamic-pricing/", token=scene.customer.token, **place)
    before = (await scene.api.get(CACHE, token=scene.ops.token)).json["cache_stats"]
    assert before["sessions"]["total_keys"] >= 2
    assert before["api_data"]["total_keys"] > 0
    assert before["sessions"]["keyspace_hits"] > 0
    one = await scene.api.post(CACHE, json={"cache_type": "api_data"}, token=scene.ops.token)
    assert one.json["result"]["cleared"] == ["api_data"]
    after = (await scene.api.get(CACHE, token=scene.ops.token)).json["cache_stats"]
    assert after["api_data"]["total_keys"] == 0
    assert after["api_data"]["keyspace_hits"] >= before["api_data"]["keyspace_hits"]
    every = await scene.api.post(CACHE, json={}, token=scene.ops.token)
    assert len(every.json["result"]["cleared"]) == 4
    assert (await scene.api.get("/api/services/", token=scene.customer.token)).status == 200
    wrong = await scene.api.post(CACHE, json={"cache_type": "sessions;"}, token=scene.ops.token)
    assert (wrong.status, "cache_type" in wrong.json["error"]) == (400, True)


async def test_history_filters_combine(scene: Scene) -> None:
    """Model, user, action and days narrow together; each entry says what changed from what to what."""
    booking = await scene.confirmed()
    await scene.api.post(f"/api/bookings/{booking['id']}/cancel/", token=scene.customer.token)

    async def found(**query: Any) -> Any:
        return (await scene.api.get(HISTORY, token=scene.admin.token, **query)).json

    mine = await found(model="Booking", user="vendor1")
    assert [(one["user"], one["user_role"], one["action"]) for one in mine["data"]] == [
        ("vendor1", "vendor", "update")
    ]
    diff = {one["field"]: one for one in mine["data"][0]["diff"]}
    assert diff["status"] == {
        "field": "status",
        "old_value": "pending",
        "new_value": "confirmed",
        "change_type": "modified",
    }
    made = await found(model="Booking", action="create", user="customer1")
    assert made["data"][0]["diff"][0]["change_type"] == "added"
    assert (await found(user="nobody"))["pagination"]["total_count"] == 0
    today = clock.now().date().isoformat()
    both = await found(model="Booking", start_date=today, end_date=today, page_size=2)
    assert both["pagination"] == {
        "page": 1,
        "page_size": 2,
        "total_count": 3,
        "total_pages": 2,
        "has_next": True,
        "has_previous": False,
    }
    assert (await found(start_date="2020-01-01", end_date="2020-01-31"))["data"] == []
    for wrong in ({"start_date": "soon"}, {"start_date": "2030-01-01"}, {"page": 0}, {"page_size": "NaN"}):
        answer = await scene.api.get(HISTORY, token=scene.admin.token, **wrong)
        assert answer.status in (400, 404)


async def test_figures_agree(scene: Scene) -> None:
    """The dashboard's figures are those of the pages they sum up."""
    await scene.signed()
    scaling = (await scene.api.get(DATA, token=scene.ops.token)).json["summary"]
    cache = (await scene.api.get(CACHE, token=scene.ops.token)).json["cache_stats"]["overall_health"]
    stats = (await scene.api.get("/admin-dashboard/dashboard/stats/", token=scene.ops.token)).json
    assert stats["pincode_stats"]["total_pincodes_served"] == scaling["total_pincodes"]
    assert stats["pincode_stats"]["active_vendors"] == scaling["total_vendors"]
    assert stats["cache_health"]["health_percentage"] == cache["health_percentage"] == 100.0
    history = await scene.api.get(HISTORY, token=scene.admin.token)
    assert stats["activity_stats"]["total_actions_24h"] == history.json["pagination"]["total_count"]
    assert stats["activity_stats"]["unique_users_24h"] == 2


PAGES = {
    DATA: ("ops", "admin"),
    CACHE: ("ops", "admin"),
    "/admin-dashboard/dashboard/stats/": ("ops", "admin"),
    HISTORY: ("admin",),
    "/admin-dashboard/notifications/": ("admin",),
    "/api/pincode-ai-analytics/?pincode=110001": ("ops", "admin"),
    "/api/analytics/disputes/": ("ops", "admin"),
    "/api/analytics/vendor-onboarding/": ("onboarder", "admin"),
    "/api/performance-metrics/": ("ops", "admin"),
    "/api/performance-metrics/summary/": ("vendor",),
    "/api/advanced-vendor-bonus/": ("vendor",),
}


@pytest.mark.parametrize("path", PAGES)
async def test_who_sees_which_page(scene: Scene, path: str) -> None:
    """Each page is open to its roles alone; without a token it is a 401."""
    for who in ("customer", "vendor", "ops", "admin", "onboarder"):
        answer = await scene.api.get(path, token=getattr(scene, who).token)
        if who in PAGES[path]:
            assert answer.status == 200, (who, answer.json)
        else:
            assert answer.status in (400, 403), who
    assert (await scene.api.get(path)).status == 401


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (DATA, {"days_back": 10**9}),
        (DATA, {"days_back": "NaN"}),
        (DATA, {"days_back": -1}),
        ("/api/pincode-ai-analytics/", {}),
        ("/api/pincode-ai-analytics/", {"pincode": "12"}),
        ("/api/pincode-ai-analytics/", {"pincode": "110001", "days": 0}),
        ("/api/analytics/disputes/", {"days": "Infinity"}),
        ("/api/advanced-vendor-bonus/", {"vendor_id": "x"}),
    ],
)
async def test_wrong_queries_are_refused(scene: Scene, path: str, query: dict[str, Any]) -> None:
    """Numbers out of range, and none, are a 400 that names the parameter."""
    answer = await scene.api.get(path, token=scene.admin.token, **query)
    assert answer.status == 400
    named = list(query)[-1] if query else "pincode"
    assert named in answer.json["error"]


async def test_an_unknown_pincode_has_no_analysis(scene: Scene) -> None:
    """A pincode that does not exist is a 404."""
    answer = await scene.api.get("/api/pincode-ai-analytics/", token=scene.ops.token, pincode="999999")
    assert answer.status == 404


async def test_an_asked_for_task_is_only_the_admins(scene: Scene) -> None:
    """An unknown action names the choices; an unknown task is a 404; others may start nothing."""
    path = "/admin-dashboard/notifications/"
    wrong = await scene.api.post(path, json={"action": "drop_tables"}, token=scene.admin.token)
    assert (wrong.status, "send_bonus_alerts" in wrong.json["error"]) == (400, True)
    body = {"action": "send_bonus_alerts"}
    assert (await scene.api.post(path, json=body, token=scene.ops.token)).status == 403
    unknown = "/admin-dashboard/tasks/550e8400-e29b-41d4-a716-446655440000/"
    assert (await scene.api.get(unknown, token=scene.admin.token)).status == 404
