"""What changed travels with the events: beside what is documented, to those who may read it."""

from dataclasses import replace
from typing import Any

from tornado.httpclient import HTTPRequest

from handlers.homeserve.face import HOMESERVE_FACE
from server.domain.events import to_bytes, user_topic
from server.embedded import Endpoints
from server.realtime.numbering import Mark
from server.settings import Settings
from tests.handlers.client import Account, heard
from tests.handlers.conftest import serving
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.test_photos import upload
from tests.handlers.homeserve.test_sockets import heard as next_of
from tests.handlers.homeserve.test_sockets import listen
from tests.handlers.homeserve.watching import HomeView


async def reassign(scene: Scene, booking_id: str, to: Account) -> None:
    """Give a booking to another vendor, as applying a dispatch does."""
    market = scene.api.market

    async def write() -> None:
        before = await market.stores.bookings.get(booking_id)
        assert before is not None
        after = replace(before, provider_id=to.id, provider_name="vendor2", revision=before.revision + 1)
        await market.stores.bookings.rewrite(after, before.revision)
        await market.dispatch_applying._consequences.follow(None, before, after)

    await market.database.together(write)


async def eager(scene: Scene, account: Account) -> Any:
    """Open a notification socket that asks for every update."""
    path = f"/ws/notifications/{account.id}/?updates=1&token={account.token}"
    return await scene.api.connect(f"ws://localhost:{scene.api.port}{path}")


async def shown(scene: Scene, booking: Any, account: Account) -> Any:
    return (await scene.api.get(f"/api/bookings/{booking['id']}/", token=account.token)).json


async def test_a_message_shows_what_changed_beside_what_is_documented(scene: Scene) -> None:
    """The data is as documented; the state is the booking as its row shows it then."""
    booking = (await scene.book(vendor=scene.vendor.id)).json
    socket = await scene.api.listen(f"/ws/bookings/{booking['id']}/", scene.customer.token)
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    told = await heard(socket, "booking_status_change")
    assert set(told) == {"type", "data", "state", "seq", "epoch"}
    assert set(told["data"]) == {"booking_id", "old_status", "new_status", "timestamp"}
    assert told["state"] == {"bookings": [await shown(scene, booking, scene.customer)]}


async def test_only_who_asks_hears_of_their_own_doings(scene: Scene) -> None:
    """What was done on another device is for `?updates=1`; a documented client hears what is documented."""
    plain = await listen(scene, scene.customer)
    asked = await eager(scene, scene.customer)
    booking = (await scene.book(vendor=scene.vendor.id)).json
    assert (await heard(asked, "update"))["state"]["bookings"][0]["id"] == booking["id"]
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    assert (await next_of(plain))["type"] == "booking_status_change"


async def test_who_was_replaced_hears_that_and_nothing_more(scene: Scene) -> None:
    """On the sockets that a former vendor still has the booking is gone; the customer hears on."""
    second = await scene.make_vendor("vendor2")
    booking = await scene.confirmed()
    path = f"/ws/bookings/{booking['id']}/"
    first = await scene.api.listen(path, scene.vendor.token)
    customer = await scene.api.listen(path, scene.customer.token)
    await reassign(scene, booking["id"], second)
    told = await heard(first, "booking_reassigned")
    assert told["state"] == {"gone_bookings": [booking["id"]]}
    assert (await heard(customer, "booking_reassigned"))["state"]["bookings"][0]["vendor"] == second.id
    await scene.api.post(f"/api/bookings/{booking['id']}/complete_booking/", token=second.token)
    await heard(customer, "booking_status_change")
    await first.write_message("anything?")
    assert (await next_of(first))["type"] == "error"


async def test_vendors_hear_that_an_offer_is_gone(scene: Scene) -> None:
    """Who could have taken a booking is told when somebody else has."""
    second = await scene.make_vendor("vendor2")
    socket = await eager(scene, second)
    booking = (await scene.book()).json
    offered = await heard(socket, "booking_request")
    assert offered["state"] == {"bookings": [await shown(scene, booking, second)]}
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    assert (await heard(socket, "update"))["state"] == {"gone_bookings": [booking["id"]]}
    assert (await scene.api.get(f"/api/bookings/{booking['id']}/", token=second.token)).status == 404


async def test_nothing_secret_travels(scene: Scene) -> None:
    """A payment's secret, which lets its holder pay, is in no event that is kept."""
    booking = await scene.signed()
    payment = await scene.api.market.stores.payments.of_booking(booking["id"])
    assert payment is not None and payment.secret
    view = HomeView(scene.customer, "notifications", "customer")
    _, epoch = await view.place(scene.api)
    kept = await scene.api.market.outbox.missed(user_topic(scene.customer.id), Mark(epoch, 0))
    assert kept is not None
    assert "Payment" in {shown["kind"] for _, event in kept.events for shown in event.shows}
    assert not [event for _, event in kept.events if payment.secret.encode() in to_bytes(event)]


async def test_photos_are_told_of_to_the_booking_s_sides_alone(scene: Scene) -> None:
    """Whom a booking is only offered to hears of none; who takes it of all; who loses it of their loss."""
    second = await scene.make_vendor("vendor2")
    rival, vendor = await eager(scene, second), await eager(scene, scene.vendor)
    booking = (await scene.book()).json
    photo = (await upload(scene, booking, scene.customer)).json
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    told = await heard(vendor, "booking_status_change")
    assert (await heard(rival, "update"))["state"] == {"gone_bookings": [booking["id"]]}
    shown = await scene.api.get(f"/api/photos/{photo['id']}/", token=scene.vendor.token)
    assert told["state"]["photos"] == [shown.json]
    await reassign(scene, booking["id"], second)
    told = await heard(vendor, "booking_reassigned")
    assert told["state"] == {"gone_bookings": [booking["id"]], "gone_photos": [photo["id"]]}
    assert (await heard(rival, "booking_reassigned"))["state"]["photos"] == [shown.json]


async def test_an_address_is_on_the_host_and_scheme_that_the_listener_came_by(
    settings: Settings, services: Endpoints
) -> None:
    """Behind a proxy that is trusted it is https; somebody who connects directly is told plain http."""
    for proxies, scheme in ((("127.0.0.1",), "https"), ((), "http")):
        behind = settings.model_copy(update={"trusted_proxies": proxies})
        async with serving(behind, services, [HOMESERVE_FACE]) as served:
            scene = await Scene.build(served["homeserve"])
            booking = await scene.confirmed()
            path = f"/homeserve/ws/bookings/{booking['id']}/?updates=1&token={scene.customer.token}"
            url = f"ws://127.0.0.1:{scene.api.port}{path}"
            socket = await scene.api.connect(HTTPRequest(url, headers={"X-Forwarded-Proto": "https"}))
            await upload(scene, booking, scene.vendor)
            [photo] = (await heard(socket, "update"))["state"]["photos"]
            assert photo["image"].startswith(f"{scheme}://127.0.0.1:{scene.api.port}/homeserve/media/photos/")
