"""Where the vendor is: told to those concerned while a visit is at hand, seldom enough, and forgotten."""

import asyncio
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import pytest

from engine import travel as engine
from server import clock
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.client import Account, Reply, heard
from tests.handlers.homeserve.beside import beside
from tests.handlers.homeserve.changing import Travel, cancel
from tests.handlers.homeserve.histories import all_signed_in, signed_in
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.test_sockets import closed
from tests.handlers.homeserve.test_sockets import heard as next_of
from tests.handlers.homeserve.test_updates import reassign

HERE = {"lat": 28.6139, "lng": 77.2090}


async def at_hand(scene: Scene, travel: Travel, hours: float = 1) -> tuple[Scene, Any]:
    """Give the scene so many hours before the start of a confirmed booking, everybody signed in then."""
    booking = await scene.confirmed()
    travel(datetime.fromisoformat(booking["scheduled_date"]) - timedelta(hours=hours))
    return await all_signed_in(scene), booking


async def tell(scene: Scene, visit: Any, account: Account | None = None, **where: Any) -> Reply:
    """Say where a vendor is."""
    body = {"booking": visit["id"], **HERE, **where}
    return await scene.api.post("/api/travel/location/", json=body, token=(account or scene.vendor).token)


async def watch(scene: Scene, booking: Any, account: Account) -> Any:
    return await scene.api.listen(f"/ws/bookings/{booking['id']}/", account.token)


async def silent(socket: Any) -> bool:
    """Say whether nothing was told before an answered complaint."""
    await socket.write_message("anything?")
    return (await next_of(socket))["type"] == "error"


async def kept(scene: Scene, booking: Any) -> Any:
    return await scene.api.market.stores.positions.get(booking["id"])


async def test_those_concerned_hear_where_the_vendor_is(scene: Scene, travel: Travel) -> None:
    """Customer, vendor and staff hear the place, and the arrival by the model at this hour."""
    scene, booking = await at_hand(scene, travel)
    sockets = [await watch(scene, booking, one) for one in (scene.customer, scene.vendor, scene.ops)]
    reply = await tell(scene, booking)
    assert (reply.status, reply.json["next_in_seconds"]) == (200, 5)
    found = await scene.api.market.stores.bookings.get(booking["id"])
    assert found is not None
    meaning = scene.api.market.meaning
    hour = clock.hour_of_week(clock.now(), meaning.timezone)
    here = (HERE["lat"], HERE["lng"])
    leg = engine.between(here, (found.lat, found.lng), meaning.travel, hour)
    for socket in sockets:
        told = await heard(socket, "vendor_location")
        assert "seq" not in told
        data = told["data"]
        assert (data["booking_id"], data["lat"], data["lng"]) == (booking["id"], *here)
        assert data["arrival_minutes"] == ceil(leg.minutes) == reply.json["arrival_minutes"]
        assert (data["at"], data["arrives_at"]) == (reply.json["at"], reply.json["arrives_at"])
    assert await closed(await watch(scene, booking, scene.other)) == 4000


async def test_only_the_bookings_vendor_tells(scene: Scene, travel: Travel) -> None:
    """To another vendor the booking does not exist; other roles do not tell where they are."""
    second = await scene.make_vendor("vendor2")
    scene, booking = await at_hand(scene, travel)
    assert (await tell(scene, booking, second)).status == 404
    for account in (scene.customer, scene.other, scene.ops, scene.admin, scene.onboarder):
        assert (await tell(scene, booking, account)).status == 403
    reply = await scene.api.post("/api/travel/location/", json={"booking": booking["id"], **HERE})
    assert reply.status == 401
    assert await kept(scene, booking) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lat": 91}, "lat"),
        ({"lat": "north"}, "lat"),
        ({"lat": None}, "lat"),
        ({"lng": -180.5}, "lng"),
        ({"lng": float("nan")}, "lng"),
        ({"lng": float("inf")}, "lng"),
        ({"booking": "b"}, "booking"),
        ({"speed": 1}, "speed"),
    ],
)
async def test_a_bad_position_names_its_field(scene: Scene, wrong: dict[str, Any], field: str) -> None:
    """It is a 400, and nothing is told."""
    reply = await tell(scene, {"id": "550e8400-e29b-41d4-a716-446655440000"}, **wrong)
    assert reply.status == 400
    assert field in str(reply.json)


async def test_positions_are_for_a_visit_at_hand(scene: Scene, travel: Travel) -> None:
    """Not before somebody accepted, not earlier than two hours before, not once it should be long over."""
    asked = (await scene.book(vendor=scene.vendor.id, when=scene.at(15))).json
    early, booking = await at_hand(scene, travel, hours=2.1)
    assert [(await tell(early, one)).status for one in (asked, booking)] == [409, 409]
    travel(clock.now() + timedelta(minutes=10))
    assert (await tell(early, booking)).status == 200
    travel(clock.now() + timedelta(hours=9))
    late = await all_signed_in(scene)
    assert (await tell(late, booking)).status == 409
    assert await silent(await watch(late, booking, late.customer))


