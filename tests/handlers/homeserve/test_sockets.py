"""HomeServe's sockets over real WebSockets: who may join, what rings, how they close."""

import asyncio
from typing import Any

import orjson
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection

from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene


async def heard(connection: WebSocketClientConnection) -> Any:
    """Give the next message; fails the test when none comes."""
    frame = await asyncio.wait_for(connection.read_message(), 5)
    assert frame is not None, f"closed with {connection.close_code}"
    return orjson.loads(frame)


async def closed(connection: WebSocketClientConnection) -> int | None:
    """Give the code with which the server closes."""
    async with asyncio.timeout(5):
        while await connection.read_message() is not None:
            pass
    return connection.close_code


async def listen(scene: Scene, account: Account, path: str | None = None) -> WebSocketClientConnection:
    """Open a socket and wait until it has joined, which an answered complaint proves.

    What happened before is announced after its commit, and may be heard until then.
    """
    connection = await scene.api.listen(path or f"/ws/notifications/{account.id}/", account.token)
    await connection.write_message("not json")
    while (await heard(connection))["type"] != "error":
        pass
    return connection


async def test_everyone_hears_what_concerns_them(scene: Scene) -> None:
    """The vendor's socket rings on the request, the customer's on acceptance, both as documented."""
    vendor, customer = await listen(scene, scene.vendor), await listen(scene, scene.customer)
    booking = (await scene.book(vendor=scene.vendor.id)).json
    rung = await heard(vendor)
    assert rung["type"] == "booking_request"
    assert rung["data"]["booking_id"] == booking["id"]
    watching = await listen(scene, scene.customer, f"/ws/bookings/{booking['id']}/")
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    for connection in (customer, watching, vendor):
        message = await heard(connection)
        assert message["type"] == "booking_status_change"
        assert set(message["data"]) == {"booking_id", "old_status", "new_status", "timestamp"}
        assert (message["data"]["old_status"], message["data"]["new_status"]) == ("pending", "confirmed")


async def test_a_moved_booking_rings(scene: Scene) -> None:
    """The other side hears of the new time as a move and in words; who could take an open one hears anew."""
    booking = await scene.confirmed()
    vendor = await listen(scene, scene.vendor)
    body = {"scheduled_date": scene.at(14), "reason": "Rain"}
    path = f"/api/bookings/{booking['id']}/reschedule/"
    await scene.api.post(path, json=body, token=scene.customer.token)
    rung = {one["type"]: one["data"] for one in [await heard(vendor), await heard(vendor)]}
    assert set(rung) == {"booking_rescheduled", "reschedule_done"}
    times = rung["booking_rescheduled"]
    assert (times["old_scheduled_date"], times["scheduled_date"]) == (scene.at(10), scene.at(14))
    assert rung["reschedule_done"]["reason"] == "Rain"

    able = await listen(scene, await scene.make_vendor("able"))
    open_one = (await scene.book(scene.other)).json
    assert (await heard(able))["data"]["scheduled_date"] == scene.at(10)
    path = f"/api/bookings/{open_one['id']}/reschedule/"
    await scene.api.post(path, json={"scheduled_date": scene.at(16)}, token=scene.other.token)
    again = await heard(able)
    assert (again["type"], again["data"]["scheduled_date"]) == ("booking_request", scene.at(16))


async def test_an_open_booking_rings_every_vendor_who_could_take_it(scene: Scene) -> None:
    """Vendors with skill and pincode hear of it, others do not."""
    able = await listen(scene, scene.vendor)
    unable_account = await scene.make_vendor("unskilled", skills=())
    unable = await listen(scene, unable_account)
    first = (await scene.book()).json
    assert (await heard(able))["data"]["booking_id"] == first["id"]
    named = (await scene.book(vendor=scene.vendor.id)).json
    assert (await heard(able))["data"]["booking_id"] == named["id"]
    await unable.write_message("still here?")
    assert (await heard(unable))["type"] == "error"


@pytest.mark.parametrize(
    ("path", "who", "code"),
    [
        ("/ws/notifications/{customer}/", "other", 4003),
        ("/ws/notifications/{customer}/", "vendor", 4003),
        ("/ws/bookings/550e8400-e29b-41d4-a716-446655440000/", "customer", 4000),
        ("/ws/bookings/550e8400-e29b-41d4-a716-446655440000/", "onboarder", 4003),
        ("/ws/nothing/", "customer", 4000),
    ],
)
async def test_strangers_are_closed_with_the_documented_code(
    scene: Scene, path: str, who: str, code: int
) -> None:
    """Another's notifications are 4003, a booking that is not theirs does not exist (4000)."""
    account: Account = getattr(scene, who)
    path = path.format(customer=scene.customer.id)
    assert await closed(await scene.api.listen(path, account.token)) == code


async def test_another_customers_booking_does_not_exist_for_sockets(scene: Scene) -> None:
    """A real booking of somebody else is closed like one that is not there."""
    booking = (await scene.book()).json
    path = f"/ws/bookings/{booking['id']}/"
    assert await closed(await scene.api.listen(path, scene.other.token)) == 4000
    await listen(scene, scene.ops, path)


async def test_tokens_come_by_header_and_subprotocol_too(scene: Scene) -> None:
    """Browsers cannot set headers, servers need not put secrets in addresses: both ways work."""
    url = f"ws://localhost:{scene.api.port}/ws/notifications/{scene.customer.id}/"
    bearer = HTTPRequest(url, headers={"Authorization": f"Bearer {scene.customer.token}"})
    by_header = await scene.api.connect(bearer)
    by_protocol = await scene.api.connect(url, subprotocols=["bearer", scene.customer.token])
    assert by_protocol.selected_subprotocol == "bearer"
    for connection in (by_header, by_protocol):
        await connection.write_message("[]")
        assert (await heard(connection))["type"] == "error"


async def test_a_foreign_page_may_not_connect(scene: Scene) -> None:
    """A browser page of another site is refused at the upgrade, one of this host is not."""
    url = (
        f"ws://localhost:{scene.api.port}/ws/notifications/{scene.customer.id}/?token={scene.customer.token}"
    )
    with pytest.raises(HTTPClientError) as refused:
        await scene.api.connect(HTTPRequest(url, headers={"Origin": "https://evil.example"}))
    assert refused.value.code == 403
    await scene.api.connect(HTTPRequest(url, headers={"Origin": f"http://localhost:{scene.api.port}"}))
