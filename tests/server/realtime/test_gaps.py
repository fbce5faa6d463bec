"""What a process missed on the bus is noticed, and its clients are told to fetch afresh."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from server import clock
from server.domain.events import Event, to_bytes
from server.realtime import bus as module
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.numbering import Mark
from server.realtime.outbox import Outbox
from server.store.database import Database
from server.store.outbox import OutboxRows
from tests.server.realtime.cable import Cable
from tests.server.realtime.ear import Ear
from tests.server.realtime.valkey import Valkey
from tests.waiting import until

CHANNEL, TOPIC = "events:market", "user:1"
NOWHERE = Mark("", 0)


class Process:
    """A process with somebody who listens, and somebody who waits for what never comes."""

    def __init__(self, redis_url: str, database: Database) -> None:
        self.bus, self.hub = Bus(redis_url), Hub()
        self.outbox = Outbox(database, OutboxRows(database), self.bus, self.hub, "market")
        self.ear, self.silent = Ear(), Ear()
        self.hub.join(self.ear, TOPIC)
        self.hub.join(self.silent, "user:2")


@pytest_asyncio.fixture
async def cable(valkey: Valkey) -> AsyncIterator[Cable]:
    laid = Cable(valkey.port)
    await laid.start()
    yield laid
    laid.stop()


@pytest_asyncio.fixture
async def process(cable: Cable, database: Database) -> AsyncIterator[Process]:
    """A process at the end of a cable."""
    opened = Process(cable.url, database)
    await opened.bus.start()
    assert [await ear.hear() for ear in (opened.ear, opened.silent)]
    yield opened
    await opened.bus.stop()


async def announce(bus: Bus, number: int) -> None:
    """Announce an event, however often it takes."""
    event = Event("told", (TOPIC,), {"number": number}, clock.now())
    await until(lambda: bus.announce(CHANNEL, to_bytes(event), event.id, event.topics))


async def place(bus: Bus) -> Mark:
    (mark,) = await bus.places(CHANNEL, [TOPIC])
    return mark


def resync(mark: Mark) -> dict[str, Any]:
    return {"type": "resync", "seq": mark.seq, "epoch": mark.epoch}


async def is_deaf(process: Process) -> bool:
    return not process.bus.hears


async def test_who_was_away_for_longer_than_the_stream_is_told(
    valkey: Valkey, fragile: Bus, cable: Cable, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream was cut off beyond a process' place: every client gets where its topic is by now."""
    monkeypatch.setattr(module, "KEPT", 100)
    await announce(fragile, 0)
    assert (await process.ear.hear())["number"] == 0
    cable.cut()
    await until(lambda: is_deaf(process))
    for number in range(1, 500):
        await announce(fragile, number)
    cable.mend()
    assert await process.ear.hear() == resync(await place(fragile))
    assert (await process.silent.hear())["type"] == "resync"
    await announce(fragile, 500)
    while (await process.ear.hear())["number"] != 500:
        pass


async def test_who_was_away_for_less_hears_everything(fragile: Bus, cable: Cable, process: Process) -> None:
    """What the stream still holds is heard in order, and nobody has to fetch anything."""
    cable.cut()
    await until(lambda: is_deaf(process))
    for number in range(500):
        await announce(fragile, number)
    cable.mend()
    assert [(await process.ear.hear())["number"] for _ in range(500)] == list(range(500))
    assert len(process.silent.frames) == 1


async def test_a_reader_that_is_held_up_is_told(
    fragile: Bus, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is too slow for the bus, and never lost its connection, misses nothing unnoticed."""
    monkeypatch.setattr(module, "KEPT", 100)
    gate, read = asyncio.Event(), process.bus._redis.xread

    async def slowly(*arguments: Any, **options: Any) -> Any:
        await gate.wait()
        return await read(*arguments, **options)

    monkeypatch.setattr(process.bus._redis, "xread", slowly)
    await announce(fragile, 0)
    assert (await process.ear.hear())["number"] == 0
    for number in range(1, 500):
        await announce(fragile, number)
    gate.set()
    assert await process.ear.hear() == resync(await place(fragile))


@pytest.mark.parametrize("is_quiet", [True, False])
async def test_a_redis_that_is_wiped_is_noticed(
    valkey: Valkey, fragile: Bus, process: Process, is_quiet: bool
) -> None:
    """Whether or not anything is announced afterwards: what was wiped may not have been heard."""
    await announce(fragile, 0)
    assert (await process.ear.hear())["number"] == 0
    before = await place(fragile)
    await valkey.wipe()
    if not is_quiet:
        await announce(fragile, 1)
    told = await process.ear.hear()
    assert told == resync(await place(fragile))
    assert told["epoch"] != before.epoch
    assert (await process.silent.hear())["type"] == "resync"


async def test_what_is_worth_nothing_later_is_not_said_again(valkey: Valkey, process: Process) -> None:
    """An event that is not numbered does not come back with the hints that a wiped Redis is told again."""
    await process.outbox.tell(Event("told", (TOPIC,), {"number": 0}, clock.now()))
    assert (await process.ear.hear())["number"] == 0
    await valkey.wipe()
    assert (await process.ear.hear())["type"] == "resync"
    await announce(process.bus, 1)
    assert (await process.ear.hear())["number"] == 1


async def test_a_redis_with_an_older_snapshot_gives_no_number_twice(
    valkey: Valkey, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Announced by a process that has not noticed the restart, events have numbers of a new epoch."""
    bus = process.bus
    for number in range(3):
        await announce(bus, number)
    await valkey.save()
    for number in range(3, 5):
        await announce(bus, number)
    known = await place(bus)
    never = asyncio.Event()
    monkeypatch.setattr(bus._redis, "xread", lambda *arguments, **options: never.wait())
    await announce(bus, 5)  # the last that it reads
    while (await process.ear.hear())["number"] != 5:
        pass
    await valkey.kill()
    await valkey.start()
    for number in range(6, 10):
        await announce(bus, number)
    missed = await bus.missed(CHANNEL, TOPIC, known)
    assert missed is not None
    assert not missed.is_whole
    assert missed.last == Mark(missed.last.epoch, 4)
    assert missed.last.epoch != known.epoch


async def test_a_topic_that_begins_anew_has_no_past(fragile: Bus) -> None:
    """When a count is gone, whoever has a number of it is told, also once as many were given again."""
    for number in range(2):
        await announce(fragile, number)
    known = await place(fragile)
    count, _ = fragile._keys.topic(CHANNEL, TOPIC)
    await fragile._redis.delete(count)
    for number in range(3):
        await announce(fragile, number)
    missed = await fragile.missed(CHANNEL, TOPIC, known)
    assert missed is not None
    assert not missed.is_whole
    assert missed.last.seq == 3


async def test_who_came_before_redis_is_told(valkey: Valkey, database: Database) -> None:
    """A process that starts while Redis is away has clients that may have missed what others announced."""
    await valkey.kill()
    process = Process(valkey.url, database)
    await process.bus.start()
    await valkey.start()
    assert (await process.ear.hear())["type"] == "resync"
    await process.bus.stop()
