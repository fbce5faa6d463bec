"""Messages between processes, over one Redis stream. The outbox keeps an event until it is taken.

Every process reads the stream from where it stopped, so that one whose connection was away for a while misses
nothing. A Redis that lost its memory is told again what was published lately; who had heard it drops it.
"""

import asyncio
import random
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server import metrics
from server.realtime.history import (
    ANNOUNCE,
    KEPT_EVENTS,
    KEPT_SECONDS,
    NUMBERED_SECONDS,
    Keys,
    Mark,
    Missed,
    missed_since,
)

log = structlog.get_logger("bus")

Handler = Callable[[bytes], None]
Follower = Callable[[bytes, str, Sequence[int]], None]
"""(payload, epoch, the numbers of the event's topics)."""

PREFIX = "doorstep:"
ANSWER_SECONDS = 2.0
"""How long Redis may take to answer before it counts as away."""
BLOCK_SECONDS = 1.0
"""How long a read waits for something to come; shorter than the above."""
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.05, 5.0
KEPT = 10_000
"""Messages that wait in the stream for a process whose connection is away."""
BATCH = 500
STOP_AGAIN_SECONDS = 0.5
RECENT_SECONDS = 10.0
"""What was published before that has been heard by everybody who is connected."""


class Bus:
    """Connections to publish and to listen, which come back by themselves."""

    def __init__(self, redis_url: str, namespace: str = "") -> None:
        """namespace : keeps deployments that share a Redis apart."""
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),  # whoever asks has a way of their own to try again
        )
        self._stream = f"{PREFIX}{namespace}:bus" if namespace else f"{PREFIX}bus"
        self._keys = Keys(self._stream.removesuffix(":bus"))
        self._announce = self._redis.register_script(ANNOUNCE)
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._followers: dict[str, Follower] = {}
        self._listening: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self._last = b""
        self._run = ""
        self._recent: deque[tuple[float, dict[bytes, bytes]]] = deque(maxlen=KEPT)
        self._heard: OrderedDict[bytes, None] = OrderedDict()

    @property
    def hears(self) -> bool:
        """Whether this process is listening; while it is not, nothing can be published."""
        return self._hears.is_set()

    def subscribe(self, channel: str, handler: Handler) -> None:
        """Have `handler` called with every message of a channel; this process's own included."""
        self._handlers[channel].append(handler)

    def follow(self, channel: str, follower: Follower) -> None:
        """Have `follower` called with every announcement of a channel, and its numbers."""
        self._followers[channel] = follower

    async def announce(self, channel: str, payload: bytes, name: str, topics: Sequence[str]) -> bool:
        """Number an event on its topics, keep it, and send it to every process; false when Redis is away.

        name : what is announced twice under one name is announced once
        """
        if not self.hears:
            return False
        keys = [self._stream, self._keys.seen(name), self._keys.epoch(self._run)]
        for topic in topics:
            keys += [self._keys.counter(channel, topic), self._keys.history(channel, topic)]
        values: list[str | bytes | int] = [name, channel, payload, uuid4().hex[:12]]
        values += [KEPT_SECONDS, KEPT_EVENTS, NUMBERED_SECONDS, KEPT]
        try:
            await self._announce(keys=keys, args=values)
        except (RedisError, OSError):
            return False
        return True

    async def missed(self, channel: str, topic: str, since: Mark | None) -> Missed | None:
        """Give what came on a topic after a mark; None when Redis is away."""
        epoch, first = self._keys.epoch(self._run), since.seq + 1 if since else 1
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(epoch, uuid4().hex[:12], nx=True)
                pipe.get(epoch)
                pipe.get(self._keys.counter(channel, topic))
                pipe.xrange(self._keys.history(channel, topic), f"{first}-0", "+")
                _, named, count, entries = await pipe.execute()
        except (RedisError, OSError):
            return None
        return missed_since(since, named.decode(), int(count or 0), entries)

    async def publish(self, channel: str, payload: bytes, name: str = "") -> bool:
        """Send to every process; false when Redis is away.

        name : what is published twice under one name is heard once; unset: each time
        """
        return self.hears and await self._add(name or uuid4().hex, channel, payload)

    async def tell(self, channel: str, payload: bytes) -> None:
        """Send a hint whose loss heals by itself."""
        if not await self.publish(channel, payload):
            log.warning("redis is away, other processes were not told", channel=channel)

    async def facts(self) -> dict[str, object] | None:
        """Give what Redis says about itself, with its number of keys; None when it is away."""
        try:
            info: dict[str, object] = await self._redis.info()
            return {**info, "keys": await self._redis.dbsize()}
        except (RedisError, OSError):
            return None

    async def start(self) -> None:
        """Begin to listen; returns when Redis has confirmed, or after a while when it is away."""
        self._listening = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            await self.wait_until_hearing(ANSWER_SECONDS)

    async def stop(self) -> None:
        """Listen no more and close the connections."""
        while self._listening is not None and not self._listening.done():
            # Said once, it may be lost: an answer that comes at the same moment is taken for it.
            self._listening.cancel()
            await asyncio.wait({self._listening}, timeout=STOP_AGAIN_SECONDS)
        await self._redis.aclose()

    async def wait_until_hearing(self, timeout_seconds: float) -> None:
        """Return once this process hears the bus; raises TimeoutError."""
        await asyncio.wait_for(self._hears.wait(), timeout_seconds)

    async def _add(self, name: str, channel: str, payload: bytes) -> bool:
        return await self._append({b"name": name.encode(), b"channel": channel.encode(), b"payload": payload})

    async def _append(self, message: Any) -> bool:
        try:
            await self._redis.xadd(self._stream, message, maxlen=KEPT, approximate=True)
        except (RedisError, OSError):
            return False
        self._remember(message)
        return True

    def _remember(self, message: dict[bytes, bytes]) -> None:
        now = asyncio.get_running_loop().time()
        self._recent.append((now, message))
        while self._recent[0][0] < now - RECENT_SECONDS:
            self._recent.popleft()

    async def _listen(self) -> None:
        pause_seconds = FIRST_RETRY_SECONDS
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as away:
                if self.hears:
                    metrics.BUS_LOST.inc()
                    log.warning("bus lost its connection", reason=type(away).__name__)
                    pause_seconds = FIRST_RETRY_SECONDS
            finally:
                self._hears.clear()
            # Jitter, so that a fleet does not come back in one instant.
            await asyncio.sleep(random.uniform(0.5, 1) * pause_seconds)
            pause_seconds = min(pause_seconds * 2, LAST_RETRY_SECONDS)

    async def _receive(self) -> None:
        """Hand over what arrives until the connection fails."""
        await self._find_place()
        self._hears.set()
        while True:
            read: Any = await self._redis.xread(
                {self._stream: self._last}, count=BATCH, block=int(1000 * BLOCK_SECONDS)
            )
            for _, entries in read:
                for self._last, message in entries:
                    self._hear(message)

    async def _find_place(self) -> None:
        """Go on where we stopped, at first at the stream's end; tell a restarted Redis what was recent."""
        run = str((await self._redis.info("server"))["run_id"])
        newest: Any = await self._redis.xrevrange(self._stream, count=1)
        end = newest[0][0] if newest else b"0-0"
        if not self._last:
            self._last = end
        elif _moment(end) < _moment(self._last):
            self._last = b"0-0"  # the stream that we had read is gone
        if self._run and run != self._run:
            recent, self._recent = self._recent, deque(maxlen=KEPT)
            for _, message in recent:
                await self._append(message)
        self._run = run

    def _hear(self, message: dict[bytes, bytes]) -> None:
        """Hand a message over, unless it has been heard."""
        name = message[b"name"]
        if name in self._heard:
            return
        self._heard[name] = None
        if len(self._heard) > KEPT:
            self._heard.popitem(last=False)
        channel = message[b"channel"].decode()
        if b"numbers" in message:
            self._remember(message)  # whoever heard it can tell a Redis that starts anew
            self._follow(channel, message)
            return
        for handler in self._handlers.get(channel, ()):
            try:
                handler(message[b"payload"])
            except Exception:
                # One broken message must not silence the rest.
                log.exception("a bus message was not understood", channel=channel)

    def _follow(self, channel: str, message: dict[bytes, bytes]) -> None:
        follower = self._followers.get(channel)
        if follower is None:
            return
        try:
            numbers = [int(number) for number in message[b"numbers"].split(b",")]
            follower(message[b"payload"], message[b"epoch"].decode(), numbers)
        except Exception:
            log.exception("an announcement was not understood", channel=channel)


def _moment(entry: bytes) -> tuple[int, int]:
    """Give an entry's id, as `1700000000000-0`, for comparison."""
    milliseconds, _, number = entry.partition(b"-")
    return int(milliseconds), int(number)
