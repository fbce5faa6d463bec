"""The bus on a real Valkey: order, isolation, and what happens while Valkey is away."""

import asyncio

from redis.asyncio import Redis

from server.embedded import Endpoints
from server.realtime.bus import Bus
from tests.server.realtime.valkey import Valkey
from tests.waiting import until


class Heard:
    """What a bus brought on a channel."""

    def __init__(self, bus: Bus, channel: str) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        bus.subscribe(channel, self._queue.put_nowait)

    async def next(self) -> bytes:
        return await asyncio.wait_for(self._queue.get(), 5)

    async def until(self, payload: bytes) -> None:
        """Return once this has come; what was said before may come again after a restart."""
        while await self.next() != payload:
            pass


async def accepted(bus: Bus, payload: bytes) -> None:
    """Publish until the bus takes it."""
    await until(lambda: bus.publish("news", payload))


async def test_every_process_hears_in_order(services: Endpoints) -> None:
    """Two processes, the publisher included, hear a channel's messages in the order of publishing."""
    one, two = Bus(services.redis_url, "shared"), Bus(services.redis_url, "shared")
    ears = [Heard(one, "news"), Heard(two, "news")]
    await asyncio.gather(one.start(), two.start())
    payloads = [str(number).encode() for number in range(200)]
    for payload in payloads:
        assert await one.publish("news", payload)
    for ear in ears:
        assert [await ear.next() for _ in payloads] == payloads
    await asyncio.gather(one.stop(), two.stop())


async def test_deployments_on_one_redis_do_not_hear_each_other(services: Endpoints, bus: Bus) -> None:
    """A message of another namespace, or of another channel, is not heard."""
    other = Bus(services.redis_url, "other")
    await other.start()
    ear = Heard(bus, "news")
    assert await other.publish("news", b"theirs")
    assert await bus.publish("gossip", b"another channel")
    assert await bus.publish("news", b"ours")
    assert await ear.next() == b"ours"
    await other.stop()


async def test_a_handler_that_fails_silences_nobody(bus: Bus) -> None:
    """The other handlers hear the message, and everybody the next one."""

    def fail(payload: bytes) -> None:
        raise ValueError

    bus.subscribe("news", fail)
    ear = Heard(bus, "news")
    for payload in (b"first", b"second"):
        assert await bus.publish("news", payload)
        assert await ear.next() == payload


async def test_without_redis_it_starts_refuses_and_stops() -> None:
    """A Redis that is not there is no exception: starting ends, publishing says no."""
    bus = Bus("redis://127.0.0.1:1/0")
    await bus.start()
    assert not await bus.publish("news", b"")
    await bus.tell("news", b"")
    await bus.stop()


async def test_who_does_not_hear_does_not_publish(services: Endpoints) -> None:
    """A process that is not listening is refused although others would hear it: its own clients would not."""
    namespace = "half-deaf"
    listening, deaf = Bus(services.redis_url, namespace), Bus(services.redis_url, namespace)
    await listening.start()
    assert await listening.publish("news", b"")
    assert not await deaf.publish("news", b"")
    await listening.stop()
    await deaf.stop()


async def test_what_was_taken_is_heard_across_restarts(valkey: Valkey, fragile: Bus) -> None:
    """Killed and started again, Valkey loses no hint that `publish` took, and no caller sees an error."""
    ear = Heard(fragile, "news")
    for round in range(5):
        await accepted(fragile, b"before %d" % round)
        await ear.until(b"before %d" % round)
        await valkey.kill()
        assert not await fragile.publish("news", b"into the void")
        await valkey.start()
        await accepted(fragile, b"after %d" % round)
        await ear.until(b"after %d" % round)


async def test_a_redis_that_hangs_counts_as_away(valkey: Valkey, fragile: Bus) -> None:
    """A connection that lives and says nothing is given up; the bus is back when Valkey goes on."""
    ear = Heard(fragile, "news")
    await accepted(fragile, b"wake up")
    assert await ear.next() == b"wake up"
    valkey.hang()

    async def is_deaf() -> bool:
        return not fragile.hears

    await until(is_deaf)
    valkey.go_on()
    await accepted(fragile, b"good morning")
    assert await ear.next() == b"good morning"


async def test_who_was_away_goes_on_where_it_stopped(valkey: Valkey, fragile: Bus) -> None:
    """What others published while one process had no connection reaches it when it is back."""
    other = Bus(valkey.url)
    ear = Heard(fragile, "news")
    await other.start()
    await accepted(other, b"before")
    assert await ear.next() == b"before"
    async with Redis.from_url(valkey.url) as redis:
        for one in await redis.client_list():
            await redis.client_kill_filter(_id=one["id"], skipme=True)
    for number in range(100):
        await accepted(other, b"%d" % number)
    assert [await ear.next() for _ in range(100)] == [b"%d" % number for number in range(100)]
    await other.stop()


async def test_a_redis_that_forgot_is_told_again(valkey: Valkey, fragile: Bus) -> None:
    """What Valkey took and lost before another process had read it reaches that one."""
    other = Bus(valkey.url)
    ears = [Heard(fragile, "news"), Heard(other, "news")]
    await other.start()
    for number in range(5):
        await accepted(fragile, b"%d" % number)
    await valkey.kill()
    await valkey.start()
    for ear in ears:
        heard = set[bytes]()
        while len(heard) < 5:
            heard.add(await ear.next())
        assert heard == {b"0", b"1", b"2", b"3", b"4"}
    await other.stop()
