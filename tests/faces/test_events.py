"""Who hears of what: both sides of a booking at once, nobody else; who comes back what they missed."""

import asyncio
from typing import Any

import orjson
from tornado.websocket import WebSocketClientConnection

from tests.faces.cast import Cast
from tests.faces.conftest import name_of
from tests.handlers.client import Account, heard


async def connect(cast: Cast, who: Account, **since: Any) -> WebSocketClientConnection:
    """Open somebody's socket, as one who was there before if `since` and `epoch` are given."""
    query = "".join(f"&{name}={value}" for name, value in since.items())
    path = f"{cast.api.prefix}{cast.news(who)}?token={who.token}{query}"
    return await cast.api.connect(f"ws://localhost:{cast.api.port}{path}")


async def told(socket: WebSocketClientConnection, kind: str) -> Any:
    return await asyncio.wait_for(heard(socket, kind), 20)


async def says_nothing(socket: WebSocketClientConnection) -> bool:
    """Say whether a socket has told nothing yet: the answer to a bad message is the first."""
    await socket.write_message("anything yet?")
    return bool(orjson.loads(await asyncio.wait_for(socket.read_message(), 20))["type"] == "error")


async def place(cast: Cast, who: Account) -> dict[str, Any]:
    """Give where somebody begins who knows nothing yet."""
    socket = await connect(cast, who, since=0)
    begun = await told(socket, "resync")
    socket.close()
    return {"since": begun["seq"], "epoch": begun["epoch"]}


async def test_both_sides_hear_of_a_booking_and_nobody_else(cast: Cast) -> None:
    """The provider of the request, both of the agreement; another customer first hears of their own."""
    rival = await cast.person(cast.face.marketplace.provider_role)
    sockets = {who.id: await connect(cast, who) for who in (cast.customer, cast.provider, cast.other, rival)}
    booking = (await cast.ask()).json
    asked = await told(sockets[cast.provider.id], cast.asked)
    assert cast.subject(asked) == booking["id"]
    assert (await cast.agree(booking)).status == 200
    for who in (cast.customer, cast.provider):
        assert cast.subject(await told(sockets[who.id], cast.changed)) == booking["id"]

    theirs = (await cast.ask(cast.other, which=1)).json
    assert (await cast.agree(theirs)).status == 200
    # Events are announced in the order of their commits: had the first been told, it would come first.
    assert cast.subject(await told(sockets[cast.other.id], cast.changed)) == theirs["id"]
    assert cast.subject(await told(sockets[cast.provider.id], cast.changed)) == theirs["id"]
    assert await says_nothing(sockets[rival.id])


async def test_no_marketplace_hears_of_another(kind: type[Cast], casts: dict[str, Cast]) -> None:
    """People of equal numbers in one process, on one Redis: their sockets stay apart."""
    here = casts[name_of(kind)]
    others = [(cast, who) for cast in casts.values() if cast is not here for who in cast.people.values()]
    assert {here.customer.id, here.provider.id} & {who.id for _, who in others}
    elsewhere = [await connect(cast, who) for cast, who in others]
    mine = await connect(here, here.customer)
    booking = (await here.ask()).json
    assert (await here.agree(booking)).status == 200
    assert here.subject(await told(mine, here.changed)) == booking["id"]
    for socket in elsewhere:
        assert await says_nothing(socket)


async def test_who_comes_back_is_told_what_they_missed(cast: Cast) -> None:
    """In order and once, and then what happens from now on."""
    was = {who.id: await place(cast, who) for who in (cast.customer, cast.provider)}
    booking = (await cast.ask()).json
    await cast.agree(booking)
    for who in (cast.customer, cast.provider):
        socket = await connect(cast, who, **was[who.id])
        first = await told(socket, cast.changed)
        assert cast.subject(first) == booking["id"]
        was[who.id] = {"since": first["seq"], "epoch": first["epoch"]}
        socket.close()
    again = {who.id: await connect(cast, who, **was[who.id]) for who in (cast.customer, cast.provider)}
    later = (await cast.ask(which=1)).json
    await cast.agree(later)
    for socket in again.values():
        assert cast.subject(await told(socket, cast.changed)) == later["id"]


async def test_a_place_that_is_not_known_is_told(cast: Cast) -> None:
    """A number not given out yet, and one of another epoch, are answered with where to go on from."""
    now = await place(cast, cast.customer)
    for wrong in ({**now, "epoch": "another"}, {**now, "since": now["since"] + 1}):
        socket = await connect(cast, cast.customer, **wrong)
        assert await told(socket, "resync") == {"type": "resync", "seq": now["since"], "epoch": now["epoch"]}


async def test_a_since_that_is_none_closes(cast: Cast) -> None:
    """It is said with a close code, as every refusal of a socket."""
    for wrong in ("x", "-1", "1" * 40, "%00"):
        socket = await connect(cast, cast.customer, since=wrong, epoch="a")
        assert await asyncio.wait_for(socket.read_message(), 10) is None
        assert socket.close_code == 4000


async def test_a_bad_message_is_answered_and_the_socket_lives(cast: Cast) -> None:
    """Whatever is said, the next event still arrives."""
    socket = await connect(cast, cast.provider)
    for frame in ("", "{", "[]", "null", '{"type":"x"}', '"\\ud800"', b"\x00\xff", "[" * 5000):
        await socket.write_message(frame, binary=isinstance(frame, bytes))
        await told(socket, "error")
    booking = (await cast.ask()).json
    assert cast.subject(await told(socket, cast.asked)) == booking["id"]
