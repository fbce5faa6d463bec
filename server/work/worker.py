"""Runs background work in this process: what the stream brings, and regular jobs when they are due.

Truth is in the database: a task's row says when it is due, who is at it and until when that is believed. The
stream carries ids only, so that a Redis that was wiped costs a delay. taskiq's own scheduler is not used: it
remembers in its process what it has sent, whereas a row is due for all processes and outlives them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from taskiq.exceptions import SendTaskError
from taskiq.receiver import Receiver

from server import clock, metrics
from server.domain.tasks import MOST_ATTEMPTS, Progress, Task, TaskState
from server.ending import end
from server.errors import Busy, Conflict
from server.jobs import JOBS, Job
from server.market import Market
from server.store.database import refusal_of
from server.work.broker import StreamBroker

log = structlog.get_logger("work")

TICK_SECONDS = 1.0
FORGOTTEN = timedelta(seconds=30)
"""A task that no worker has begun for so long is queued again."""

LEASE = timedelta(seconds=15)
"""An attempt that gave no sign of life for so long is lost, and the task begun anew."""

AT_ONCE = 4
"""Tasks a process runs side by side: they share the loop with its requests."""

STOP_SECONDS = 5.0
"""How long tasks may go on when the process stops; then they are put back for another one."""


class Worker:
    """One process's share of the work of all marketplaces.

    One process is at a task at a time, unless it falls silent for longer than its lease and comes back: then
    its result counts for nothing, and what it does meanwhile must bear being done twice.
    """

    def __init__(
        self,
        markets: Mapping[str, Market],
        broker: StreamBroker,
        jobs: Mapping[str, Job] = JOBS,
        *,
        lease: timedelta = LEASE,
        forgotten: timedelta = FORGOTTEN,
    ) -> None:
        self._markets, self._broker, self._jobs = markets, broker, jobs
        self._lease, self._forgotten = lease, forgotten
        self._under_way: set[asyncio.Task[None]] = set()

        async def run(name: str, task_id: str, due_at: str) -> None:
            under_way = asyncio.create_task(self._run(name, task_id, datetime.fromisoformat(due_at)))
            self._under_way.add(under_way)
            under_way.add_done_callback(self._under_way.discard)
            await asyncio.wait({under_way})

        self._tell = broker.register_task(run, task_name="run")

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work meanwhile; what does not end soon after is put back for whoever works next."""
        await self._prepare()
        stop = asyncio.Event()
        listening, ticking = asyncio.create_task(self._listen(stop)), asyncio.create_task(self._tick())
        try:
            yield
        finally:
            await end(ticking)
            stop.set()
            await asyncio.wait({listening}, timeout=STOP_SECONDS)
            for task in tuple(self._under_way):
                task.cancel()  # it puts itself back, upon which the listener ends
            await asyncio.wait({listening}, timeout=STOP_SECONDS)
            await end(listening)
            with suppress(RedisError):
                await self._broker.shutdown()

    async def _prepare(self) -> None:
        """Connect, and see that every regular job has its row."""
        await self._broker.startup()
        now = clock.now()
        for market in self._markets.values():
            for job in self._jobs.values():
                if job.every is not None and await market.stores.tasks.get(job.name) is None:
                    with suppress(Conflict):  # another process was faster
                        await market.stores.tasks.insert(
                            Task(job.name, job.name, TaskState.QUEUED, None, now, due_at=now)
                        )

    async def _listen(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            receiver = Receiver(self._broker, max_async_tasks=AT_ONCE, run_startup=False)
            try:
                await receiver.listen(stop)
            except Exception as fault:
                _report("background work stopped, and begins again", fault)
                await asyncio.sleep(TICK_SECONDS)

    async def _tick(self) -> None:
        """Queue what is due, once a second."""
        while True:
            try:
                for name, market in self._markets.items():
                    await self._queue_due(name, market)
            except Exception as fault:
                _report("background work could not be queued", fault)
            await asyncio.sleep(TICK_SECONDS)

    async def _queue_due(self, name: str, market: Market) -> None:
        """Tell a worker of every task that is due, and give it some time to begin."""
        now = clock.now()
        for seen in await market.stores.tasks.due(now):
            told = replace(seen, due_at=now + self._forgotten)
            if await market.stores.tasks.take(seen, told):
                await self._tell.kiq(name, seen.id, (now + self._forgotten).isoformat())

    async def _run(self, name: str, task_id: str, due_at: datetime) -> None:
        """Run a task, unless the message is a late repetition; another one follows when it is due again."""
        try:
            market = self._markets[name]
            begun = await self._begin(market, task_id, due_at)
            if begun is not None:
                await self._attempt(name, market, begun)
        except Exception as fault:  # its row still says that it is due, or will be
            _report("a task could not be begun, or its end not be noted", fault, market=name)

    async def _attempt(self, name: str, market: Market, begun: Task) -> None:
        """Make one attempt at a task and write how it ended."""
        every = self._every(begun)
        try:
            async with self._holding(market, begun):
                result = await self._jobs[begun.name].run(market, begun, self._noting(market, begun))
            after, outcome = begun.succeeded(result, clock.now(), every), "done"
        except asyncio.CancelledError:
            after, outcome = begun.put_back(clock.now()), "put back"
        except Exception as fault:
            _report("a task failed", fault, task=begun.name, market=name, attempt=begun.attempts)
            after, outcome = begun.failed(type(fault).__name__, clock.now(), every), "failed"
        metrics.task_attempts(name, begun.name, outcome).inc()
        if not await market.stores.tasks.end(begun, after):
            log.warning("a task was taken over", task=begun.name, market=name)
            return
        await self._note_lost(market, after)

    async def _begin(self, market: Market, task_id: str, due_at: datetime) -> Task | None:
        """Take a task for an attempt; None when it is not its turn, somebody is at it, or it is hopeless."""
        tasks, now = market.stores.tasks, clock.now()
        seen = await tasks.get(task_id)
        if seen is None or seen.due_at is None or (seen.due_at != due_at and seen.due_at > now):
            return None
        if seen.name not in self._jobs:
            log.warning("nobody here knows a task", task=seen.name, market=market.meaning.name)
            return None
        if seen.attempts >= MOST_ATTEMPTS:
            log.error("a task ended its workers", task=seen.name, market=market.meaning.name)
            lost = seen.failed("Abandoned", now, self._every(seen))
            if await tasks.take(seen, lost):
                await self._note_lost(market, lost)
            return None
        begun = seen.begun(now + self._lease)
        return begun if await tasks.take(seen, begun) else None

    async def _note_lost(self, market: Market, task: Task) -> None:
        """Have the job note that its task is given up."""
        lost = self._jobs[task.name].lost
        if task.state is TaskState.FAILED and lost is not None:
            await lost(market, task)

    def _every(self, task: Task) -> timedelta | None:
        """Give how long a regular job rests, None for what somebody asked for."""
        return self._jobs[task.name].every if task.asked_by is None else None

    def _noting(self, market: Market, begun: Task) -> Progress:
        async def note(done: int, total: int | None) -> None:
            if begun.asked_by is not None:  # nobody looks at how far a regular job is
                await market.stores.tasks.note(begun, done, total, clock.now() + self._lease)

        return note

    @asynccontextmanager
    async def _holding(self, market: Market, begun: Task) -> AsyncIterator[None]:
        """Show meanwhile that somebody is at a task."""

        async def hold() -> None:
            while True:
                await asyncio.sleep(self._lease.total_seconds() / 3)
                try:
                    await market.stores.tasks.keep(begun, clock.now() + self._lease)
                except Exception as fault:
                    _report("a task's lease could not be renewed", fault, task=begun.name)

        holding = asyncio.create_task(hold())
        try:
            yield
        finally:
            holding.cancel()


def _report(event: str, fault: Exception, **facts: object) -> None:
    """Log a fault: in one line when a service is away, which is no fault of ours, else with where it was."""
    is_away = isinstance(fault, (Busy, SendTaskError, RedisError, OSError)) or refusal_of(fault) is not None
    if is_away:
        log.warning(event, reason=type(fault).__name__, **facts)
    else:
        log.error(event, exc_info=fault, **facts)
