"""Connections: order, limits and ends, with bytes on real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from json import loads
from typing import Any

import pytest
import pytest_asyncio

from handlers import front, patience
from handlers.call import Call
from handlers.connection import HEAD_LIMIT_BYTES
from handlers.reading import Body
from handlers.route import Route
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.tiny import TINY_FACE
from tests.handlers.client import Api
from tests.handlers.conftest import serving

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Said(Body):
    """A body to give back."""

    text: str = ""


gate = asyncio.Event()
given: list[str] = []


async def echo(call: Call) -> dict[str, Any]:
    """Give the body back."""
    return {"path": call.origin.path, "text": call.body.text}


async def wait(call: Call) -> dict[str, Any]:
    """Answer when the test opens the gate."""
    await gate.wait()
    return {"path": call.origin.path}


async def large(call: Call) -> dict[str, Any]:
    """Give more than any socket buffers."""
    given.append(call.origin.request_id)
    return {"text": "x" * 8_000_000}


REFUSED, UNKNOWN = 418, 410
"""What the face answers to any refusal and to what does not exist."""

FACE = replace(
    TINY_FACE,
    wrap=None,
    routes=(
        Route("POST", "/echo", echo, public=True, body=Said),
        Route("GET", "/wait", wait, public=True),
        Route("GET", "/large", large, public=True),
    ),
)


@pytest_asyncio.fixture
async def api(settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """Rows that answer at once, late, and at length."""
    gate.clear()
    given.clear()
    async with serving(settings, services, [FACE]) as served:
        yield served["tiny"]


@asynccontextmanager
async def connected(api: Api) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port, limit=2**24)
    try:
        async with asyncio.timeout(30):
            yield reader, writer
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], Any]:
    """Read one answer: status, headers, JSON."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in head[1:-1])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(head[0].split()[1]), headers, loads(body or b"null")


def post(text: str, *headers: str, path: str = "/echo") -> bytes:
    """Give the bytes of a request that says `text`."""
    body = f'{{"text": "{text}"}}'
    rows = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*rows, "", body]).encode()


async def test_pipelined_requests_are_answered_in_order(api: Api) -> None:
    """Requests sent at once on one connection are answered in their order, the slow first one first."""
    async with connected(api) as (reader, writer):
        writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n" + b"".join(post(str(n)) for n in range(50)))
        async with connected(api) as (other_reader, other):
            other.write(post("elsewhere"))  # the first connection's bytes are in before this is answered
            assert (await answer(other_reader))[2]["text"] == "elsewhere"
        gate.set()
        assert (await answer(reader))[2] == {"path": "/wait"}
        assert [(await answer(reader))[2]["text"] for _ in range(50)] == [str(n) for n in range(50)]


async def test_a_request_may_come_byte_by_byte(api: Api) -> None:
    """However a request is cut, it is the same request."""
    async with connected(api) as (reader, writer):
        for byte in post("slow but whole"):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await answer(reader))[2]["text"] == "slow but whole"


async def test_http_1_0(api: Api) -> None:
    """An old client's connection ends with its answer, unless it asked to keep it, which it is told."""
    old = post("old").replace(b"HTTP/1.1", b"HTTP/1.0")
    async with connected(api) as (reader, writer):
        writer.write(old)
        assert (await answer(reader))[1]["connection"] == "close"
        assert await reader.read() == b""
    async with connected(api) as (reader, writer):
        for _ in range(2):
            writer.write(old.replace(b"Host: x", b"Connection: keep-alive"))
            assert (await answer(reader))[1]["connection"] == "keep-alive"


async def test_who_asks_to_close_is_closed(api: Api) -> None:
    """`Connection: close` is answered with itself, then with the end; what follows is not answered."""
    async with connected(api) as (reader, writer):
        writer.write(post("last", "Connection: close") + post("too late"))
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await reader.read() == b""


async def test_a_client_that_has_said_all_is_still_answered(api: Api) -> None:
    """Closing one's own half of the connection does not lose the answer."""
    async with connected(api) as (reader, writer):
        writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write_eof()
        async with connected(api) as (other_reader, other):
            other.write(post("elsewhere"))
            await answer(other_reader)
        gate.set()
        assert (await answer(reader))[0] == 200
        assert await reader.read() == b""


