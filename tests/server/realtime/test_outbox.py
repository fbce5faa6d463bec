"""Events through the real database and Valkey: with the commit, in order, never without it, never lost."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from subprocess import PIPE
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from server import clock
from server.domain.events import Event, to_bytes
from server.embedded import Endpoints
from server.errors import Stale
from server.realtime import outbox as module
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.store.database import Database
from server.store.outbox import OutboxRow, OutboxRows
from tests.server.realtime.ear import Ear
from tests.server.realtime.valkey import Valkey
from tests.waiting import until


def event(number: int) -> Event:
    return Event("told", ("user:1",), {"number": number}, clock.now())


@pytest_asyncio.fixture
async def rows(database: Database) -> OutboxRows:
    await database.ensure_indexes([(OutboxRows.NAME, OutboxRows.INDEXES)])
    return OutboxRows(database)


@asynccontextmanager
async def announcing(database: Database, bus: Bus) -> AsyncIterator[tuple[Outbox, Ear]]:
    """A process's outbox at work, and somebody who listens there."""
    hub, ear = Hub(), Ear()
    hub.join(ear, "user:1")
    outbox = Outbox(database, OutboxRows(database), bus, hub, "market")
    await outbox.start()
    yield outbox, ear
    await outbox.stop()


async def write(database: Database, outbox: Outbox, number: int) -> None:
    """Write an event in a transaction of its own."""
    await database.together(lambda: outbox.add(event(number)))


async def announce(bus: Bus, told: Event) -> None:
    """Announce an event of somebody else."""
    assert await bus.announce("events:market", to_bytes(told), told.id, told.topics)


async def leave_behind(
    rows: OutboxRows, numbers: list[int], lease: timedelta, age: timedelta = timedelta(minutes=1)
) -> list[str]:
    """Write rows as a process leaves them that died after its commits; gives the events' ids."""
    began = clock.now() - age
    left = []
    for number in numbers:
        told, written_at = event(number), began + timedelta(seconds=number)
        await rows.insert(OutboxRow(told.id, written_at, clock.now() + lease, to_bytes(told)))
        left.append(told.id)
    return left


async def emptied(rows: OutboxRows) -> None:
    """Wait until every row has been announced and removed; fails the test when one stays."""

    async def are_gone() -> bool:
        return await rows.count({}) == 0

    await until(are_gone)


async def test_what_an_event_leads_to_is_heard_after_it(database: Database, bus: Bus) -> None:
    """A callback after the commit that writes further events is later than those of the commit itself."""
    async with announcing(database, bus) as (outbox, ear):

        async def follow() -> None:
            await write(database, outbox, 2)

        async def work() -> None:
            database.after_commit(follow)
            await outbox.add(event(1))

        await database.together(work)
        assert [(await ear.hear())["number"] for _ in range(2)] == [1, 2]


