"""Notifications: told at once on the socket, kept, mailed and texted as the user wishes, tried again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from json import loads
from pathlib import Path

import pytest
import pytest_asyncio
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from server import clock
from server.domain.notifications import PAUSES, DeliveryState
from server.gateways.deliveries import Undelivered
from server.gateways.sms import Sms
from server.settings import Settings
from tests.handlers.client import Account, Api
from tests.handlers.homeserve.scene import Scene


async def tell(scene: Scene, *accounts: Account, kind: str = "signature_request") -> None:
    """Tell users something, as a service would."""
    market = scene.api.market
    ids = [account.id for account in accounts]
    await market.database.together(
        lambda: market.notifications.notify(ids, kind, "Something happened", {"booking_id": "b"})
    )


async def test_the_socket_hears_at_once(scene: Scene) -> None:
    """A notification reaches the user's socket as its kind, with its facts, message and time."""
    path = f"/ws/notifications/{scene.customer.id}/"
    socket = await scene.api.listen(path, scene.customer.token)
    await tell(scene, scene.customer)
    message = loads(await socket.read_message() or "")
    assert message["type"] == "signature_request"
    assert message["data"] | {"timestamp": ""} == {
        "booking_id": "b",
        "message": "Something happened",
        "timestamp": "",
    }


async def test_the_list_is_ones_own(scene: Scene) -> None:
    """Everybody reads their own notifications; another's can be neither seen nor marked."""
    await tell(scene, scene.customer)
    await tell(scene, scene.customer, kind="bonus_alert")
    mine = (await scene.api.get("/api/notifications/", token=scene.customer.token)).json
    assert [(one["kind"], one["is_read"]) for one in mine["results"]] == [
        ("bonus_alert", False),
        ("signature_request", False),
    ]
    narrowed = await scene.api.get("/api/notifications/", token=scene.customer.token, kind="bonus_alert")
    assert narrowed.json["count"] == 1
    assert (await scene.api.get("/api/notifications/", token=scene.other.token)).json["count"] == 0
    path = f"/api/notifications/{mine['results'][0]['id']}/read/"
    assert (await scene.api.post(path, token=scene.other.token)).status == 404
    assert (await scene.api.post(path, token=scene.customer.token)).status == 200
    assert (await scene.api.get("/api/notifications/unread/", token=scene.customer.token)).json == {
        "unread": 1
    }
    assert (await scene.api.post("/api/notifications/read-all/", token=scene.customer.token)).status == 200
    unread = await scene.api.get("/api/notifications/", token=scene.customer.token, is_read="false")
    assert unread.json["count"] == 0


async def test_channels_follow_the_kind_and_the_user(scene: Scene) -> None:
    """A kind worth a mail is mailed unless the user has no wish for mails, or for this kind."""
    path, token = "/api/notifications/settings/", scene.customer.token
    usual = (await scene.api.get(path, token=token)).json
    assert usual == {"email": True, "sms": True, "muted": []}
    changed = await scene.api.call("PATCH", path, json={"muted": ["signature_request"]}, token=token)
    assert changed.json == usual | {"muted": ["signature_request"]}
    await tell(scene, scene.customer, scene.other)
    stores = scene.api.market.stores
    found = await stores.deliveries.find({"date": clock.now().date().isoformat()})
    assert sorted((one.user_id, str(one.channel), str(one.state)) for one in found) == [
        (scene.customer.id, "websocket", "sent"),
        (scene.other.id, "email", "pending"),
        (scene.other.id, "websocket", "sent"),
    ]


async def test_due_mails_leave_once(scene: Scene, settings: Settings) -> None:
    """Whoever delivers, in how many processes at once, a mail leaves once and is noted as sent."""
    outbox = settings.data_dir / "outbox"
    before = set(outbox.glob("mail-*.eml")) if outbox.exists() else set()
    await tell(scene, scene.customer)
    notifications = scene.api.market.notifications
    made = await asyncio.gather(*(notifications.deliver_due() for _ in range(5)))
    assert sum(made) == 1
    mails = set(outbox.glob("mail-*.eml")) - before
    assert [("Something happened" in mail.read_text()) for mail in mails] == [True]


async def test_failures_are_tried_again_and_given_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery that fails rests longer each time, is given up in the end, and can be asked for again."""
    await tell(scene, scene.customer)
    deliveries = scene.api.market.stores.deliveries
    (kept,) = await deliveries.find({"due_at": {"$gt": clock.now() - PAUSES[-1], "$lte": clock.now()}})

    async def refuse(to: str, subject: str, text: str) -> None:
        raise Undelivered("nobody there")

    notifications = scene.api.market.notifications
    couriers = notifications._couriers
    monkeypatch.setitem(couriers, kept.channel, refuse)
    for attempt, pause in enumerate(PAUSES, 1):
        await notifications.deliver_due()
        kept = replace(kept, due_at=(await deliveries.get(kept.id)).due_at)
        assert kept.due_at is not None and kept.due_at - clock.now() > pause / 2
        assert (await deliveries.get(kept.id)).attempts == attempt
        await deliveries.change(kept.id, {"due_at": clock.now()})
    await notifications.deliver_due()
    given_up = await deliveries.get(kept.id)
    assert (given_up.state, given_up.due_at) == (DeliveryState.FAILED, None)
    assert await notifications.retry_failed([kept.date]) == 1
    monkeypatch.undo()
    assert await notifications.deliver_due() == 1


class Service(RequestHandler):
    """An SMS service that is down for its first two messages."""

    taken: list[bytes]

    def initialize(self, taken: list[bytes]) -> None:
        self.taken = taken

    def post(self) -> None:
        self.taken.append(self.request.body)
        self.set_status(503 if len(self.taken) < 3 else 200)


@pytest_asyncio.fixture
async def sms_service() -> AsyncIterator[tuple[str, list[bytes]]]:
    taken: list[bytes] = []
    server = HTTPServer(Application([("/", Service, {"taken": taken})], log_function=lambda handler: None))
    socket, port = bind_unused_port()
    server.add_sockets([socket])
    yield f"http://127.0.0.1:{port}/", taken
    server.stop()
    await server.close_all_connections()


async def test_an_sms_service_that_is_down(sms_service: tuple[str, list[bytes]], tmp_path: Path) -> None:
    """`deliver` says that a service took nothing, so that the job tries again until it does."""
    url, taken = sms_service
    sms = Sms(url, tmp_path)
    for _ in range(2):
        with pytest.raises(Undelivered):
            await sms.deliver("+919876543210", "", "Your booking was cancelled")
    await sms.deliver("+919876543210", "", "Your booking was cancelled")
    assert len(taken) == 3
    await sms.close()


@pytest.mark.parametrize("body", [{"muted": "all"}, {"email": "yes"}, {"sound": True}, {"muted": ["x" * 99]}])
async def test_wrong_settings_are_refused(scene: Scene, body: dict[str, object]) -> None:
    """Settings that do not exist or have another type are a 400 naming the field."""
    answer = await scene.api.call(
        "PATCH", "/api/notifications/settings/", json=body, token=scene.vendor.token
    )
    assert answer.status == 400
    assert next(iter(body)) in answer.json["error"]


async def test_visitors_have_no_notifications(homeserve: Api) -> None:
    """Without a token there is nothing to read."""
    assert (await homeserve.get("/api/notifications/")).status == 401