async def test_expect_continue(api: Api) -> None:
    """A client that waits for leave to send its body gets it."""
    request = post("big", "Expect: 100-continue")
    head, _, body = request.partition(b"\r\n\r\n")
    async with connected(api) as (reader, writer):
        writer.write(head + b"\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await answer(reader))[2]["text"] == "big"


async def test_headers_have_a_limit(api: Api) -> None:
    """Headers without end are refused in JSON, and the connection closed."""
    async with connected(api) as (reader, writer):
        writer.write(b"GET /wait HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * (HEAD_LIMIT_BYTES + 1))
        status, headers, body = await answer(reader)
        assert (status, headers["connection"]) == (REFUSED, "close")
        assert "headers" in str(body)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Content-Length: 4\r\nContent-Length: 5",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4",
        b"Content-Length: -4",
        b"Content-Length: 99999999999999999999999999",
        b"X-Split : no",
        b"Bad\x00Name: no",
    ],
)
async def test_ambiguous_requests_are_refused(api: Api, head: bytes) -> None:
    """What two servers could read differently is refused, which ends the connection: nothing is smuggled."""
    smuggled = b"0\r\n\r\n" + post("smuggled")
    async with connected(api) as (reader, writer):
        writer.write(b"POST /echo HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n" + smuggled)
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (REFUSED, "close")
        assert await reader.read() == b""


async def test_noise_is_refused(api: Api) -> None:
    """Bytes that are no HTTP are answered in JSON, after what came before them."""
    async with connected(api) as (reader, writer):
        writer.write(post("first") + b"\x16\x03\x01\x00\xa5\r\n\r\n")
        assert (await answer(reader))[2]["text"] == "first"
        status, _, body = await answer(reader)
        assert (status, type(body)) == (REFUSED, dict)


async def test_an_unknown_method(api: Api) -> None:
    """A method that HTTP does not know is answered as any that the path does not have."""
    async with connected(api) as (reader, writer):
        writer.write(b"BREW /echo HTTP/1.1\r\nHost: x\r\n\r\n")
        _, headers, _ = await answer(reader)
        assert headers["allow"] == "POST"


async def test_another_protocol_is_not_spoken(api: Api) -> None:
    """An upgrade to anything but a WebSocket is answered as if it had not been asked for."""
    async with connected(api) as (reader, writer):
        writer.write(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (UNKNOWN, "close")


async def test_an_absolute_address_is_its_path(api: Api) -> None:
    """A proxy's request line with scheme and host finds the same row."""
    async with connected(api) as (reader, writer):
        writer.write(post("via", path="http://x/echo?a=1"))
        assert (await answer(reader))[2] == {"path": "/echo", "text": "via"}


async def test_who_does_not_read_is_not_read(api: Api) -> None:
    """A client that asks for much and reads nothing costs one answer's memory: its next requests wait."""
    async with connected(api) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 40)
        assert len((await answer(reader))[2]["text"]) == 8_000_000
        assert len(given) < 5
        for _ in range(39):
            assert (await answer(reader))[0] == 200


async def test_slow_heads_are_cut(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who begins a request and does not go on is cut off; who waits for an answer is not."""
    monkeypatch.setattr(front, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.01)
    async with connected(api) as (waiting, patient), connected(api) as (slow, writer):
        patient.write(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write(b"GET /wait HTTP/1.1\r\nHost")
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await slow.readexactly(1)
        gate.set()
        assert (await answer(waiting))[0] == 200


async def test_a_socket_may_follow_a_request(homeserve: Api) -> None:
    """A connection that has carried requests can become a WebSocket, whose refusal is a close code."""
    handshake = (
        b"GET /ws/notifications/1/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    async with connected(homeserve) as (reader, writer):
        writer.write(b"GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[0] == 200
        writer.write(handshake)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        opening, size = await reader.readexactly(2)
        code = int.from_bytes((await reader.readexactly(size))[:2])
        assert (opening, code) == (0x88, 4001)
