"""The socket handler with a tiny marketplace's sockets: joining, delivery, messages, refusals, endings."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClosedError, websocket_connect

from handlers import framing, sockets
from handlers.call import Call
from handlers.outgoing import MAX_BYTES
from handlers.route import SocketRoute
from server import clock
from server.domain.events import Event
from server.embedded import Endpoints
from server.errors import Busy, Conflict, WrongTable
from server.realtime.presence import SOCKETS_A_USER
from server.services.accounts.signing import Signer
from server.services.accounts.tokens import ACCESS
from server.settings import Settings
from tests.faces.tiny import TINY, TINY_FACE
from tests.handlers.client import Account, Api
from tests.handlers.conftest import serving
from tests.handlers.homeserve.test_sockets import closed, heard
from tests.waiting import until

EVERYONE = frozenset(TINY.roles)
APP_ORIGIN = "https://app.example"
KERNEL_BYTES = 16 * 1024 * 1024
"""More than both kernels' buffers of one loopback connection hold."""

gate = asyncio.Event()
arrived = asyncio.Event()


async def join_bell(call: Call) -> str:
    return "bell"


async def join_busy(call: Call) -> str:
    raise Busy


async def join_two(call: Call) -> tuple[str, ...]:
    return ("bell", "gong")


async def join_broken(call: Call) -> str:
    raise ZeroDivisionError


async def join_revoked(call: Call) -> str:
    await call.market.tokens.revoke(call.caller.session_id)
    return "bell"


async def join_slowly(call: Call) -> str:
    arrived.set()
    await gate.wait()
    return "bell"


def ring(event: Event) -> dict[str, Any]:
    return {"ring": event.data["number"], "sound": event.data.get("sound", "")}


async def answer(call: Call, message: Any) -> dict[str, Any] | None:
    match message.get("say"):
        case "break":
            raise ZeroDivisionError
        case "conflict":
            raise Conflict("Not now.")
        case "nothing":
            return None
    return {"said": message["say"], "by": call.caller.user_id}


FACE = replace(
    TINY_FACE,
    read_token=lambda authorization: authorization.removeprefix("Cat "),
    sockets=(
        SocketRoute("/cats/bell", join_bell, ring, EVERYONE, answer),
        SocketRoute("/cats/busy", join_busy, ring, EVERYONE),
        SocketRoute("/cats/broken", join_broken, ring, EVERYONE),
        SocketRoute("/cats/revoked", join_revoked, ring, EVERYONE),
        SocketRoute("/cats/slow", join_slowly, ring, EVERYONE),
        SocketRoute("/cats/keepers", join_bell, ring, frozenset({"keeper"})),
    ),
)


