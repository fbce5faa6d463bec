"""Idempotency keys: once, the same answer, and nothing stuck after a crash."""

import asyncio
import contextvars
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect

from server import clock
from server.embedded import Endpoints
from server.errors import Busy, Conflict, Invalid, KeyReused
from server.services.idempotency import Idempotency
from server.store.database import Database, Index
from server.store.idempotency import IdempotencyKeys
from tests.server.services.dying import ANSWER, Work


@pytest.fixture
async def keys(database: Database) -> Idempotency:
    # "things" exists before the transactions: one that creates it and dies would lock it for a minute.
    things = Index("n", (("n", 1),))
    await database.ensure_indexes([(IdempotencyKeys.NAME, IdempotencyKeys.INDEXES), ("things", [things])])
    return Idempotency(database, IdempotencyKeys(database))


async def test_twenty_at_once_are_carried_out_once(database: Database, keys: Idempotency) -> None:
    """One runs, the others get its answer or are told that it still runs."""
    work = Work(database)
    results = await asyncio.gather(
        *(keys.once(1, "k", "same", work) for _ in range(20)), return_exceptions=True
    )
    assert await work.committed() == 1
    answers = [one for one in results if not isinstance(one, BaseException)]
    assert set(answers) == {(201, ANSWER)}
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


async def killed(database: Database, services: Endpoints, when: str) -> None:
    """Have a process use the key "1:k" and kill it "working" or "answered"."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.server.services.dying",
        services.mongodb_uri,
        database.name,
        when,
        stdout=PIPE,
    )
    assert child.stdout is not None
    said = await asyncio.wait_for(child.stdout.readline(), 30)
    child.kill()
    await child.wait()
    assert said.decode().strip() == when


@pytest.mark.parametrize("freed_by", ["lease", "start"])
async def test_what_a_killed_process_had_begun_is_done_afresh(
    database: Database, keys: Idempotency, services: Endpoints, freed_by: str
) -> None:
    """While its lease lasts the key is busy; after it, or at a start alone, the work is done once."""
    await killed(database, services, "working")
    work = Work(database)
    with pytest.raises(Conflict):
        await keys.once(1, "k", "same", work)
    if freed_by == "lease":
        ended = clock.now() - timedelta(seconds=1)
        await IdempotencyKeys(database).change("1:k", {"lease_until": ended})
    else:
        await keys.release_abandoned()
    results = await asyncio.gather(
        *(keys.once(1, "k", "same", work) for _ in range(10)), return_exceptions=True
    )
    assert (201, ANSWER) in results
    assert await work.committed() == 1


async def test_what_a_killed_process_had_answered_is_replayed(
    database: Database, keys: Idempotency, services: Endpoints
) -> None:
    """An answer that was committed and never sent is the answer to the retry."""
    await killed(database, services, "answered")
    await keys.release_abandoned()
    work = Work(database)
    assert await keys.once(1, "k", "same", work) == (201, ANSWER)
    assert await work.committed() == 1


async def test_a_runner_that_lost_its_key_leaves_nothing(database: Database, keys: Idempotency) -> None:
    """A process that was believed dead and goes on finds that the key is another's, and undoes its work."""
    work, other = Work(database), Idempotency(database, IdempotencyKeys(database))

    async def is_overtaken() -> tuple[int, bytes]:
        ended = clock.now() - timedelta(seconds=1)
        unit = contextvars.Context()  # another process knows nothing of this transaction
        await asyncio.create_task(
            IdempotencyKeys(database).change("1:k", {"lease_until": ended}), context=unit
        )
        await asyncio.create_task(other.once(1, "k", "same", work), context=unit)
        return await work()

    with pytest.raises(Conflict):
        await keys.once(1, "k", "same", is_overtaken)
    assert await work.committed() == 1
    assert await keys.once(1, "k", "same", work) == (201, ANSWER)


async def test_a_key_that_could_not_be_released_is_free_for_its_own_process(
    database: Database, keys: Idempotency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database goes away over a request its retry does not wait for the lease."""

    async def away(*_: object) -> None:
        raise AutoReconnect

    async def goes_away() -> tuple[int, bytes]:
        raise AutoReconnect

    with monkeypatch.context() as outage:
        outage.setattr(IdempotencyKeys, "release", away)
        with pytest.raises((Busy, AutoReconnect)):
            await keys.once(1, "k", "same", goes_away)
    work = Work(database)
    assert await keys.once(1, "k", "same", work) == (201, ANSWER)
    assert await work.committed() == 1
