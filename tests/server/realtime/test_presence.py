"""Presence over several processes: leases, the last one to leave, and processes that just vanish."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from server.embedded import Endpoints
from server.errors import TooMany
from server.realtime.presence import SOCKETS_A_USER, Presence
from tests.server.realtime.valkey import Valkey
from tests.waiting import until

JANE = 7


class Process:
    """One process's presence, and what it announced."""

    def __init__(self, redis_url: str, namespace: str, lease_seconds: float = 45) -> None:
        self.said: list[tuple[int, bool]] = []
        self.presence = Presence(redis_url, namespace, self._hear, lease_seconds)

    async def _hear(self, user_id: int, is_online: bool) -> None:
        self.said.append((user_id, is_online))


@pytest.fixture
def namespace() -> str:
    return uuid4().hex


@pytest_asyncio.fixture
async def two(services: Endpoints, namespace: str) -> AsyncIterator[tuple[Process, Process]]:
    processes = Process(services.redis_url, namespace), Process(services.redis_url, namespace)
    yield processes
    for process in processes:
        await process.presence.stop()


async def test_first_and_last_connection_count(two: tuple[Process, Process]) -> None:
    """However many connections in however many processes, coming and leaving are announced once each."""
    one, other = two
    first = await one.presence.join(JANE)
    second = await other.presence.join(JANE)
    third = await one.presence.join(JANE)
    assert (one.said, other.said) == ([(JANE, True)], [])
    await one.presence.leave(first, JANE)
    await one.presence.leave(third, JANE)
    assert await one.presence.online(JANE)
    await other.presence.leave(second, JANE)
    await other.presence.leave(second, JANE)
    assert (one.said, other.said) == ([(JANE, True)], [(JANE, False)])
    assert not await one.presence.online(JANE)


async def test_a_user_holds_so_many_sockets_in_all_processes(two: tuple[Process, Process]) -> None:
    """Wherever they are, those too many are refused, also of many at once; one that leaves makes room."""
    one, other = two
    held = [await one.presence.join(JANE) for _ in range(SOCKETS_A_USER - 10)]
    come = [other.presence.join(JANE) for _ in range(20)]
    answers = await asyncio.gather(*come, return_exceptions=True)
    assert [type(answer) for answer in answers] == [str] * 10 + [TooMany] * 10
    with pytest.raises(TooMany):
        await one.presence.join(JANE)
    await other.presence.join(JANE + 1)
    await one.presence.leave(held[0], JANE)
    await other.presence.join(JANE)
    with pytest.raises(TooMany):
        await one.presence.join(JANE)


async def test_the_sockets_of_a_process_that_vanished_count_no_more(
    services: Endpoints, namespace: str
) -> None:
    """When the lease of a killed process is over, its users may open as many sockets elsewhere."""
    killed = Process(services.redis_url, namespace, lease_seconds=0.3)
    for _ in range(SOCKETS_A_USER):
        await killed.presence.join(JANE)
    survivor = Process(services.redis_url, namespace)

    with pytest.raises(TooMany):
        await survivor.presence.join(JANE)

    async def may_join() -> bool:
        await survivor.presence.sweep()
        with suppress(TooMany):
            return bool(await survivor.presence.join(JANE))
        return False

    await until(may_join)
    for one in (survivor, killed):
        await one.presence.stop()


async def test_without_redis_a_process_counts_its_own() -> None:
    """A Redis that is away lets nobody open sockets without end."""
    process = Process("redis://127.0.0.1:9/0", "nowhere")
    for _ in range(SOCKETS_A_USER):
        await process.presence.join(JANE)
    with pytest.raises(TooMany):
        await process.presence.join(JANE)
    await process.presence.stop()


async def test_a_process_that_vanished(services: Endpoints, namespace: str) -> None:
    """Who was connected to a process that was killed is announced as gone, once, by those that are left."""
    killed = Process(services.redis_url, namespace, lease_seconds=0.3)
    await killed.presence.join(JANE)  # and never renewed, never left
    survivors = [Process(services.redis_url, namespace, lease_seconds=0.3) for _ in range(3)]
    for one in survivors:
        one.presence.start()
    assert await survivors[0].presence.online(JANE)

    async def is_announced() -> bool:
        return any(one.said for one in survivors)

    await until(is_announced)
    await asyncio.gather(*(one.presence.sweep() for one in survivors))
    assert [said for one in survivors for said in one.said] == [(JANE, False)]
    for one in (*survivors, killed):
        await one.presence.stop()
    assert killed.said == [(JANE, True)]


async def test_a_living_process_keeps_its_leases(services: Endpoints, namespace: str) -> None:
    """Who stays connected stays online, long beyond one lease, and after Redis was wiped."""
    process = Process(services.redis_url, namespace, lease_seconds=0.3)
    process.presence.start()
    await process.presence.join(JANE)
    async with Redis.from_url(services.redis_url) as redis:
        await redis.delete(*await redis.keys(f"presence:{namespace}:*"))

    async def is_back() -> bool:
        return await process.presence.online(JANE)

    await until(is_back)
    assert set(process.said) == {(JANE, True)}
    await process.presence.stop()
    assert process.said[-1] == (JANE, False)


async def test_without_redis_nobody_is_online() -> None:
    """A Redis that is away fails nobody's connection."""
    process = Process("redis://127.0.0.1:9/0", "nowhere")
    connection = await process.presence.join(JANE)
    assert not await process.presence.online(JANE)
    await process.presence.leave(connection, JANE)
    await process.presence.stop()
    assert process.said == []


async def test_who_comes_and_leaves_at_once_is_where_they_are_last(two: tuple[Process, Process]) -> None:
    """Whatever the order in which changes reach Redis, who ends up connected is online, and nobody else."""
    one, other = two
    for _ in range(20):
        kept = await one.presence.join(JANE)
        await asyncio.gather(
            one.presence.leave(kept, JANE), other.presence.join(JANE), one.presence.join(JANE)
        )
        assert await one.presence.online(JANE)
        for process in two:
            for connection in list(process.presence._connections):
                await process.presence.leave(connection, JANE)
        assert not await one.presence.online(JANE)
    said = sorted(one.said + other.said)
    assert said.count((JANE, True)) == said.count((JANE, False)) >= 20


async def test_a_process_that_was_late_names_its_users_again(services: Endpoints, namespace: str) -> None:
    """Swept while it hung, a process that goes on has its users online again."""
    late = Process(services.redis_url, namespace, lease_seconds=0.3)
    await late.presence.join(JANE)
    other = Process(services.redis_url, namespace)

    async def is_swept() -> bool:
        await other.presence.sweep()
        return bool(other.said)

    await until(is_swept)
    assert other.said == [(JANE, False)]
    late.presence.start()

    async def is_back() -> bool:
        return await other.presence.online(JANE)

    await until(is_back)
    for one in (late, other):
        await one.presence.stop()
    assert late.said == [(JANE, True), (JANE, True), (JANE, False)]


async def test_who_left_while_redis_was_away_is_not_online(valkey: Valkey, namespace: str) -> None:
    """A departure that Redis did not hear of is made up for when it is back."""
    process = Process(valkey.url, namespace, lease_seconds=0.3)
    connection = await process.presence.join(JANE)
    valkey.hang()
    await process.presence.leave(connection, JANE)
    valkey.go_on()
    process.presence.start()

    async def is_gone() -> bool:
        return (JANE, False) in process.said and not await process.presence.online(JANE)

    await until(is_gone)
    await process.presence.stop()
    assert process.said[0] == (JANE, True)
    assert set(process.said[1:]) == {(JANE, False)}
