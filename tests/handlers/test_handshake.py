"""Handshakes that are none: answered by the front in JSON, and never handed to the WebSocket server."""

from tests.handlers.client import Api
from tests.handlers.test_connection import answer, connected

VERSION, KEY = "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
GOOD = ("Host: x", "Upgrade: websocket", "Connection: Upgrade", VERSION, KEY)


def handshake(*rows: str, target: str = "/ws/notifications/1/") -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", *rows, "", ""]).encode("latin-1")


def without(row: str) -> tuple[str, ...]:
    return tuple(one for one in GOOD if one != row)


async def refused(homeserve: Api, request: bytes) -> tuple[int, dict[str, str]]:
    """Give status and headers of an answer that ends its connection and is the face's."""
    async with connected(homeserve) as (reader, writer):
        writer.write(request)
        status, headers, body = await answer(reader)
        assert body.keys() & {"error", "detail"}
        assert await reader.read() == b""
    return status, headers


NO_HANDSHAKES = (
    (*GOOD, "Content-Length: 5"),
    (*GOOD, "Transfer-Encoding: chunked"),
    (*without(VERSION), "Sec-WebSocket-Version: 8"),
    without(VERSION),
    without(KEY),
    (*without(KEY), "Sec-WebSocket-Key: short"),
    (*without(KEY), "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ="),
    without("Host: x"),
    (*GOOD, "Host: y"),
    (*without("Host: x"), "Host: x y"),
    (*without("Host: x"), "Host: [x"),
)


async def test_a_handshake_that_is_none_is_a_400(homeserve: Api) -> None:
    """With a body, which nobody would bound, or without what RFC 6455 demands; the connection ends."""
    for rows in NO_HANDSHAKES:
        status, headers = await refused(homeserve, handshake(*rows))
        assert (status, headers["connection"]) == (400, "close"), rows


async def test_the_version_that_is_spoken_is_named(homeserve: Api) -> None:
    """Who comes with another version of the protocol learns which one to come with."""
    old = handshake(*without(VERSION), "Sec-WebSocket-Version: 8")
    assert (await refused(homeserve, old))[1]["sec-websocket-version"] == "13"


async def test_an_origin_that_is_none_is_a_403(homeserve: Api) -> None:
    """What no browser sends is refused like a page of another site."""
    for origin in ("http://[x", "http://x:y:z", "//x", "x", "http://x/path"):
        assert (await refused(homeserve, handshake(*GOOD, f"Origin: {origin}")))[0] == 403, origin


async def test_what_the_parser_takes_for_no_upgrade_is_answered(homeserve: Api) -> None:
    """A request is answered in its turn though its headers look like a handshake's to somebody else.

    Were it left out, whoever forwards requests would take the next answer for this one's.
    """
    odd = handshake(*without("Connection: Upgrade"), "Connection: \xa0Upgrade")
    async with connected(homeserve) as (reader, writer):
        writer.write(odd + b"GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await answer(reader))[0] == 404
        assert (await answer(reader))[0] == 200


async def test_an_absolute_address_that_is_none_is_a_400(homeserve: Api) -> None:
    """It is answered, and the connection goes on."""
    broken = handshake("Host: x", target="http://[x/health/")
    async with connected(homeserve) as (reader, writer):
        writer.write(broken + handshake("Host: x", target="/health/"))
        assert (await answer(reader))[0] == 400
        assert (await answer(reader))[0] == 200


HOSTS = (
    (("x",), 200),
    (("a-b.c_d.example:80",), 200),
    (("[::1]:8000",), 200),
    (("x", "y"), 400),
    (("x, y",), 400),
    (("x/y",), 400),
    (('"><script>',), 400),
)


async def test_a_request_has_one_host(homeserve: Api) -> None:
    """Two hosts, or one that is none, could be another one to a proxy; links would name it."""
    for hosts, status in HOSTS:
        async with connected(homeserve) as (reader, writer):
            writer.write(handshake(*(f"Host: {host}" for host in hosts), target="/health/"))
            assert (await answer(reader))[0] == status, hosts
