"""What happens once however often it is asked for: a keyed request, and a provider's time."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from handlers.call import Call
from handlers.route import Route
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.cast import Cast
from tests.faces.conftest import name_of
from tests.handlers.conftest import serving

KEY = {"Idempotency-Key": "tap-tap-tap"}


async def count(cast: Cast) -> int:
    """Give how many bookings there are."""
    listed = await cast.api.get(cast.bookings, token=cast.staff.token)
    return int(listed.json["count"])


async def test_a_key_books_once_and_gives_the_same_answer(cast: Cast) -> None:
    """Three taps are one booking and one answer; the time is held, so that only the key explains the 201."""
    replies = [await cast.ask(key="tap") for _ in range(3)]
    assert [reply.status for reply in replies] == [201] * 3
    assert replies[0].json == replies[1].json == replies[2].json
    assert await count(cast) == 1


async def test_a_key_belongs_to_one_body_and_one_user(cast: Cast) -> None:
    """Another body with it is a 409 that changes nothing; another user's equal key is their own."""
    await cast.ask(key="tap")
    other_body = await cast.ask(which=1, key="tap")
    assert other_body.status == 409
    assert cast.is_refusal(other_body)
    assert (await cast.ask(cast.other, which=1, key="tap")).status == 201
    assert await count(cast) == 2


async def test_a_refusal_is_not_kept(cast: Cast) -> None:
    """A request that was refused is decided afresh when it is sent again with its key."""
    bad = {"Idempotency-Key": "again"}
    token = cast.customer.token
    refused = await cast.api.post(cast.bookings, json={}, token=token, headers=bad)
    assert (refused.status, cast.is_refusal(refused)) == (400, True)
    assert (await cast.ask(key="again")).status == 201


@pytest.mark.parametrize("key", ["k" * 201, "é" * 201])
async def test_a_key_has_a_length(cast: Cast, key: str) -> None:
    """Too long a one is a 400, and nothing is booked."""
    refused = await cast.ask(key=key)
    assert (refused.status, cast.is_refusal(refused)) == (400, True)
    assert await count(cast) == 0


async def test_a_key_in_flight_is_a_409(kind: type[Cast], settings: Settings, services: Endpoints) -> None:
    """While the first request runs, the second is told so; afterwards it gets the first one's answer."""
    begun, may_end = asyncio.Event(), asyncio.Event()
    runs = Counter[str]()

    async def hold(call: Call) -> dict[str, int]:
        """Wait until the test has asked twice."""
        runs["held"] += 1
        begun.set()
        await may_end.wait()
        return {"runs": runs["held"]}

    held = Route("POST", "/held/", hold, roles=frozenset(kind.face.marketplace.roles), status=201)
    face = replace(kind.face, routes=(*kind.face.routes, held))
    async with serving(settings, services, [face]) as served:
        cast = await kind.build(served[name_of(kind)])
        first = asyncio.create_task(cast.api.post("/held/", token=cast.customer.token, headers=KEY))
        await begun.wait()
        second = await cast.api.post("/held/", token=cast.customer.token, headers=KEY)
        may_end.set()
        assert (second.status, cast.is_refusal(second)) == (409, True)
        assert ((await first).status, (await first).json) == (201, {"runs": 1})
        third = await cast.api.post("/held/", token=cast.customer.token, headers=KEY)
        assert (third.status, third.json) == (201, {"runs": 1})


async def test_of_many_at_once_one_gets_a_providers_time(cast: Cast) -> None:
    """Twenty customers ask for the same time of the same provider: one is heard, the others are a 409."""
    role = cast.face.marketplace.customer_role
    customers = [await cast.person(role) for _ in range(20)]
    replies = await asyncio.gather(*(cast.ask(who) for who in customers))
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 19}
    assert all(cast.is_refusal(reply) for reply in replies if reply.status == 409)
    assert await count(cast) == 1


async def test_taps_at_once_with_one_key_book_once(cast: Cast) -> None:
    """Ten equal requests at the same moment: each gets the one booking or is told that it is being made."""
    replies = await asyncio.gather(*(cast.ask(key="tap") for _ in range(10)))
    assert {reply.status for reply in replies} <= {201, 409}
    booked = [reply.json for reply in replies if reply.status == 201]
    assert booked and all(one == booked[0] for one in booked)
    assert await count(cast) == 1
