"""Dispatch: a day of many vendors planned by a job, proposed with reasons, applied whole or not at all."""

import asyncio
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from server import clock
from server.domain.tasks import Task, TaskState
from server.jobs import JOBS
from tests.handlers.client import Reply, heard
from tests.handlers.homeserve.scene import AREA, Scene
from tests.handlers.homeserve.test_sockets import listen

PAGE = "/api/dispatch/"
POLICY = {"budget_seconds": 0.5}


async def start(scene: Scene, **policy: Any) -> Reply:
    body = {"date": scene.day.isoformat(), "pincodes": list(AREA), "policy": POLICY | policy}
    return await scene.api.post(PAGE, json=body, token=scene.ops.token)


async def work(scene: Scene, dispatch_id: str) -> str:
    """Do the job once, as a worker would."""

    async def ignore(done: int, total: int | None) -> None:
        return None

    task = Task(dispatch_id, "dispatch", TaskState.RUNNING, 1, clock.now(), due_at=None)
    return await JOBS["dispatch"].run(scene.api.market, task, ignore)


async def proposed(scene: Scene, **policy: Any) -> Any:
    """Give a proposal."""
    asked = await start(scene, **policy)
    assert asked.status == 202
    await work(scene, asked.json["id"])
    found = (await read(scene, asked.json["id"])).json
    assert found["status"] == "proposed"
    return found


async def read(scene: Scene, dispatch_id: str) -> Reply:
    return await scene.api.get(f"{PAGE}{dispatch_id}/", token=scene.ops.token)


async def apply(scene: Scene, dispatch_id: str) -> Reply:
    return await scene.api.post(f"{PAGE}{dispatch_id}/apply/", token=scene.ops.token)


async def booking(scene: Scene, booking_id: str) -> Any:
    return (await scene.api.get(f"/api/bookings/{booking_id}/", token=scene.ops.token)).json


async def fill(scene: Scene, *hours: int) -> list[str]:
    """Give open bookings, each with a window of two hours."""
    made = []
    for index, hour in enumerate(hours):
        window = {"start": scene.at(hour), "end": scene.at(hour + 2)}
        reply = await scene.book(
            when=scene.at(hour), pincode=AREA[index % 3], service=scene.short.id, arrival_window=window
        )
        made.append(reply.json["id"])
    return made


async def test_open_bookings_get_vendors_and_times_that_hold(scene: Scene) -> None:
    """A proposal places every booking within its window, and applying it writes exactly that."""
    await scene.make_vendor("vendor2", base="110003")
    made = await fill(scene, 9, 10, 11, 13, 14, 15)
    proposal = await proposed(scene)
    assert proposal["bookings"] == 6
    assert proposal["dropped_bookings"] == []
    planned = {stop["booking_id"]: (route, stop) for route in proposal["routes"] for stop in route["stops"]}
    assert planned.keys() == set(made)
    applied = await apply(scene, proposal["id"])
    assert (applied.status, applied.json["status"]) == (200, "applied")
    for booking_id, (route, stop) in planned.items():
        now = await booking(scene, booking_id)
        assert now["vendor"] == route["vendor"]
        assert now["scheduled_date"] == stop["start_time"]
        assert now["status"] == "pending"
        assert stop["arrival_time"] <= stop["start_time"] <= stop["departure_time"]
    for route in proposal["routes"]:
        day = await scene.api.market.stores.days.of(route["vendor"], scene.day.isoformat())
        assert [hold.booking_id for hold in day.holds] == [stop["booking_id"] for stop in route["stops"]]


async def test_applying_twice_is_applying_once(scene: Scene) -> None:
    """Two staff at once, and again later: every booking is assigned once and all hear the same."""
    made = await fill(scene, 9, 11)
    proposal = await proposed(scene)
    replies = await asyncio.gather(*(apply(scene, proposal["id"]) for _ in range(4)))
    assert {reply.status for reply in replies} == {200}
    again = await apply(scene, proposal["id"])
    assert again.json["applied_at"] == replies[0].json["applied_at"]
    for booking_id in made:
        kept = await scene.api.market.stores.bookings.get(booking_id)
        assert kept is not None
        assert kept.revision == 1