async def test_a_position_is_told_at_most_once_in_five_seconds(scene: Scene, travel: Travel) -> None:
    """Of many at once, and of those that come soon after, one is told and kept; then the next."""
    scene, booking = await at_hand(scene, travel)
    frozen = clock.now()
    travel_to = [frozen]
    socket = await watch(scene, booking, scene.customer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: travel_to[0])
        replies = await asyncio.gather(*(tell(scene, booking, lat=28.6 + n / 1000) for n in range(20)))
        assert [reply.status for reply in replies] == [200] * 20
        assert len({reply.json["lat"] for reply in replies}) == 1
        travel_to[0] = frozen + timedelta(seconds=4.9)
        assert (await tell(scene, booking, lat=28.7)).json["next_in_seconds"] == 1
        travel_to[0] = frozen + timedelta(seconds=5)
        assert (await tell(scene, booking, lat=28.8)).json["lat"] == 28.8
    told = [(await heard(socket, "vendor_location"))["data"]["lat"] for _ in range(2)]
    assert told == [replies[0].json["lat"], 28.8]
    assert await silent(socket)


async def test_who_comes_later_is_greeted_after_a_restart_too(
    scene: Scene, travel: Travel, settings: Settings, services: Endpoints
) -> None:
    """The last position is kept in the database; and another process hears what this one is told."""
    scene, booking = await at_hand(scene, travel)
    reply = await tell(scene, booking)
    async with beside(scene, settings, services) as other:
        socket = await other.listen(f"/ws/bookings/{booking['id']}/", scene.customer.token)
        told = (await next_of(socket))["data"]
        assert (told["lat"], told["arrives_at"]) == (HERE["lat"], reply.json["arrives_at"])
        travel(clock.now() + timedelta(seconds=6))
        await tell(scene, booking, lat=28.62)
        assert (await heard(socket, "vendor_location"))["data"]["lat"] == 28.62


async def test_at_work_nobody_is_awaited(scene: Scene, travel: Travel) -> None:
    """Once the work has begun there is no arrival to estimate."""
    scene, booking = await at_hand(scene, travel)
    path = f"/api/bookings/{booking['id']}/"
    await scene.api.patch(path, json={"status": "in_progress"}, token=scene.vendor.token)
    reply = await tell(scene, booking)
    assert (reply.json["arrives_at"], reply.json["arrival_minutes"]) == (None, None)


@pytest.mark.parametrize("how", ["completed", "cancelled"])
async def test_a_position_is_forgotten_with_the_visit(scene: Scene, travel: Travel, how: str) -> None:
    """Nobody is greeted with it, nothing more is told, and the row is gone."""
    scene, booking = await at_hand(scene, travel)
    assert (await tell(scene, booking)).status == 200
    assert await kept(scene, booking) is not None
    if how == "cancelled":
        await cancel(scene, booking, scene.customer)
    else:
        path = f"/api/bookings/{booking['id']}/complete_booking/"
        await scene.api.post(path, token=scene.vendor.token)
    assert await kept(scene, booking) is None
    assert (await tell(scene, booking)).status == 409
    socket = await watch(scene, booking, scene.customer)
    await socket.write_message("anything?")
    assert "vendor_location" not in [(await next_of(socket))["type"]]


async def test_who_is_replaced_is_not_looked_for(scene: Scene, travel: Travel) -> None:
    """A former vendor's position is forgotten, and they tell no other; the new vendor's is theirs."""
    second = await scene.make_vendor("vendor2")
    scene, booking = await at_hand(scene, travel)
    await tell(scene, booking)
    await reassign(scene, booking["id"], second)
    assert await kept(scene, booking) is None
    assert (await tell(scene, booking)).status == 404
    assert (await tell(scene, booking, await signed_in(scene, second), lat=28.5)).json["lat"] == 28.5


async def test_a_position_that_meets_the_end_leaves_none(scene: Scene, travel: Travel) -> None:
    """Told while the work is finished: whoever comes first, nothing is kept."""
    scene, booking = await at_hand(scene, travel)
    path = f"/api/bookings/{booking['id']}/complete_booking/"
    done, *told = await asyncio.gather(
        scene.api.post(path, token=scene.vendor.token), *(tell(scene, booking) for _ in range(5))
    )
    assert done.status == 200
    assert {reply.status for reply in told} <= {200, 409}
    assert await kept(scene, booking) is None
