"""Runs background work in this process: what the stream brings, and regular jobs when they are due.

Truth is in the database: a task's row says what is asked for, a job's turn says when it is due. The stream
carries names only, so that a Redis that was wiped costs a delay.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from taskiq.receiver import Receiver

from server import clock
from server.domain.tasks import UNFINISHED, Task, TaskState
from server.errors import Busy, Conflict
from server.jobs import JOBS, Job
from server.market import Market
from server.store.tasks import JobTurn
from server.work.broker import StreamBroker

log = structlog.get_logger("work")

TICK_SECONDS = 1.0
FORGOTTEN = timedelta(seconds=30)
"""A task that nobody has touched for so long is queued again."""

OLDEST = timedelta(days=7)
LEASE = timedelta(minutes=1)
"""How long a turn that was begun counts as under way."""

AT_ONCE = 4
"""Tasks a process runs side by side: they share the loop with its requests."""


class Worker:
    """One process's share of the work of all marketplaces."""

    def __init__(
        self, markets: Mapping[str, Market], broker: StreamBroker, jobs: Mapping[str, Job] = JOBS
    ) -> None:
        self._markets, self._broker, self._jobs = markets, broker, jobs

        async def turn(name: str, job: str, next_at: str) -> None:  # taskiq renames what it registers
            await self._run_turn(name, job, next_at)

        async def task(name: str, task_id: str) -> None:
            await self._run_task(name, task_id)

        self._turn = broker.register_task(turn, task_name="turn")
        self._task = broker.register_task(task, task_name="task")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work meanwhile; what is under way at the end is begun again by whoever works next."""
        await self._broker.startup()
        stop = asyncio.Event()
        receiver = Receiver(self._broker, max_async_tasks=AT_ONCE, run_startup=False, wait_tasks_timeout=5)
        running = [asyncio.create_task(receiver.listen(stop)), asyncio.create_task(self._tick())]
        try:
            yield
        finally:
            stop.set()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            with suppress(RedisError):
                await self._broker.shutdown()

    async def _tick(self) -> None:
        """Queue what is due, once a second."""
        while True:
            try:
                for name, market in self._markets.items():
                    await self._queue_turns(name, market)
                    await self._queue_forgotten(name, market)
            except (Busy, RedisError, OSError) as away:
                log.warning("background work waits", reason=type(away).__name__)
            except Exception:
                log.exception("background work could not be queued")
            await asyncio.sleep(TICK_SECONDS)

    async def _queue_turns(self, name: str, market: Market) -> None:
        now = clock.now()
        turns = {turn.id: turn for turn in await market.stores.turns.find({})}
        for job in self._jobs.values():
            if job.every is None:
                continue
            turn = turns.get(job.name)
            if turn is None:
                turn = JobTurn(job.name, now)
                with suppress(Conflict):
                    await market.stores.turns.insert(turn)
            if turn.due_at <= now and await market.stores.turns.take(turn, now + max(job.every, LEASE)):
                await self._turn.kiq(name, job.name, (now + job.every).isoformat())

    async def _queue_forgotten(self, name: str, market: Market) -> None:
        now = clock.now()
        for task in await market.stores.tasks.forgotten(now - OLDEST, now - FORGOTTEN):
            if await market.stores.tasks.change(
                task.id, {"touched_at": now}, where={"touched_at": task.touched_at}
            ):
                await self._task.kiq(name, task.id)

    async def _run_turn(self, name: str, job: str, next_at: str) -> None:
        """Run a regular job, then say when it is due again."""
        market = self._markets[name]

        async def ignore(done: int, total: int | None) -> None:
            return None

        try:
            await self._jobs[job].run(market, ignore)
        except Exception:
            log.exception("a job failed", job=job, market=name)
        await market.stores.turns.change(job, {"due_at": datetime.fromisoformat(next_at)})

    async def _run_task(self, name: str, task_id: str) -> None:
        """Run what somebody asked for, and write down how it went."""
        market = self._markets[name]
        task = await market.stores.tasks.get(task_id)
        if task is None or task.state not in UNFINISHED:
            return
        tasks = market.stores.tasks
        await tasks.change(task_id, {"state": TaskState.RUNNING, "touched_at": clock.now()})

        async def note(done: int, total: int | None) -> None:
            await tasks.change(task_id, {"done": done, "total": total, "touched_at": clock.now()})

        async with _touching(market, task):
            try:
                result = await self._jobs[task.name].run(market, note)
                outcome = {"state": TaskState.DONE, "result": result}
            except Exception as fault:
                log.exception("a task failed", task=task.name, market=name)
                outcome = {"state": TaskState.FAILED, "error": type(fault).__name__}
        await tasks.change(task_id, {**outcome, "finished_at": clock.now(), "touched_at": clock.now()})


@asynccontextmanager
async def _touching(market: Market, task: Task) -> AsyncIterator[None]:
    """Show that somebody is at a task meanwhile."""

    async def touch() -> None:
        while True:
            await asyncio.sleep(FORGOTTEN.total_seconds() / 3)
            with suppress(Busy):
                await market.stores.tasks.change(task.id, {"touched_at": clock.now()})

    touching = asyncio.create_task(touch())
    try:
        yield
    finally:
        touching.cancel()
