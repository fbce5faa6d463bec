"""Tokens and sessions: rotation, revocation in every process, and what is remembered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
import pytest_asyncio

from server import clock
from server.domain.entities import User
from server.embedded import Endpoints
from server.errors import TokenInvalid
from server.marketplaces.homeserve import HOMESERVE
from server.realtime.bus import Bus
from server.services.accounts import tokens as module
from server.services.accounts.signing import Signer
from server.services.accounts.tokens import Tokens
from server.store.database import Database
from server.store.stores import Stores
from tests.server.services.people import user

SECRET = "s" * 48


class Process:
    """The tokens of one process, on a bus of its own."""

    def __init__(self, stores: Stores, redis_url: str, *, rotates: bool) -> None:
        self.bus = Bus(redis_url, "tokens")
        meaning = replace(HOMESERVE, rotates_refresh=rotates)
        signer = Signer(SECRET, meaning.name)
        self.tokens = Tokens(
            meaning, stores.sessions, stores.users, signer, self.bus, access_minutes=60, refresh_days=7
        )


@pytest_asyncio.fixture(params=[True, False], ids=["rotating", "lasting"])
async def processes(
    request: pytest.FixtureRequest, database: Database, stores: Stores, services: Endpoints
) -> AsyncIterator[list[Process]]:
    """Two processes of one marketplace."""
    both = [Process(stores, services.redis_url, rotates=request.param) for _ in range(2)]
    for process in both:
        await process.bus.start()
    yield both
    for process in both:
        await process.bus.stop()


@pytest_asyncio.fixture
async def carla(stores: Stores) -> User:
    account = user(7)
    await stores.users.insert(account)
    return account


async def test_a_verified_token_is_known_until_it_is_revoked(processes: list[Process], carla: User) -> None:
    """Verification is remembered; revocation in one process ends it in the other, sockets included."""
    here, there = (process.tokens for process in processes)
    pair = await here.issue(carla)
    assert there.known(pair.access) is None
    caller = await there.verify(pair.access)
    assert there.known(pair.access) == caller
    told = asyncio.Event()
    there.on_revoked(lambda session_id: told.set() if session_id == caller.session_id else None)
    await here.revoke(caller.session_id)
    await asyncio.wait_for(told.wait(), 5)
    assert there.known(pair.access) is None
    with pytest.raises(TokenInvalid):
        await there.verify(pair.access)
    with pytest.raises(TokenInvalid):
        await there.refresh(pair.refresh)


async def test_a_session_that_ends_while_its_token_is_verified_is_not_remembered(
    processes: list[Process], carla: User, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before a revocation is not believed after it."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    (session,) = await stores.sessions.of_user(carla.id)
    get = stores.users.get

    async def get_late(user_id: int | str) -> User | None:
        await tokens.revoke(session.id)
        return await get(user_id)

    monkeypatch.setattr(stores.users, "get", get_late)
    await tokens.verify(pair.access)
    assert tokens.known(pair.access) is None


async def test_refresh_follows_the_marketplace(
    processes: list[Process], carla: User, request: pytest.FixtureRequest
) -> None:
    """Where it rotates a token works once and its reuse ends the session; elsewhere it lasts."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    fresh = await tokens.refresh(pair.refresh)
    assert (await tokens.verify(fresh.access)).user_id == carla.id
    if fresh.refresh == pair.refresh:
        assert (await tokens.refresh(pair.refresh)).refresh == pair.refresh
        return
    with pytest.raises(TokenInvalid):
        await tokens.refresh(pair.refresh)
    with pytest.raises(TokenInvalid):
        await tokens.refresh(fresh.refresh)
    with pytest.raises(TokenInvalid):
        await tokens.verify(fresh.access)


async def test_of_twenty_refreshes_at_once_a_rotating_token_gives_one(
    processes: list[Process], carla: User
) -> None:
    """A stolen refresh token cannot be used beside its owner's: one succeeds at the most."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    results = await asyncio.gather(*(tokens.refresh(pair.refresh) for _ in range(20)), return_exceptions=True)
    given = [one for one in results if not isinstance(one, BaseException)]
    assert len(given) == (20 if given and given[0].refresh == pair.refresh else 1)


async def test_a_missed_message_heals(
    processes: list[Process], carla: User, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered is looked up again after a while, whatever the bus said."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    caller = await tokens.verify(pair.access)
    await stores.sessions.revoke(caller.session_id, clock.now())
    assert tokens.known(pair.access) is not None
    later = clock.now() + module.TRUST
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(seconds=1))
    assert tokens.known(pair.access) is None
    with pytest.raises(TokenInvalid):
        await tokens.verify(pair.access)


async def test_every_session_of_a_user_ends_together(
    processes: list[Process], carla: User, stores: Stores
) -> None:
    """All sign-ins of one user are ended, nobody else's."""
    tokens = processes[0].tokens
    dora = user(8)
    await stores.users.insert(dora)
    pairs = [await tokens.issue(carla) for _ in range(3)]
    other = await tokens.issue(dora)
    for pair in [*pairs, other]:
        await tokens.verify(pair.access)
    await tokens.revoke_all(carla.id)
    assert [tokens.known(pair.access) for pair in pairs] == [None, None, None]
    for pair in pairs:
        with pytest.raises(TokenInvalid):
            await tokens.refresh(pair.refresh)
    assert tokens.known(other.access) is not None


async def test_a_token_says_when_it_was_made_and_ends(processes: list[Process], carla: User) -> None:
    """Apps read `iat` and `exp`; a clock that is a little ahead makes no token invalid."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600
    assert (claims["sub"], claims["role"]) == (str(carla.id), carla.role)
    assert jwt.get_unverified_header(pair.access)["kid"]
    signer, soon = Signer(SECRET, "homeserve"), clock.now() + timedelta(minutes=5)
    ahead = signer.sign("access", {"iat": clock.now() + timedelta(seconds=30)}, soon)
    assert signer.unsign("access", ahead) is not None


async def test_a_deactivated_account_is_nobody(processes: list[Process], carla: User, stores: Stores) -> None:
    """Tokens of an account that was switched off are refused when they are looked at next."""
    tokens = processes[0].tokens
    pair = await tokens.issue(carla)
    await stores.users.change(carla.id, {"is_active": False})
    with pytest.raises(TokenInvalid):
        await tokens.verify(pair.access)


def test_kinds_and_marketplaces_never_stand_for_each_other() -> None:
    """A claim is recognised only as the kind and for the marketplace it was signed for, and until it ends."""
    ours, theirs = Signer(SECRET, "homeserve"), Signer(SECRET, "alist")
    soon = clock.now() + timedelta(minutes=1)
    token = ours.sign("quote", {"u": 1}, soon)
    assert (ours.unsign("quote", token) or {})["u"] == 1
    assert ours.unsign("access", token) is None
    assert theirs.unsign("quote", token) is None
    assert Signer("t" * 48, "homeserve").unsign("quote", token) is None
    assert ours.unsign("quote", ours.sign("quote", {}, clock.now() - timedelta(seconds=1))) is None
    assert ours.unsign("quote", "") is None
