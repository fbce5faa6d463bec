"""Presence over several processes: leases, the last one to leave, and processes that just vanish."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from server.embedded import Endpoints
from server.realtime.presence import Presence
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
        await redis.delete(f"presence:{namespace}:{JANE}", f"presence:{namespace}:users")

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