async def test_a_committed_event_is_announced_and_its_row_removed(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """What is committed one after the other is heard in that order, and no row stays."""
    async with announcing(database, bus) as (outbox, ear):
        for number in range(50):
            await write(database, outbox, number)
        assert [(await ear.hear())["number"] for _ in range(50)] == list(range(50))
        await emptied(rows)


async def test_an_event_of_an_aborted_transaction_is_never_announced(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """The work that fails leaves no row and rings nowhere: the next event is the first that is heard."""
    async with announcing(database, bus) as (outbox, ear):

        async def fail() -> None:
            await outbox.add(event(0))
            raise KeyError

        with pytest.raises(KeyError):
            await database.together(fail)
        assert await rows.count({}) == 0
        await write(database, outbox, 1)
        assert (await ear.hear())["number"] == 1


async def test_nothing_is_announced_before_it_is_durable(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """While the transaction is open, other events pass and its own does not."""
    async with announcing(database, bus) as (outbox, ear):

        async def work() -> None:
            await outbox.add(event(1))
            await announce(bus, event(0))
            assert (await ear.hear())["number"] == 0

        await database.together(work)
        assert (await ear.hear())["number"] == 1


async def test_an_event_outside_a_transaction_is_refused(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """A change and its event are one unit: an event alone leaves no row."""
    outbox = Outbox(database, rows, bus, Hub(), "market")
    with pytest.raises(RuntimeError):
        await outbox.add(event(0))
    assert await rows.count({}) == 0


async def test_a_transaction_that_starts_over_announces_once(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """Attempts that lost a race are not heard of."""
    numbers = iter((0, 1, 2))

    async with announcing(database, bus) as (outbox, ear):

        async def work() -> None:
            number = next(numbers)
            await outbox.add(event(number))
            if number < 2:
                raise Stale

        await database.together(work)
        await write(database, outbox, 3)
        assert [(await ear.hear())["number"] for _ in range(2)] == [2, 3]


async def test_rows_left_behind_are_announced_oldest_first(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """What a process committed and never announced is announced at the next start, before anything new."""
    numbers = list(range(30))
    random.Random(7).shuffle(numbers)
    await leave_behind(rows, numbers, lease=-timedelta(seconds=1))
    async with announcing(database, bus) as (outbox, ear):
        await write(database, outbox, 30)
        assert [(await ear.hear())["number"] for _ in range(31)] == list(range(31))
        await emptied(rows)


async def test_a_row_of_which_nobody_remembers_whether_it_was_announced(
    database: Database, rows: OutboxRows, bus: Bus
) -> None:
    """A day later it is not announced a second time: whoever hears of its topic fetches afresh instead."""
    left = await leave_behind(rows, [0, 1], lease=-timedelta(seconds=1), age=timedelta(days=2))
    for number, name in enumerate(left):
        await announce(bus, replace(event(number), id=name))
        await bus._redis.delete(bus._keys.seen(name))  # as time does
    (before,) = await bus.places("events:market", ["user:1"])
    async with announcing(database, bus) as (outbox, ear):
        await emptied(rows)
        await write(database, outbox, 2)
        told = [await ear.hear() for _ in range(3)]
    assert [one.get("type") for one in told] == ["resync", "resync", None]
    assert told[0] == told[1]
    assert (told[0]["seq"], told[2]["number"], told[2]["seq"]) == (0, 2, 1)
    assert told[0]["epoch"] == told[2]["epoch"] != before.epoch


async def test_an_event_has_one_number_on_a_topic(database: Database, rows: OutboxRows, bus: Bus) -> None:
    """Who named a topic twice does not make it two events there."""
    async with announcing(database, bus) as (outbox, ear):
        twice = replace(event(0), topics=("user:1", "user:1"))
        await database.together(lambda: outbox.add(twice))
        await write(database, outbox, 1)
        assert [(await ear.hear())["seq"] for _ in range(2)] == [1, 2]


async def test_a_row_whose_writer_lives_is_left_to_it(database: Database, rows: OutboxRows, bus: Bus) -> None:
    """While a lease lasts, nobody else announces the row."""
    (mine,) = await leave_behind(rows, [0], lease=timedelta(minutes=1))
    async with announcing(database, bus) as (outbox, ear):
        assert await outbox.sweep()
        await write(database, outbox, 1)
        assert (await ear.hear())["number"] == 1
    assert await rows.get(mine) is not None


async def test_two_processes_that_sweep_announce_each_row_once(
    database: Database, rows: OutboxRows, services: Endpoints
) -> None:
    """Every row is announced by one of two concurrent sweepers, never by both."""
    left = await leave_behind(rows, list(range(40)), lease=-timedelta(seconds=1))
    namespace, heard = uuid4().hex, Ear()
    hub = Hub()
    hub.join(heard, "user:1")
    one, two = Bus(services.redis_url, namespace), Bus(services.redis_url, namespace)
    await asyncio.gather(one.start(), two.start())
    outboxes = [Outbox(database, rows, one, hub, "market"), Outbox(database, rows, two, Hub(), "market")]
    while await rows.count({}):
        await asyncio.gather(*(outbox.sweep() for outbox in outboxes))
    await announce(one, event(99))
    ids = [(await heard.hear())["id"] for _ in range(41)]
    assert sorted(ids[:40]) == sorted(left)
    await asyncio.gather(one.stop(), two.stop())


@pytest.mark.parametrize("lease_ms", [5000, 1])
async def test_an_outage_of_redis_delays_and_loses_nothing(
    database: Database,
    rows: OutboxRows,
    valkey: Valkey,
    fragile: Bus,
    lease_ms: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Commits succeed while Valkey is down; their events follow in order, whether or not leases ran out.

    What was announced just before is heard, or covered by the resync that follows.
    """
    monkeypatch.setattr(module, "LEASE", timedelta(milliseconds=lease_ms))
    monkeypatch.setattr(module, "MARGIN", timedelta(milliseconds=lease_ms / 5))
    async with announcing(database, fragile) as (outbox, ear):
        for number in range(30):
            if number == 10:
                await valkey.kill()
            if number == 20:
                await valkey.start()
            await write(database, outbox, number)
        heard, numbers = [], list[int]()
        while numbers[-1:] != [29]:
            heard.append(await ear.hear())
            numbers += [told["number"] for told in heard[-1:] if "number" in told]
        assert numbers == sorted(set(numbers))
        assert set(numbers) >= set(range(10, 30))
        assert any(told.get("type") == "resync" for told in heard)
        await emptied(rows)


async def test_stopping_announces_what_is_committed(database: Database, rows: OutboxRows, bus: Bus) -> None:
    """After `stop` no event waits for the next start."""
    async with announcing(database, bus) as (outbox, ear):
        await asyncio.gather(*(write(database, outbox, number) for number in range(10)))
    assert await rows.count({}) == 0
    assert {(await ear.hear())["number"] for _ in range(10)} == set(range(10))


async def killed_when(moment: str, services: Endpoints, namespace: str, database: Database) -> str:
    """Have a process commit an event and kill it at a moment (`crashing.py`); gives the event's id."""
    where = (services.mongodb_uri, services.redis_url, namespace, database.name)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.realtime.crashing", moment, *where, stdout=PIPE
    )
    assert child.stdout is not None
    said = (await asyncio.wait_for(child.stdout.readline(), 30)).decode().strip()
    child.kill()
    await child.wait()
    return said


async def test_a_process_killed_after_its_commit_is_heard(
    database: Database, rows: OutboxRows, services: Endpoints, bus: Bus
) -> None:
    """`kill -9` between commit and announcement: another process announces the event."""
    committed = await killed_when("committed", services, uuid4().hex, database)
    assert await rows.get(committed) is not None
    async with announcing(database, bus) as (_, ear):
        told = await ear.hear()
        assert (told["id"], told["number"]) == (committed, 7)
        await emptied(rows)


async def test_a_process_killed_after_its_announcement_is_heard_once(
    database: Database, rows: OutboxRows, services: Endpoints
) -> None:
    """`kill -9` between announcement and removal: the row is swept, and the event has one number."""
    namespace = uuid4().hex
    bus = Bus(services.redis_url, namespace)
    await bus.start()
    hub, ear = Hub(), Ear()
    hub.join(ear, "user:1")
    outbox = Outbox(database, rows, bus, hub, "market")
    announced = await killed_when("announced", services, namespace, database)
    assert (await ear.hear())["id"] == announced
    assert await rows.get(announced) is not None
    await outbox.start()
    await emptied(rows)
    await write(database, outbox, 8)
    told = await ear.hear()
    assert (told["number"], told["seq"]) == (8, 2)
    await outbox.stop()
    await bus.stop()


async def test_a_database_that_fails_once_does_not_end_the_announcing(
    database: Database, rows: OutboxRows, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an error the task goes on; the event is announced all the same."""
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    failures = iter([True])
    left_behind: Callable[..., Awaitable[Any]] = OutboxRows.left_behind

    async def fail_once(self: OutboxRows, *arguments: Any) -> Any:
        if next(failures, False):
            raise OSError
        return await left_behind(self, *arguments)

    monkeypatch.setattr(OutboxRows, "left_behind", fail_once)
    async with announcing(database, bus) as (outbox, ear):
        await write(database, outbox, 1)
        assert (await ear.hear())["number"] == 1
