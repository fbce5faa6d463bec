"""Reconnecting: what was missed is told in order, once, or that it is not known any more."""

import asyncio
from random import Random
from typing import Any

import orjson
from tornado.websocket import WebSocketClientConnection

from server.domain.events import to_bytes
from server.realtime.numbering import KEPT_EVENTS
from tests.handlers.client import heard
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.telling import told

EVENTS = 10_000


async def announce(scene: Scene, number: int, name: str | None = None, message: str = "") -> None:
    """Announce a numbered event to the customer, as the outbox does after a commit."""
    event, outbox = told(scene, number, message), scene.api.market.outbox
    assert await outbox._bus.announce(outbox._channel, to_bytes(event), name or event.id, event.topics)


async def connect(scene: Scene, **since: Any) -> WebSocketClientConnection:
    query = "".join(f"&{name}={value}" for name, value in since.items())
    path = f"/ws/notifications/{scene.customer.id}/?token={scene.customer.token}{query}"
    return await scene.api.connect(f"ws://localhost:{scene.api.port}{path}")


async def position(scene: Scene) -> dict[str, Any]:
    """Give where a client begins: `since=0` without an epoch knows nothing, and is told so."""
    socket = await connect(scene, since=0)
    begun = await heard(socket, "resync")
    socket.close()
    return {"since": begun["seq"], "epoch": begun["epoch"]}


async def test_reconnecting_at_any_moment_loses_and_doubles_nothing(scene: Scene) -> None:
    """10,000 events while a client comes and goes at random: it hears each once, in order."""
    rng, got = Random(1), list[int]()
    place = await position(scene)
    announcing = asyncio.create_task(_announce_all(scene))
    while len(got) < EVENTS:
        socket = await connect(scene, **place)
        for _ in range(rng.randrange(1, 600)):
            if len(got) == EVENTS:
                break
            message = orjson.loads(await asyncio.wait_for(socket.read_message(), 30) or b"null")
            assert message["type"] == "told", message
            got.append(message["data"]["number"])
            place = {"since": message["seq"], "epoch": message["epoch"]}
        socket.close()
    await announcing
    assert got == list(range(EVENTS))


async def _announce_all(scene: Scene) -> None:
    for number in range(EVENTS):
        await announce(scene, number)
        # A client that is slower than the history is long would rightly be told to fetch afresh.
        if number % 100 == 99:
            await asyncio.sleep(0.05)


async def test_a_long_absence_is_made_up_for(scene: Scene) -> None:
    """A client that missed all that is kept, more than its queue holds, is told everything."""
    place = await position(scene)
    for number in range(KEPT_EVENTS):
        await announce(scene, number, message="x" * 5_000)
    socket = await connect(scene, **place)
    for number in range(KEPT_EVENTS, KEPT_EVENTS + 20):
        await announce(scene, number)
    numbers = [(await heard(socket, "told"))["data"]["number"] for _ in range(KEPT_EVENTS + 20)]
    assert numbers == list(range(KEPT_EVENTS + 20))


async def test_what_is_announced_twice_is_heard_once(scene: Scene) -> None:
    """An announcer that died before it could note its success announces nothing by announcing again."""
    place = await position(scene)
    for _ in range(3):
        await announce(scene, 1, name="the same")
    await announce(scene, 2)
    socket = await connect(scene, **place)
    assert [(await heard(socket, "told"))["data"]["number"] for _ in range(2)] == [1, 2]


async def test_a_history_that_does_not_reach_back_is_told(scene: Scene) -> None:
    """Beyond a thousand events the client is told to fetch afresh, and goes on from there."""
    place = await position(scene)
    for number in range(1_001):
        await announce(scene, number)
    socket = await connect(scene, **place)
    assert (await heard(socket, "resync"))["seq"] == place["since"] + 1_001
    await announce(scene, 7)
    assert (await heard(socket, "told"))["data"]["number"] == 7
