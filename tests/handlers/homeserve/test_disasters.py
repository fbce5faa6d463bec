"""Redis is wiped, dies or comes back with the past, under load: clients know everything or fetch afresh."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
import pytest_asyncio
from tornado.websocket import WebSocketClientConnection

from handlers.homeserve.face import HOMESERVE_FACE
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.client import Api
from tests.handlers.conftest import serving
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.telling import told
from tests.server.realtime.valkey import Valkey
from tests.waiting import until

EVENTS, DISASTERS = 400, 4


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """A Valkey to be maltreated."""
    own = Valkey(tmp_path)
    await own.start()
    yield own
    await own.kill()


@pytest_asyncio.fixture
async def scene(settings: Settings, services: Endpoints, valkey: Valkey) -> AsyncIterator[Scene]:
    """HomeServe on that Valkey."""
    async with serving(settings, replace(services, redis_url=valkey.url), [HOMESERVE_FACE]) as served:
        api = Api(served["homeserve"].port, served["homeserve"].market)
        yield await Scene.build(api)
        api.close()


async def wipe(valkey: Valkey) -> None:
    await valkey.wipe()


async def restart(valkey: Valkey) -> None:
    await valkey.kill()
    await valkey.start()


class Client:
    """An app: it knows what it heard of since it last fetched everything, and what it fetched then."""

    def __init__(self, scene: Scene, committed: list[int]) -> None:
        self._scene, self._committed = scene, committed
        self._place: dict[str, Any] = {}
        self._heard: list[int] = []
        self.known: set[int] = set()
        self.resyncs = 0

    async def connect(self) -> WebSocketClientConnection:
        query = "".join(f"&{name}={value}" for name, value in self._place.items())
        path = f"/ws/notifications/{self._scene.customer.id}/?token={self._scene.customer.token}{query}"
        return await self._scene.api.connect(f"ws://localhost:{self._scene.api.port}{path}")

    async def stay(self) -> None:
        """Listen on one socket for ever."""
        connection = await self.connect()
        while (message := await connection.read_message()) is not None:
            self._hear(orjson.loads(message))

    async def come_and_go(self, rng: Random) -> None:
        """Listen for a few messages at a time, and come back with the last one's number."""
        self._place = {"since": 0}
        while True:
            connection = await self.connect()
            for _ in range(rng.randrange(1, 50)):
                message = await connection.read_message()
                if message is None:
                    break
                self._hear(orjson.loads(message))
            connection.close()

    def _hear(self, message: Any) -> None:
        self._place = {"since": message["seq"], "epoch": message["epoch"]}
        if message["type"] == "resync":
            self.known.update(self._committed)
            self._heard, self.resyncs = [], self.resyncs + 1
            return
        number = message["data"]["number"]
        assert number not in self._heard, "told twice"
        self._heard.append(number)
        assert self._heard == sorted(self._heard), "told in the wrong order"
        self.known.add(number)


async def commit(scene: Scene, committed: list[int]) -> None:
    """Commit events one after the other, as services do."""
    market = scene.api.market
    for number in range(EVENTS):
        event = told(scene, number)
        await market.database.together(lambda event=event: market.outbox.add(event))  # type: ignore[misc]
        committed.append(number)


@pytest.mark.parametrize("disaster", [wipe, restart])
@pytest.mark.parametrize("has_past", [False, True])
async def test_no_disaster_of_redis_hides_an_event(
    scene: Scene, valkey: Valkey, disaster: Callable[[Valkey], Awaitable[None]], has_past: bool
) -> None:
    """Whoever stays, and whoever comes and goes, ends up knowing all: heard once, in order, or fetched."""
    committed: list[int] = []
    staying, coming = Client(scene, committed), Client(scene, committed)
    listening = [
        asyncio.create_task(staying.stay()),
        asyncio.create_task(coming.come_and_go(Random(1))),
    ]
    committing = asyncio.create_task(commit(scene, committed))
    for turn in range(1, DISASTERS + 1):
        aim = turn * EVENTS // (DISASTERS + 1)
        await until(lambda aim=aim: has(committed, aim), 60)  # type: ignore[misc]
        if has_past and turn % 2:
            await valkey.save()
        else:
            await disaster(valkey)
    await committing

    async def all_is_known() -> bool:
        for task in listening:
            if task.done():
                task.result()
        return all(one.known >= set(range(EVENTS)) for one in (staying, coming))

    await until(all_is_known, 30)
    assert staying.resyncs
    assert coming.resyncs
    for task in listening:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def has(committed: list[int], aim: int) -> bool:
    return len(committed) >= aim
