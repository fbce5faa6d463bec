"""Background work: nothing that was asked for is lost, whoever is killed and whatever is wiped."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from server import clock
from server.bootstrap import open_markets, shared_parts
from server.domain.parties import Caller
from server.domain.tasks import Task, TaskState
from server.embedded import Endpoints
from server.jobs import Job, Progress
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.settings import Settings
from server.work.broker import MAX_DELIVERIES, StreamBroker
from server.work.worker import Worker
from tests.server.services.people import caller
from tests.server.work.dying import IDLE_MS
from tests.waiting import until

ADMIN: Caller = caller(1, "super_admin")


@pytest_asyncio.fixture
async def market(settings: Settings, services: Endpoints) -> AsyncIterator[Market]:
    """HomeServe on an empty database."""
    fresh = settings.model_copy(update={"db_prefix": f"test_{uuid4().hex[:10]}"})
    async with shared_parts(fresh, services) as shared, open_markets(shared, [HOMESERVE]) as markets:
        yield markets["homeserve"]


@pytest.fixture
def queue() -> str:
    return f"work:{uuid4().hex}"


@asynccontextmanager
async def working(market: Market, services: Endpoints, queue: str, *jobs: Job) -> AsyncIterator[None]:
    broker = StreamBroker(services.redis_url, queue, IDLE_MS)
    async with Worker({"homeserve": market}, broker, {job.name: job for job in jobs}).running():
        yield


async def ended(market: Market, task: Task) -> Task:
    """Wait until a task is over, and give it."""

    async def is_over() -> bool:
        kept = await market.notices.task(task.id)
        return kept.state in (TaskState.DONE, TaskState.FAILED)

    await until(is_over)
    return await market.notices.task(task.id)


async def post(market: Market, progress: Progress) -> str:
    """Move money once, in two steps."""
    await progress(1, 2)
    await market.ledger.post("half", "b", {"cash": 100, "gateway": -100})
    await progress(2, 2)
    return "posted"


async def test_what_is_asked_for_is_done_and_reported(
    market: Market, services: Endpoints, queue: str
) -> None:
    """A task goes from queued to done, with its progress and result; nothing is left in the stream."""
    task = await market.notices.start(ADMIN, "slow")
    assert (task.state, task.asked_by) == (TaskState.QUEUED, 1)
    async with working(market, services, queue, Job("slow", post)):
        done = await ended(market, task)
    assert (done.state, done.done, done.total, done.result) == (TaskState.DONE, 2, 2, "posted")


async def test_a_task_that_fails_says_so(market: Market, services: Endpoints, queue: str) -> None:
    """A fault ends a task as failed, with the fault's name and without its text."""

    async def fail(market: Market, progress: Progress) -> str:
        raise ZeroDivisionError("a secret")

    task = await market.notices.start(ADMIN, "slow")
    async with working(market, services, queue, Job("slow", fail)):
        failed = await ended(market, task)
    assert (failed.state, failed.error) == (TaskState.FAILED, "ZeroDivisionError")


async def test_a_killed_workers_task_is_done_by_another(
    market: Market, services: Endpoints, queue: str, tmp_path: Path
) -> None:
    """A worker killed in the middle loses nothing: another one begins again, and money moves once."""
    prefix = market.database.name.removesuffix("_homeserve")
    task = await market.notices.start(ADMIN, "slow")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.server.work.dying",
        services.mongodb_uri,
        prefix,
        services.redis_url,
        queue,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert (await market.notices.task(task.id)).state is TaskState.RUNNING
    async with working(market, services, queue, Job("slow", post)):
        assert (await ended(market, task)).state is TaskState.DONE
    assert await market.ledger.balance("cash") == 100


async def test_a_wiped_redis_costs_a_delay(
    market: Market, services: Endpoints, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task whose entry was lost with the stream, and the workers' group with it, is done all the same."""
    monkeypatch.setattr("server.work.worker.FORGOTTEN", timedelta(seconds=0.3))
    task = await market.notices.start(ADMIN, "slow")
    # What a wiped Redis leaves: a row that a process queued a while ago, and no entry of it.
    await market.stores.tasks.change(task.id, {"touched_at": clock.now() - timedelta(seconds=1)})
    async with (
        working(market, services, queue, Job("slow", post)),
        Redis.from_url(services.redis_url) as redis,
    ):
        await redis.delete(queue)
        assert (await ended(market, task)).state is TaskState.DONE
        again = await market.notices.start(ADMIN, "slow")
        assert (await ended(market, again)).state is TaskState.DONE


async def test_regular_jobs_take_turns(market: Market, services: Endpoints, queue: str) -> None:
    """Of three workers one runs each turn of a job, and the next turn comes."""
    runs = 0

    async def count(market: Market, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        return "counted"

    hourly = Job("hourly", count, timedelta(hours=1))
    often = Job("often", count, timedelta(milliseconds=1))
    async with (
        working(market, services, queue, hourly),
        working(market, services, queue, hourly),
        working(market, services, queue, hourly),
    ):
        await until(lambda: _ran(lambda: runs))
        turn = await market.stores.turns.get("hourly")
    assert runs == 1
    assert turn is not None and turn.due_at > clock.now() + timedelta(minutes=50)
    async with working(market, services, f"{queue}:2", often):
        await until(lambda: _ran(lambda: runs >= 3))


async def _ran(condition: object) -> bool:
    return bool(condition())  # type: ignore[operator]


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
