"""Background work: what is asked for is done, tried again, and said; regular jobs take turns."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from taskiq import BrokerMessage

from server import clock
from server.domain.parties import Caller
from server.domain.tasks import MOST_ATTEMPTS, Task, TaskState
from server.jobs import Job, Progress
from server.market import Market
from server.work.broker import StreamBroker
from tests.server.services.people import caller
from tests.server.work.conftest import Working, ended
from tests.waiting import until

ADMIN: Caller = caller(1, "super_admin")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are tried again at once."""
    monkeypatch.setattr("server.domain.tasks.PAUSES", (timedelta(0),) * (MOST_ATTEMPTS - 1))


async def test_what_is_asked_for_is_done_and_reported(market: Market, working: Working) -> None:
    """A task goes from queued to done, with its progress and result; who asked is in the audit."""

    async def post(market: Market, task: Task, progress: Progress) -> str:
        await progress(2, 2)
        return "posted"

    task = await market.notices.start(ADMIN, "slow")
    assert (task.state, task.asked_by) == (TaskState.QUEUED, 1)
    (entry,) = await market.stores.changes.find({"date": clock.now().date().isoformat()})
    assert (entry.subject, entry.subject_id, entry.user_id) == ("Task", task.id, 1)
    async with working(Job("slow", post)):
        done = await ended(market, task)
    assert (done.state, done.done, done.total, done.result) == (TaskState.DONE, 2, 2, "posted")
    assert done.due_at is None and done.finished_at is not None


