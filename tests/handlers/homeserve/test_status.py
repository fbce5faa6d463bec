"""The status socket: who of those one shares a booking with is there."""

import json
from typing import Any

from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene

PATH = "/ws/status/{}/{}/"


async def listen(scene: Scene, account: Account, role: str) -> Any:
    return await scene.api.listen(PATH.format(account.id, role), account.token)


async def heard(socket: Any, user_id: int, is_online: bool) -> Any:
    """Read until a user's state is told."""
    while True:
        message = json.loads(await socket.read_message())
        assert message["type"] == "status_update"
        data = message["data"]
        if (data["user_id"], data["is_online"]) == (user_id, is_online):
            return data


async def test_company_comes_and_goes(scene: Scene) -> None:
    """Who shares a booking hears at once how it stands, then of coming and leaving, with the time."""
    await scene.confirmed()
    socket = await listen(scene, scene.customer, "customer")
    assert (await heard(socket, scene.vendor.id, False))["last_seen"] is None
    theirs = await listen(scene, scene.vendor, "vendor")
    assert (await heard(socket, scene.vendor.id, True))["last_seen"].endswith("Z")
    await heard(theirs, scene.customer.id, True)
    second = await scene.api.listen(f"/ws/notifications/{scene.vendor.id}/", scene.vendor.token)
    theirs.close()
    second.close()
    await heard(socket, scene.vendor.id, False)


async def test_strangers_hear_nothing(scene: Scene) -> None:
    """Who shares no booking is told of nobody but themselves."""
    await scene.confirmed()
    stranger = await listen(scene, scene.other, "customer")
    await listen(scene, scene.vendor, "vendor")
    own = json.loads(await stranger.read_message())
    assert own["data"]["user_id"] == scene.other.id
    await scene.book(scene.other)
    path = f"/ws/notifications/{scene.other.id}/"
    await scene.api.listen(path, scene.other.token)
    stranger.close()


async def test_who_may_listen(scene: Scene) -> None:
    """One's own status socket, with one's own role; staff may listen in on anybody's."""
    for account, user, role in (
        (scene.other, scene.customer, "customer"),
        (scene.vendor, scene.customer, "customer"),
        (scene.customer, scene.customer, "super_admin"),
    ):
        socket = await scene.api.listen(PATH.format(user.id, role), account.token)
        assert await socket.read_message() is None
        assert socket.close_code == 4003
    socket = await scene.api.listen(PATH.format(scene.customer.id, "customer"), scene.ops.token)
    await listen(scene, scene.customer, "customer")
    await heard(socket, scene.customer.id, True)
