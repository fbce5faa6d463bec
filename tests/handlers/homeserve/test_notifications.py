"""Notifications: told at once on the socket, kept, mailed and texted as the user wishes, tried again."""

import asyncio
from typing import Any

import pytest

from server import clock
from server.domain.notifications import Kind
from tests.handlers.client import Account, Api, heard
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
    message = await heard(socket, "signature_request")
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


async def test_reading_is_dated_once(scene: Scene) -> None:
    """A read notification shows when it was read, and reading it again changes nothing."""
    await tell(scene, scene.customer)
    token = scene.customer.token

    async def listed() -> Any:
        return (await scene.api.get("/api/notifications/", token=token)).json["results"][0]

    unread = await listed()
    assert (unread["is_read"], unread["read_at"]) == (False, None)
    path = f"/api/notifications/{unread['id']}/read/"
    assert (await scene.api.post(path, token=token)).status == 200
    read = await listed()
    assert read["is_read"] and read["read_at"]
    assert (await scene.api.post(path, token=token)).status == 200
    assert await listed() == read


async def test_lists_page_and_filters_combine(scene: Scene) -> None:
    """Two filters narrow together, page by page; a kind that does not exist is a 400 naming it."""
    for kind in ("bonus_alert", "bonus_alert", "bonus_alert", "payment_hold"):
        await tell(scene, scene.vendor, kind=kind)
    query = {"kind": "bonus_alert", "is_read": "false", "page_size": 2}
    first = (await scene.api.get("/api/notifications/", token=scene.vendor.token, **query)).json
    assert (first["count"], len(first["results"])) == (3, 2)
    second = (await scene.api.get("/api/notifications/", token=scene.vendor.token, page=2, **query)).json
    assert len(second["results"]) == 1 and second["next"] is None
    wrong = await scene.api.get("/api/notifications/", token=scene.vendor.token, kind="gossip")
    assert wrong.status == 400 and "kind" in wrong.json["error"]


async def test_channels_follow_the_kind_and_the_user(scene: Scene) -> None:
    """A kind travels as usual, as its user chose, or on the socket alone where a channel is off."""
    path, token = "/api/notifications/settings/", scene.customer.token
    usual = (await scene.api.get(path, token=token)).json
    assert (usual["email"], usual["sms"], usual["kinds"]["booking_cancelled"]) == (
        True,
        True,
        ["email", "sms"],
    )
    assert set(usual["kinds"]) == {str(kind) for kind in Kind}
    chosen = {"sms": False, "kinds": {"dispute_message": ["sms", "email"], "signature_request": []}}
    changed = (await scene.api.patch(path, json=chosen, token=token)).json
    assert changed["kinds"] == usual["kinds"] | {"dispute_message": ["sms", "email"], "signature_request": []}
    for kind in ("dispute_message", "signature_request", "booking_cancelled"):
        await tell(scene, scene.customer, kind=kind)
    await tell(scene, scene.other)
    found = await scene.api.market.stores.deliveries.due(clock.now(), 10)
    assert sorted((one.user_id, one.kind, str(one.channel)) for one in found) == [
        (scene.customer.id, "booking_cancelled", "email"),
        (scene.customer.id, "dispute_message", "email"),
        (scene.other.id, "signature_request", "email"),
    ]
    back = {"sms": True, "kinds": {"dispute_message": None, "signature_request": None}}
    assert (await scene.api.patch(path, json=back, token=token)).json == usual


async def test_what_is_done_again_tells_nobody_again(scene: Scene) -> None:
    """Something said once under a name is said to each user once, also by two at the same time."""
    market = scene.api.market

    async def say(*accounts: Account) -> int:
        ids = [account.id for account in accounts]
        return await market.database.together(
            lambda: market.notifications.notify(ids, "bonus_alert", "Well done", once="2024-01-15")
        )

    assert await say(scene.vendor) == 1
    told = await asyncio.gather(*(say(scene.vendor, scene.other) for _ in range(4)))
    assert sorted(told) == [0, 0, 0, 1]
    for account in (scene.vendor, scene.other):
        listed = await scene.api.get("/api/notifications/", token=account.token)
        assert listed.json["count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"kinds": "all"},
        {"kinds": {"gossip": ["email"]}},
        {"kinds": {"bonus_alert": ["websocket"]}},
        {"kinds": {"bonus_alert": ["email", "pigeon"]}},
        {"email": "yes"},
        {"sound": True},
    ],
)
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