async def test_what_changed_since_refuses_the_whole_plan(scene: Scene) -> None:
    """A booking called off in between is named, nobody's day is touched, and a new plan works."""
    first, second = await fill(scene, 9, 11)
    proposal = await proposed(scene)
    await scene.api.post(f"/api/bookings/{first}/cancel/", json={"reason": "ill"}, token=scene.customer.token)
    refused = await apply(scene, proposal["id"])
    assert refused.status == 409
    assert refused.json["changed_bookings"] == [first]
    assert (await booking(scene, second))["vendor"] is None
    assert (await read(scene, proposal["id"])).json["status"] == "proposed"
    assert (await apply(scene, (await proposed(scene))["id"])).status == 200
    assert (await booking(scene, second))["vendor"] == scene.vendor.id


async def test_a_vendor_whose_day_changed_is_named(scene: Scene) -> None:
    """A visit booked with a vendor meanwhile makes the plan outdated, though no planned booking changed."""
    await fill(scene, 9)
    proposal = await proposed(scene)
    await scene.book(scene.other, vendor=scene.vendor.id, when=scene.at(15))
    refused = await apply(scene, proposal["id"])
    assert refused.status == 409
    assert refused.json["changed_vendors"] == [scene.vendor.id]


async def test_promised_bookings_stay_where_they_are(scene: Scene) -> None:
    """What a vendor has accepted keeps vendor and minute, and the rest is planned around it."""
    promised = await scene.confirmed(when=scene.at(12), service=scene.short.id)
    await fill(scene, 11, 12)
    proposal = await proposed(scene)
    stops = {stop["booking_id"]: stop for route in proposal["routes"] for stop in route["stops"]}
    assert stops[promised["id"]]["start_time"] == scene.at(12)
    assert not stops[promised["id"]]["is_changed"]
    times = sorted((stop["start_time"], stop["departure_time"]) for stop in stops.values())
    assert all(left < right for (_, left), (right, _) in pairwise(times))


async def test_a_policy_may_let_promised_bookings_move(scene: Scene) -> None:
    """With `may_reassign` an agreed booking goes to the vendor next door when that saves its penalty."""
    booked = await scene.confirmed(when=scene.at(10), pincode="110003", service=scene.short.id)
    near = await scene.make_vendor("vendor2", base="110003")
    kept = await proposed(scene)
    assert [route["vendor"] for route in kept["routes"] if route["stops"]] == [scene.vendor.id]
    moved = await proposed(scene, may_reassign=True, move_penalty_minutes=0)
    (route,) = [route for route in moved["routes"] if route["stops"]]
    assert route["vendor"] == near.id
    bell = await listen(scene, scene.vendor)
    assert (await apply(scene, moved["id"])).status == 200
    told = await heard(bell, "booking_reassigned")
    assert told["data"]["booking_id"] == booked["id"]
    assert (await booking(scene, booked["id"]))["vendor"] == near.id


async def test_a_booking_without_a_vendor_says_why(scene: Scene) -> None:
    """Nobody has the skill, or everybody is short of time beside other visits: the reason is named."""
    unskilled = (await scene.book(service=scene.foreign.id)).json["id"]
    at_ten = [(await scene.book(when=scene.at(10))).json["id"] for _ in range(3)]
    proposal = await proposed(scene)
    reasons = {one["booking_id"]: one for one in proposal["dropped_bookings"]}
    assert reasons[unskilled]["reason"] == "skill"
    crowded = [reasons[one] for one in at_ten if one in reasons]
    assert [one["reason"] for one in crowded] == ["time"] * 2
    assert all(one["minutes"] > 0 and one["nearest_vendor"] == scene.vendor.id for one in crowded)
    assert str(crowded[0]["minutes"]) in crowded[0]["explanation"]


async def test_progress_is_heard_on_the_admin_socket(scene: Scene) -> None:
    """Staff hear of a dispatch until it is proposed; progress never falls."""
    await fill(scene, 9, 10)
    socket = await listen(scene, scene.ops, "/ws/admin/")
    asked = await start(scene)
    await work(scene, asked.json["id"])
    told = []
    while not told or told[-1]["data"]["state"] != "proposed":
        told.append(await heard(socket, "dispatch_progress"))
    shares = [one["data"]["progress"] for one in told]
    assert shares == sorted(shares)
    assert {one["data"]["dispatch_id"] for one in told} == {asked.json["id"]}


async def test_a_cancelled_dispatch_ends_and_cannot_be_applied(scene: Scene) -> None:
    """Cancelling is heard by the job, bears repeating, and frees the pincodes for another."""
    await fill(scene, 9)
    asked = (await start(scene)).json
    assert (await start(scene)).status == 409
    path = f"{PAGE}{asked['id']}/cancel/"
    for _ in range(2):
        ended = await scene.api.post(path, token=scene.ops.token)
        assert (ended.status, ended.json["status"]) == (200, "cancelled")
    assert await work(scene, asked["id"]) == "cancelled"
    assert (await apply(scene, asked["id"])).status == 409
    assert (await start(scene)).status == 202