@pytest_asyncio.fixture
async def api(settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """The tiny marketplace with its sockets, and a page of another host that may connect."""
    allowing = settings.model_copy(update={"cors_origins": (APP_ORIGIN,)})
    async with serving(allowing, services, [FACE]) as served:
        yield served["tiny"]


@pytest_asyncio.fixture
async def owner(api: Api) -> Account:
    return await api.account("owner1", "owner")


def deliver(api: Api, number: int, sound: str = "") -> None:
    event = Event("rung", ("bell",), {"number": number, "sound": sound}, clock.now())
    api.market.hub.deliver(event)


async def test_whoever_is_let_in_misses_nothing(api: Api, owner: Account) -> None:
    """From the moment the upgrade is answered on, every event arrives."""
    for number in range(20):
        connection = await api.listen("/cats/bell", owner.token)
        deliver(api, number)
        assert (await heard(connection))["ring"] == number


async def test_everyone_hears_everything_in_order(api: Api, owner: Account) -> None:
    """A burst of events arrives at each of many clients once, in order."""
    clients = [await api.listen("/cats/bell", owner.token) for _ in range(20)]
    for number in range(200):
        deliver(api, number)
    for client in clients:
        assert [(await heard(client))["ring"] for _ in range(200)] == list(range(200))


def test_a_socket_of_several_topics_is_no_row() -> None:
    """A client comes back with one number, so that what it missed must be of one topic: start-up says so."""
    row = SocketRoute("/cats/two", join_two, ring, EVERYONE)  # type: ignore[arg-type]
    with pytest.raises(WrongTable, match="/cats/two"):
        replace(FACE, sockets=(row,)).check()


@pytest.mark.parametrize("size", [0, 90, 100, 125, 126, 65_500, 65_535, 65_536, 300_000])
async def test_a_message_of_any_size_arrives_whole(api: Api, owner: Account, size: int) -> None:
    """Frames are well formed on both sides of the two borders of their length field."""
    connection = await api.listen("/cats/bell", owner.token)
    deliver(api, 1, "x" * size)
    assert await heard(connection) == {"ring": 1, "sound": "x" * size}


async def test_a_client_that_does_not_read_is_closed_and_others_hear_on(api: Api, owner: Account) -> None:
    """It gets 1013 after what was sent to it; memory stays bounded, and a reading client misses nothing."""
    deaf, reader = [await api.listen("/cats/bell", owner.token) for _ in range(2)]
    sound, sent = "x" * 16_384, 0
    while len(api.market.hub) == 2:
        deliver(api, sent, sound)
        assert (await heard(reader))["ring"] == sent
        sent += 1
        assert sent * len(sound) < MAX_BYTES + KERNEL_BYTES
    deliver(api, sent)
    assert (await heard(reader))["ring"] == sent
    assert await closed(deaf) == 1013


async def test_a_token_that_expires_closes_the_socket(api: Api, settings: Settings, owner: Account) -> None:
    """4001 when the token ends, although nobody spoke."""
    signer = Signer(settings.secret_key, TINY.name)
    claims = signer.unsign(ACCESS, owner.token)
    assert claims is not None
    short = signer.sign(
        ACCESS, {"sub": claims["sub"], "sid": claims["sid"]}, clock.now() + timedelta(seconds=2)
    )
    connection = await api.listen("/cats/bell", short)
    await connection.write_message('{"say": "hello"}')
    assert (await heard(connection))["said"] == "hello"
    assert await closed(connection) == 4001
    assert len(api.market.hub) == 0


async def test_a_session_revoked_while_it_joins_is_closed(settings: Settings, services: Endpoints) -> None:
    """There is no moment in which a revocation is missed, even while no bus repeats it."""
    without_redis = replace(services, redis_url="redis://127.0.0.1:1/0")
    async with serving(settings, without_redis, [FACE]) as served:
        api = served["tiny"]
        account = await api.account("owner1", "owner")
        assert await closed(await api.listen("/cats/revoked", account.token)) == 4001
        assert len(api.market.hub) == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/cats/unheard", 4000),
        ("/cats/keepers", 4003),
        ("/cats/busy", 1013),
        ("/cats/broken", 1011),
    ],
)
async def test_a_refusal_is_a_close_code(api: Api, owner: Account, path: str, code: int) -> None:
    """Whatever speaks against joining is told after the upgrade, by its code."""
    connection = await api.listen(path, owner.token)
    with suppress(WebSocketClosedError):
        await connection.write_message('{"say": "too early"}')
    assert await closed(connection) == code


async def test_messages_are_answered_where_a_row_takes_them(api: Api, owner: Account) -> None:
    """An answer, a refusal and a fault are told to the one who spoke; the socket lives through all."""
    speaker, other = [await api.listen("/cats/bell", owner.token) for _ in range(2)]
    expected = {
        "hello": {"said": "hello", "by": owner.id},
        "conflict": {"type": "error", "data": {"message": "Not now."}},
        "break": {"type": "error", "data": {"message": "The message could not be answered."}},
    }
    for said, reply in expected.items():
        await speaker.write_message(orjson.dumps({"say": "nothing"}))
        await speaker.write_message(orjson.dumps({"say": said}))
        assert await heard(speaker) == reply
    deliver(api, 1)
    assert (await heard(other))["ring"] == 1


