"""Idempotency keys: once, the same answer, and nothing stuck after a crash."""

import asyncio
from datetime import timedelta

import pytest

from server import clock
from server.errors import Conflict, Invalid, KeyReused
from server.services.idempotency import Idempotency
from server.store.database import Database, session
from server.store.idempotency import IdempotencyKeys


class Work:
    """A write that counts how often it committed."""

    def __init__(self, database: Database) -> None:
        self._things = database.collection("things")

    async def __call__(self) -> tuple[int, bytes]:
        await self._things.insert_one({"n": 1}, session=session())
        return 201, b'{"made": true}'

    async def committed(self) -> int:
        return int(await self._things.count_documents({}))


@pytest.fixture
async def keys(database: Database) -> Idempotency:
    await database.ensure_indexes([(IdempotencyKeys.NAME, IdempotencyKeys.INDEXES)])
    return Idempotency(database, IdempotencyKeys(database))


async def test_twenty_at_once_are_carried_out_once(database: Database, keys: Idempotency) -> None:
    """One runs, the others get its answer or are told that it still runs."""
    work = Work(database)
    results = await asyncio.gather(
        *(keys.once(1, "k", "same", work) for _ in range(20)), return_exceptions=True
    )
    assert await work.committed() == 1
    answers = [one for one in results if not isinstance(one, BaseException)]
    assert set(answers) == {(201, b'{"made": true}')}
    assert all(isinstance(one, Conflict) for one in results if isinstance(one, BaseException))
    assert await keys.once(1, "k", "same", work) == answers[0]
    assert await work.committed() == 1


async def test_another_request_may_not_use_the_key(database: Database, keys: Idempotency) -> None:
    """Same key, other content: refused. Same key of another user: somebody else's key."""
    work = Work(database)
    await keys.once(1, "k", "this", work)
    with pytest.raises(KeyReused):
        await keys.once(1, "k", "that", work)
    await keys.once(2, "k", "that", work)
    assert await work.committed() == 2


async def test_a_refusal_is_not_kept(database: Database, keys: Idempotency) -> None:
    """A request that was refused left nothing behind and is decided afresh."""
    work = Work(database)

    async def refused() -> tuple[int, bytes]:
        await work()
        raise Invalid({"x": ["wrong"]})

    with pytest.raises(Invalid):
        await keys.once(1, "k", "same", refused)
    assert await work.committed() == 0
    assert (await keys.once(1, "k", "same", work))[0] == 201


async def test_a_dead_runners_key_is_taken_over(
    database: Database, keys: Idempotency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its lease lasts the key is busy; when it has ended, or at a start alone, it is free again."""
    store, work = IdempotencyKeys(database), Work(database)

    async def dies() -> tuple[int, bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(IdempotencyKeys, "release", lambda *_: asyncio.sleep(0))
    for key in ("lease", "start"):
        with pytest.raises(KeyboardInterrupt):
            await keys.once(1, key, "same", dies)
        with pytest.raises(Conflict):
            await keys.once(1, key, "same", work)
    await store.change("1:lease", {"lease_until": clock.now() - timedelta(seconds=1)})
    assert (await keys.once(1, "lease", "same", work))[0] == 201
    await keys.release_abandoned()
    assert (await keys.once(1, "start", "same", work))[0] == 201
    assert await work.committed() == 2
