"""Signing up, in and out, and what each token is good for."""

import asyncio
from collections.abc import Mapping

from tests.faces.cast import PASSWORD, Cast
from tests.handlers.client import Account, Reply


async def joined(cast: Cast, name: str = "nell") -> Mapping[str, str]:
    """Sign somebody up and give their tokens."""
    reply = await cast.api.post(cast.sign_up, json=cast.newcomer(name)[0])
    assert reply.status == 201, reply.json
    return cast.tokens(reply.json)


async def renewed(cast: Cast, token: str) -> Reply:
    return await cast.api.post(cast.refresh, json={"refresh": token})


async def reads(cast: Cast, token: str) -> Reply:
    return await cast.api.get(cast.bookings, token=token)


def is_refused(cast: Cast, reply: Reply) -> bool:
    return reply.status == 401 and cast.is_refusal(reply)


async def test_a_refreshed_token_is_as_good_as_the_first(cast: Cast) -> None:
    """Both open calls; a refresh token that is used once gives a successor that works, and no other does."""
    tokens = await joined(cast)
    fresh = (await renewed(cast, tokens["refresh"])).json
    for token in (tokens["access"], fresh["access"]):
        assert (await reads(cast, token)).status == 200
    rotates = cast.face.marketplace.rotates_refresh
    assert ("refresh" in fresh) == rotates
    again = await renewed(cast, fresh.get("refresh", tokens["refresh"]))
    assert again.status == 200
    if rotates:
        assert is_refused(cast, await renewed(cast, tokens["refresh"]))
        assert is_refused(cast, await reads(cast, again.json["access"]))


async def test_signing_out_ends_a_session_and_no_other(cast: Cast) -> None:
    """Every token of it is a 401 and its sockets close with 4001; a second session goes on."""
    tokens = await joined(cast)
    fresh = (await renewed(cast, tokens["refresh"])).json
    second = (await cast.api.post(cast.sign_in, json=cast.newcomer("nell")[1])).json
    caller = await cast.api.market.tokens.verify(tokens["access"])
    mine = cast.news(Account(caller.user_id, "", ""))
    ended, lasting = [await cast.api.listen(mine, one["access"]) for one in (tokens, second)]
    assert (await cast.api.post(cast.sign_out, token=tokens["access"])).status == 200
    for token in (tokens["access"], fresh["access"]):
        assert is_refused(cast, await reads(cast, token))
    for token in (tokens["refresh"], fresh.get("refresh", tokens["refresh"])):
        assert is_refused(cast, await renewed(cast, token))
    assert await asyncio.wait_for(ended.read_message(), 10) is None
    assert ended.close_code == 4001
    assert (await reads(cast, second["access"])).status == 200
    await lasting.write_message("still here?")
    assert await asyncio.wait_for(lasting.read_message(), 10) is not None


async def test_one_token_never_stands_for_another(cast: Cast) -> None:
    """A refresh token opens no call, an access token refreshes nothing, a changed one is none."""
    tokens = await joined(cast)
    assert is_refused(cast, await reads(cast, tokens["refresh"]))
    assert is_refused(cast, await renewed(cast, tokens["access"]))
    head, body, signature = tokens["access"].split(".")
    for forged in (f"{head}.{body}.", f"{head}.{body}.{signature[::-1]}", f"{head}..{signature}", "x" * 2000):
        assert is_refused(cast, await reads(cast, forged))
        assert is_refused(cast, await renewed(cast, forged))


async def test_whose_sessions_are_all_ended_is_a_stranger(cast: Cast) -> None:
    """No token of theirs is good any more; nobody else is concerned."""
    await cast.api.market.tokens.revoke_all(cast.customer.id)
    assert is_refused(cast, await reads(cast, cast.customer.token))
    assert is_refused(cast, await renewed(cast, cast.customer.refresh))
    assert (await reads(cast, cast.other.token)).status == 200


async def test_a_wrong_name_and_a_wrong_password_look_the_same(cast: Cast) -> None:
    """Both are a 401 with the same body, and so is a right password with a letter more."""
    await joined(cast)
    replies = [
        await cast.api.post(cast.sign_in, json={**cast.newcomer(name)[1], "password": password})
        for name, password in (("nell", "wrong password"), ("nobody", PASSWORD), ("nell", PASSWORD + "x"))
    ]
    assert all(is_refused(cast, reply) for reply in replies)
    assert replies[0].json == replies[1].json == replies[2].json


async def test_ten_failures_lock_an_account_for_a_while(cast: Cast) -> None:
    """Then even the right password is a 429 that says when to come again; others are not concerned."""
    await joined(cast)
    await joined(cast, "otto")
    wrong = {**cast.newcomer("nell")[1], "password": "wrong password"}
    for _ in range(10):
        await cast.api.post(cast.sign_in, json=wrong)
    locked = await cast.api.post(cast.sign_in, json=cast.newcomer("nell")[1])
    assert (locked.status, cast.is_refusal(locked)) == (429, True)
    assert int(locked.headers["Retry-After"]) > 0
    assert (await cast.api.post(cast.sign_in, json=cast.newcomer("otto")[1])).status == 200