async def test_a_client_that_talks_too_much_is_told_so(api: Api, owner: Account) -> None:
    """Beyond the limit messages are refused, not carried out, and the socket lives."""
    connection = await api.listen("/cats/bell", owner.token)
    for _ in range(60):
        await connection.write_message('{"say": "hello"}')
    replies = [await heard(connection) for _ in range(60)]
    refused = [
        reply for reply in replies if reply == {"type": "error", "data": {"message": "Too many messages."}}
    ]
    assert len(refused) >= 20
    deliver(api, 1)
    assert (await heard(connection))["ring"] == 1


async def test_who_sends_too_many_frames_is_read_more_slowly(
    api: Api, owner: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pings cost a client next to nothing; beyond so many a second they wait, and nothing is lost."""
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(framing, "FRAMES_PER_SECOND", 5)
    monkeypatch.setattr(framing, "_rest", rest)
    connection = await api.listen("/cats/bell", owner.token)
    await connection.write_message('{"say": "hello"}')
    assert (await heard(connection))["said"] == "hello"
    assert rests == []
    for _ in range(30):
        connection.ping(b"again")
    await connection.write_message('{"say": "hello"}')
    assert (await heard(connection))["said"] == "hello"
    assert rests
    assert all(0 < one <= 1 for one in rests)


async def test_a_user_opens_so_many_sockets(api: Api, owner: Account) -> None:
    """The one too many is closed with 1013; it gets in when another has left."""
    first, *_ = [await api.listen("/cats/bell", owner.token) for _ in range(SOCKETS_A_USER)]
    assert await closed(await api.listen("/cats/bell", owner.token)) == 1013
    deliver(api, 1)
    assert (await heard(first))["ring"] == 1
    first.close()

    async def is_let_in() -> bool:
        connection = await api.listen("/cats/bell", owner.token)
        deliver(api, 2)
        return await connection.read_message() is not None

    await until(is_let_in)


async def test_an_oversized_message_closes_its_socket(api: Api, owner: Account) -> None:
    """Nobody makes the server hold more than 64 KiB of a message."""
    connection = await api.listen("/cats/bell", owner.token)
    await connection.write_message(b"x" * (64 * 1024 + 1), binary=True)
    assert await closed(connection) == 1009


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 101),
        ("http://localhost:{port}", 101),
        (APP_ORIGIN, 101),
        ("http://localhost:1", 403),
        ("https://evil.example", 403),
        ("https://app.example.evil.example", 403),
        ("null", 403),
    ],
)
async def test_only_pages_of_this_host_and_allowed_ones_connect(
    api: Api, owner: Account, origin: str | None, status: int
) -> None:
    """Another site's page is refused before the upgrade, in the face's words."""
    headers = {} if origin is None else {"Origin": origin.format(port=api.port)}
    url = f"ws://localhost:{api.port}/cats/bell?token={owner.token}"
    if status == 101:
        deliver_to = await api.connect(HTTPRequest(url, headers=headers))
        deliver(api, 1)
        assert (await heard(deliver_to))["ring"] == 1
        return
    with pytest.raises(HTTPClientError) as refused:
        await api.connect(HTTPRequest(url, headers=headers))
    assert refused.value.response is not None
    assert refused.value.code == FACE.spell(Conflict())[0]
    assert orjson.loads(refused.value.response.body)["ok"] is False


async def test_a_token_comes_by_query_header_or_subprotocol(api: Api, owner: Account) -> None:
    """The header is read as the face reads it; a subprotocol counts after "bearer" only."""
    url = f"ws://localhost:{api.port}/cats/bell"
    by_header = HTTPRequest(url, headers={"Authorization": f"Cat {owner.token}"})
    welcome = [
        await api.connect(f"{url}?token={owner.token}"),
        await api.connect(by_header),
        await api.connect(url, subprotocols=["bearer", owner.token]),
    ]
    deliver(api, 1)
    for connection in welcome:
        assert (await heard(connection))["ring"] == 1
    assert welcome[2].selected_subprotocol == "bearer"
    for refused in (url, f"{url}?token=", f"{url}?token=%ff"):
        assert await closed(await api.connect(refused)) == 4001
    assert await closed(await api.connect(url, subprotocols=[owner.token])) == 4001


async def test_no_token_reaches_a_log(api: Api, owner: Account, caplog: pytest.LogCaptureFixture) -> None:
    """Neither good, bad nor refused connections, nor faults in them, print an address with its query."""
    caplog.set_level(logging.DEBUG, "tornado")
    with capture_logs() as events:
        for path in ("/cats/bell", "/cats/broken", "/cats/busy", "/cats/unheard", "/cats/revoked"):
            connection = await api.listen(path, owner.token)
            with suppress(WebSocketClosedError):
                await connection.write_message('{"say": "break"}')
            connection.close()
            await closed(connection)
        await api.get(f"/cats/bell?token={owner.token}", token=owner.token)
    assert events
    printed = caplog.text + "".join(map(repr, events))
    assert owner.token not in printed


async def test_what_asks_for_no_upgrade_is_an_ordinary_request(api: Api, owner: Account) -> None:
    """A plain GET of a socket's path, or another method with the header, is answered by the face."""
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    for method, headers in (("GET", {}), ("GET", {"Upgrade": "websocket"}), ("POST", upgrade)):
        reply = await api.call(method, "/cats/bell", headers=headers, token=owner.token)
        assert (reply.status, reply.json) == (410, {"ok": False, "why": "gone"})


async def test_a_client_that_leaves_while_it_joins_leaves_nothing(api: Api, owner: Account) -> None:
    """A connection that ends before the upgrade is not kept in the hub."""
    gate.clear()
    arrived.clear()
    fickle = socket.create_connection(("localhost", api.port))
    fickle.sendall(
        f"GET /cats/slow?token={owner.token} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    await asyncio.wait_for(arrived.wait(), 5)
    fickle.close()
    gate.set()
    connection = await api.listen("/cats/bell", owner.token)

    async def is_alone() -> bool:
        return len(api.market.hub) == 1

    await until(is_alone)
    deliver(api, 1)
    assert (await heard(connection))["ring"] == 1


async def test_stopping_the_server_closes_sockets_with_1001(settings: Settings, services: Endpoints) -> None:
    """Clients learn that the server goes away, and may come back elsewhere."""
    async with serving(settings, services, [FACE]) as served:
        api = served["tiny"]
        account = await api.account("owner1", "owner")
        url = f"ws://localhost:{api.port}/cats/bell?token={account.token}"
        connection = await websocket_connect(url)
        deliver(api, 1)
    assert (await heard(connection))["ring"] == 1
    assert await closed(connection) == 1001
    connection.close()


async def test_who_does_not_answer_pings_is_dropped(
    settings: Settings, services: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is gone without a word leaves the hub; one that answers stays and hears on."""
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.2)
    monkeypatch.setattr(sockets, "PONG_SECONDS", 0.1)
    async with serving(settings, services, [FACE]) as served:
        api = served["tiny"]
        owner = await api.account("owner1", "owner")
        alive = await api.listen("/cats/bell", owner.token)
        reader, writer = await asyncio.open_connection("localhost", api.port)
        writer.write(
            f"GET /tiny/cats/bell?token={owner.token} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 101")
        assert len(api.market.hub) == 2

        async def is_alone() -> bool:
            return len(api.market.hub) == 1

        await until(is_alone)
        deliver(api, 1)
        assert (await heard(alive))["ring"] == 1
        writer.close()