@pytest.mark.usefixtures("impatient")
async def test_a_failure_is_tried_again(market: Market, working: Working) -> None:
    """A task that fails at first is done in the end, and shows no error then."""
    runs = 0

    async def stumble(market: Market, task: Task, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        if runs < MOST_ATTEMPTS:
            raise ConnectionError
        return "at last"

    task = await market.notices.start(ADMIN, "slow")
    async with working(Job("slow", stumble)):
        done = await ended(market, task)
    assert (done.state, done.result, done.error, runs) == (TaskState.DONE, "at last", "", MOST_ATTEMPTS)


def attempts(outcome: str) -> float:
    """Give what the metrics say of the job "slow"."""
    labels = {"market": "homeserve", "job": "slow", "outcome": outcome}
    return REGISTRY.get_sample_value("doorstep_task_attempts_total", labels) or 0.0


@pytest.mark.usefixtures("impatient")
async def test_what_always_fails_is_given_up(market: Market, working: Working) -> None:
    """After so many attempts a task has failed, with the fault's name and without its text."""
    runs = 0

    async def fail(market: Market, task: Task, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        raise ZeroDivisionError("a secret")

    before = attempts("failed")
    task = await market.notices.start(ADMIN, "slow")
    async with working(Job("slow", fail)):
        failed = await ended(market, task)
    assert (failed.state, failed.error, runs) == (TaskState.FAILED, "ZeroDivisionError", MOST_ATTEMPTS)
    assert attempts("failed") - before == MOST_ATTEMPTS


async def test_a_task_that_ends_its_workers_is_given_up(market: Market, working: Working) -> None:
    """What was begun so often without ever ending is not begun once more."""

    async def never(market: Market, task: Task, progress: Progress) -> str:
        raise AssertionError("it was begun")

    task = await market.notices.start(ADMIN, "slow")
    begun = task
    for _ in range(MOST_ATTEMPTS):  # as workers would that die at once
        begun = begun.begun(clock.now())
    await market.stores.tasks.take(task, begun)
    async with working(Job("slow", never)):
        failed = await ended(market, task)
    assert (failed.state, failed.error) == (TaskState.FAILED, "Abandoned")


async def test_a_worker_that_stops_puts_its_task_back(
    market: Market, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop counts as no attempt; the next worker begins at once, and the task is done."""
    monkeypatch.setattr("server.work.worker.STOP_SECONDS", 0.1)
    begun, gate = asyncio.Event(), asyncio.Event()

    async def wait(market: Market, task: Task, progress: Progress) -> str:
        begun.set()
        await gate.wait()
        return "done"

    task = await market.notices.start(ADMIN, "slow")
    async with working(Job("slow", wait)):
        await asyncio.wait_for(begun.wait(), 10)
    kept = await market.notices.task(task.id)
    assert (kept.state, kept.attempts) == (TaskState.QUEUED, 0)
    assert kept.due_at is not None and kept.due_at <= clock.now()
    gate.set()
    async with working(Job("slow", wait)):
        assert (await ended(market, task)).result == "done"


async def test_a_stop_reaches_who_overhears_it(
    market: Market, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that swallows a cancellation while tasks are queued does not keep the queueing alive."""
    told = asyncio.Event()

    async def overhear(broker: StreamBroker, message: BrokerMessage) -> None:
        if not told.is_set():
            told.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    monkeypatch.setattr(StreamBroker, "kick", overhear)
    await market.notices.start(ADMIN, "never heard of")
    async with working():
        await asyncio.wait_for(told.wait(), 10)
    assert not [task for task in asyncio.all_tasks() if "Worker._tick" in repr(task.get_coro())]


async def test_a_long_task_is_begun_once(market: Market, working: Working) -> None:
    """Longer than a lease and than the stream's patience, a task stays with who is at it."""
    runs = 0

    async def last(market: Market, task: Task, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        await asyncio.sleep(2)  # more than three leases
        return "done"

    task = await market.notices.start(ADMIN, "slow")
    async with working(Job("slow", last)), working(Job("slow", last)):
        assert (await ended(market, task)).attempts == 1
    assert runs == 1


async def test_a_late_result_counts_for_nothing(market: Market) -> None:
    """An attempt that counted as lost changes nothing once another one was begun."""
    task, tasks = await market.notices.start(ADMIN, "slow"), market.stores.tasks
    first = task.begun(clock.now())
    assert await tasks.take(task, first)
    second = first.begun(clock.now() + timedelta(minutes=1))
    assert [await tasks.take(first, second), await tasks.take(first, second)] == [True, False]
    assert not await tasks.end(first, first.succeeded("late", clock.now(), None))
    assert not await tasks.keep(first, clock.now())
    assert await tasks.end(second, second.succeeded("right", clock.now(), None))
    assert (await market.notices.task(task.id)).result == "right"


async def test_regular_jobs_take_turns(market: Market, working: Working) -> None:
    """Of three workers one runs each turn of a job, and the next turn is due when the job has rested."""
    runs = 0

    async def count(market: Market, task: Task, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        return "counted"

    async def has_ended() -> bool:
        row = await market.stores.tasks.get("hourly")
        return row is not None and row.result == "counted"

    hourly = Job("hourly", count, timedelta(hours=1))
    async with working(hourly), working(hourly), working(hourly):
        await until(has_ended)
    row = await market.stores.tasks.get("hourly")
    assert runs == 1
    assert row is not None and row.due_at is not None and row.state is TaskState.QUEUED
    assert row.due_at > clock.now() + timedelta(minutes=50)


async def test_a_regular_job_is_run_by_one_at_a_time(market: Market, working: Working) -> None:
    """A job that takes longer than its rest never runs twice at once, in however many workers."""
    under_way = most = runs = 0

    async def work(market: Market, task: Task, progress: Progress) -> str:
        nonlocal under_way, most, runs
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.7)
        under_way -= 1
        runs += 1
        return ""

    async def has_run_twice() -> bool:
        return runs >= 2

    often = Job("often", work, timedelta(milliseconds=1))
    async with working(often), working(often):
        await until(has_run_twice)
    assert most == 1


@pytest.mark.usefixtures("impatient")
async def test_a_regular_job_goes_on_after_failures(market: Market, working: Working) -> None:
    """A job that fails as often as a task may is still run at its next turn."""
    runs = 0

    async def stumble(market: Market, task: Task, progress: Progress) -> str:
        nonlocal runs
        runs += 1
        if runs <= MOST_ATTEMPTS:
            raise ConnectionError
        return "at last"

    async def is_well() -> bool:
        row = await market.stores.tasks.get("often")
        return row is not None and row.result == "at last" and row.error == ""

    async with working(Job("often", stumble, timedelta(milliseconds=1))):
        await until(is_well, 20)
