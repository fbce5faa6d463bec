"""What one client can take away from the others: descriptors and memory."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from handlers import crowd, front, patience
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.client import Api
from tests.handlers.conftest import serving
from tests.handlers.test_connection import FACE, Streams, answer, connected, gate, post

GONE = (ConnectionResetError, asyncio.IncompleteReadError)
LARGE, WAIT = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
MOST = 4


@pytest_asyncio.fixture
async def api(settings: Settings, services: Endpoints, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """A server of few connections and little memory for what nobody reads."""
    gate.clear()
    monkeypatch.setattr(crowd, "SHARE", (MOST + 0.5) / resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    monkeypatch.setattr(crowd, "MOST_UNREAD_BYTES", 3_000_000)
    monkeypatch.setattr(front, "SWEEP_SECONDS", 0.01)
    async with serving(settings, services, [FACE]) as served:
        yield served["tiny"]


async def unread(api: Api, times: int = 1) -> Streams:
    """Ask for much, so many times, and read nothing of it."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", api.port))
    reader, writer = await asyncio.open_connection(sock=small, limit=1024)
    writer.write(LARGE * times)
    await reader.readexactly(1)
    return reader, writer


async def test_who_idles_makes_room_for_who_comes(api: Api) -> None:
    """Beyond the limit those close that have waited longest for a request; nobody who waits for an answer."""
    async with AsyncExitStack() as stack:
        waiting, patient = await stack.enter_async_context(connected(api))
        patient.write(WAIT)
        others = [await stack.enter_async_context(connected(api)) for _ in range(MOST - 1)]
        for reader, writer in others:
            writer.write(post("here"))
            assert (await answer(reader))[0] == 200
        reader, writer = await stack.enter_async_context(connected(api))
        writer.write(post("late"))
        assert (await answer(reader))[2]["text"] == "late"
        with pytest.raises(GONE):
            await others[0][0].readexactly(1)
        for reader, writer in others[1:]:
            writer.write(post("still"))
            assert (await answer(reader))[2]["text"] == "still"
        gate.set()
        assert (await answer(waiting))[0] == 200


async def test_who_never_finishes_a_request_makes_room(api: Api) -> None:
    """When nobody idles, who has been at a head for longest goes; who is quick gets an answer."""
    async with AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(connected(api)) for _ in range(MOST)]
        for _, writer in slow:
            writer.write(b"GET /echo HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        for _ in range(2):
            reader, writer = await stack.enter_async_context(connected(api))
            writer.write(post("quick", "Connection: close"))
            assert (await answer(reader))[2]["text"] == "quick"
            assert await reader.read() == b""
            writer.close()
        with pytest.raises(GONE):
            await slow[0][0].readexactly(1)


async def test_who_reads_nothing_makes_room_for_others(api: Api) -> None:
    """Of answers that nobody reads so much is kept, and the oldest are given up; who reads gets all."""
    first, first_writer = await unread(api, times=5)
    _second, second_writer = await unread(api, times=5)
    with pytest.raises(GONE):
        await first.readexactly(5 * 8_000_000)
    async with connected(api) as (reader, writer):
        writer.write(LARGE)
        assert len((await answer(reader))[2]["text"]) == 8_000_000
    first_writer.close()
    second_writer.close()


async def test_an_answer_is_not_kept_for_ever(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks once, and does not read, is not waited for as one who may ask again."""
    monkeypatch.setattr(patience, "READ_SECONDS", 0.01)
    reader, writer = await unread(api)
    with pytest.raises(GONE):
        await reader.readexactly(8_000_000)
    writer.close()
