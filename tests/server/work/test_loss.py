"""Nothing that was asked for is lost, whoever is killed and whatever is wiped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from redis.asyncio import Redis

from server.domain.parties import Caller
from server.domain.tasks import Task, TaskState
from server.embedded import Endpoints
from server.jobs import Job, Progress
from server.market import Market
from server.work.broker import MAX_DELIVERIES, StreamBroker
from tests.process import COMMAND, environment
from tests.server.realtime.valkey import Valkey
from tests.server.services.people import caller
from tests.server.work.conftest import Working, ended
from tests.waiting import until

ADMIN: Caller = caller(1, "super_admin")


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """A Valkey to be wiped and killed."""
    own = Valkey(tmp_path)
    await own.start()
    yield own
    await own.kill()


async def post(market: Market, task: Task, progress: Progress) -> str:
    """Move money once, in two steps."""
    await progress(1, 2)
    await market.ledger.post("half", "b", {"cash": 100, "gateway": -100})
    await progress(2, 2)
    return "posted"


async def test_a_killed_workers_task_is_done_by_another(
    market: Market, services: Endpoints, queue: str, working: Working
) -> None:
    """A worker killed in the middle loses nothing: another one begins again, and money moves once."""
    prefix = market.database.name.removesuffix("_homeserve")
    task = await market.notices.start(ADMIN, "slow")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.work.dying"),
        *(services.mongodb_uri, prefix, services.redis_url, queue),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert (await market.notices.task(task.id)).state is TaskState.RUNNING
    async with working(Job("slow", post)):
        done = await ended(market, task)
    assert (done.state, done.attempts) == (TaskState.DONE, 2)
    assert await market.ledger.balance("cash") == 100


async def test_a_wiped_redis_costs_a_delay(market: Market, working: Working, valkey: Valkey) -> None:
    """What was queued when Redis lost everything, the workers' group too, is done all the same."""
    gate = asyncio.Event()

    async def wait(market: Market, task: Task, progress: Progress) -> str:
        await gate.wait()
        return "done"

    async with Redis.from_url(valkey.url) as redis, working(Job("slow", wait), url=valkey.url):
        tasks = [await market.notices.start(ADMIN, "slow") for _ in range(8)]
        await until(lambda: _queued(redis, len(tasks)))
        await redis.flushall()
        gate.set()
        assert {(await ended(market, task)).state for task in tasks} == {TaskState.DONE}
        later = await market.notices.start(ADMIN, "slow")
        assert (await ended(market, later)).state is TaskState.DONE


async def test_a_redis_that_is_away_costs_a_delay(market: Market, working: Working, valkey: Valkey) -> None:
    """What is asked for while Redis is down is done once it is back, by the same workers."""
    async with working(Job("slow", post), url=valkey.url):
        await valkey.kill()
        task = await market.notices.start(ADMIN, "slow")
        await valkey.start()
        assert (await ended(market, task)).state is TaskState.DONE


async def test_nothing_stays_in_the_stream(
    market: Market, services: Endpoints, queue: str, working: Working
) -> None:
    """A message is gone once its task is done."""
    async with Redis.from_url(services.redis_url) as redis, working(Job("slow", post)):
        await ended(market, await market.notices.start(ADMIN, "slow"))

        async def is_empty() -> bool:
            return not await redis.xlen(queue)

        await until(is_empty)


async def test_a_message_that_ends_its_workers_is_put_aside(services: Endpoints, queue: str) -> None:
    """What was begun too often goes to the dead letters instead of ending one worker after the other."""
    async with Redis.from_url(services.redis_url) as redis:
        broker = StreamBroker(services.redis_url, queue, 1)
        await broker.startup()
        await redis.xadd(queue, {"data": b"poison"})
        await redis.xreadgroup("workers", "somebody", {queue: ">"})
        for _ in range(MAX_DELIVERIES):
            await redis.xautoclaim(queue, "workers", "somebody", 0)

        async def is_aside() -> bool:
            await broker._read()
            return bool(await redis.xlen(f"{queue}:dead"))

        await until(is_aside)
        assert await redis.xlen(queue) == 0
        await broker.shutdown()


async def test_a_listener_ends_when_it_is_told_to(services: Endpoints, queue: str) -> None:
    """A cancellation is heard wherever it meets the listener, also while its client connects."""

    async def listen_for(seconds: float) -> None:
        broker = StreamBroker(services.redis_url, queue, 1000)
        await broker.startup()
        messages = broker.listen()
        first = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(seconds)
        first.cancel()
        await asyncio.wait_for(asyncio.wait({first}), 10)
        assert first.cancelled()
        await broker.shutdown()

    for step in range(0, 20, 2):
        await listen_for(step * 0.00025)


async def test_the_worker_command(market: Market, services: Endpoints, tmp_path: Path) -> None:
    """`python -m server worker` does what was asked for beside the serving processes, and ends in order."""
    prefix = market.database.name.removesuffix("_homeserve")
    variables = {"MONGODB_URI": services.mongodb_uri, "REDIS_URL": services.redis_url, "DB_PREFIX": prefix}
    task = await market.notices.start(ADMIN, "measure_providers")
    process = await asyncio.create_subprocess_exec(
        *(*COMMAND, "worker"),
        env=environment(tmp_path, **variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"Doorstep works\n"
        assert (await ended(market, task)).state is TaskState.DONE
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 30)
        assert (process.returncode, b"Traceback" in errors) == (os.EX_OK, False)
    finally:
        if process.returncode is None:
            process.kill()


async def _queued(redis: Redis, many: int) -> bool:
    """Say whether so many messages are in the one stream."""
    lengths = [await redis.xlen(key) for key in await redis.keys("work:*") if not key.endswith(b":dead")]
    return sum(lengths) >= many
