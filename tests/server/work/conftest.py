"""HomeServe on an empty database, a queue of a test's own, and workers in this process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import pytest
import pytest_asyncio

from server.bootstrap import open_markets, shared_parts
from server.domain.tasks import Task, TaskState
from server.embedded import Endpoints
from server.jobs import Job
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.settings import Settings
from server.work.broker import StreamBroker
from server.work.worker import Worker
from tests.server.work.dying import IDLE_MS, LEASE
from tests.waiting import until


@pytest_asyncio.fixture
async def market(settings: Settings, services: Endpoints) -> AsyncIterator[Market]:
    """HomeServe on an empty database."""
    fresh = settings.model_copy(update={"db_prefix": f"test_{uuid4().hex[:10]}"})
    async with shared_parts(fresh, services) as shared, open_markets(shared, [HOMESERVE]) as markets:
        yield markets["homeserve"]


@pytest.fixture
def queue() -> str:
    return f"work:{uuid4().hex}"


class Working(Protocol):
    """Starts a worker that knows these jobs, and stops it at the end."""

    def __call__(self, *jobs: Job, url: str | None = None) -> AbstractAsyncContextManager[None]: ...


@pytest.fixture
def working(market: Market, services: Endpoints, queue: str) -> Working:
    """Workers of one queue, in this process, with short leases."""

    def work(*jobs: Job, url: str | None = None) -> AbstractAsyncContextManager[None]:
        broker = StreamBroker(url or services.redis_url, queue, IDLE_MS)
        known = {job.name: job for job in jobs}
        worker = Worker({"homeserve": market}, broker, known, lease=LEASE, forgotten=timedelta(seconds=0.5))
        return worker.running()

    return work


async def ended(market: Market, task: Task) -> Task:
    """Wait until a task is over, and give it."""

    async def is_over() -> bool:
        kept = await market.notices.task(task.id)
        return kept.state in (TaskState.DONE, TaskState.FAILED)

    await until(is_over, 30)
    return await market.notices.task(task.id)