async def test_a_dispatch_whose_worker_gave_up_has_failed(scene: Scene) -> None:
    """It is not shown as under way for ever, and does not block its pincodes."""
    asked = (await start(scene)).json
    tasks = scene.api.market.stores.tasks
    task = await tasks.get(asked["id"])
    assert task is not None
    lost = replace(task, state=TaskState.FAILED, error="Abandoned", due_at=None)
    assert await tasks.take(task, lost)
    shown = (await read(scene, asked["id"])).json
    assert (shown["status"], shown["error"]) == ("failed", "Abandoned")
    assert (await start(scene)).status == 202


async def test_staff_hear_of_a_dispatch_from_the_asking_to_the_end(scene: Scene) -> None:
    """Asked for, called off, given up, applied: each is told, with all that a list shows of it."""
    await fill(scene, 9)
    socket = await scene.api.listen("/ws/admin/", scene.ops.token)
    cancelled = (await start(scene)).json
    await scene.api.post(f"{PAGE}{cancelled['id']}/cancel/", token=scene.ops.token)
    lost = (await start(scene)).json
    task = await scene.api.market.stores.tasks.get(lost["id"])
    assert task is not None
    await scene.api.market.dispatching.give_up(replace(task, state=TaskState.FAILED, error="Abandoned"))
    applied = await proposed(scene)
    await apply(scene, applied["id"])
    states: dict[str, list[str]] = {}
    while states.get(applied["id"], [""])[-1] != "applied":
        told = await heard(socket, "dispatch_progress")
        [shown] = told["state"]["dispatches"]
        assert (shown["id"], shown["status"]) == (told["data"]["dispatch_id"], told["data"]["state"])
        states.setdefault(shown["id"], []).append(shown["status"])
    assert states[cancelled["id"]] == ["queued", "cancelled"]
    assert states[lost["id"]] == ["queued", "failed"]
    assert states[applied["id"]][-2:] == ["proposed", "applied"]
    listed = (await scene.api.get(PAGE, token=scene.ops.token)).json["results"]
    assert shown == next(one for one in listed if one["id"] == shown["id"])


async def test_dispatches_are_listed_newest_first(scene: Scene) -> None:
    """Filters combine; pages link."""
    first = await proposed(scene)
    second = (await start(scene)).json
    listed = (await scene.api.get(PAGE, token=scene.ops.token)).json
    assert [one["id"] for one in listed["results"]] == [second["id"], first["id"]]
    narrowed = await scene.api.get(PAGE, token=scene.ops.token, status="proposed", date=scene.day.isoformat())
    assert [one["id"] for one in narrowed.json["results"]] == [first["id"]]


@pytest.mark.parametrize("who", ["customer", "vendor", "onboarder", "nobody"])
async def test_only_staff_dispatch(scene: Scene, who: str) -> None:
    """Nobody else starts, sees, applies or ends one, or listens."""
    proposal = await proposed(scene)
    token = getattr(scene, who).token if who != "nobody" else None
    expected = 403 if token else 401
    body = {"date": scene.day.isoformat(), "pincodes": list(AREA)}
    one = f"{PAGE}{proposal['id']}/"
    replies = [
        await scene.api.get(PAGE, token=token),
        await scene.api.post(PAGE, json=body, token=token),
        await scene.api.get(one, token=token),
        await scene.api.post(f"{one}apply/", token=token),
        await scene.api.post(f"{one}cancel/", token=token),
    ]
    assert [reply.status for reply in replies] == [expected] * 5


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"date": "2020-01-01"}, "date"),
        ({"pincodes": []}, "pincodes"),
        ({"pincodes": ["11"]}, "pincodes"),
        ({"policy": {"budget_seconds": 3600}}, "policy"),
        ({"speed": 1}, "speed"),
    ],
)
async def test_a_wish_that_makes_no_sense_names_its_field(
    scene: Scene, wrong: dict[str, Any], field: str
) -> None:
    """Nothing is queued for it."""
    body = {"date": scene.day.isoformat(), "pincodes": list(AREA)} | wrong
    reply = await scene.api.post(PAGE, json=body, token=scene.ops.token)
    assert reply.status == 400
    assert any(name.startswith(field) for name in reply.json["details"])
    assert (await scene.api.get(PAGE, token=scene.ops.token)).json["count"] == 0
