"""Messages between processes, over one Redis stream. The outbox keeps an event until it is taken.

Messages are numbered, and every process reads on from where it stopped. One that finds a number missing
(it was away for longer than the stream is long, Redis was wiped or started again) alarms those who hand
events on: their clients must fetch afresh. Hints, which nobody counts, are said again to a Redis that forgot.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server import metrics
from server.ending import end
from server.realtime.history import Missed, missed_since
from server.realtime.numbering import (
    ANNOUNCE,
    KEPT_EVENTS,
    KEPT_SECONDS,
    MISSED,
    NUMBERED_SECONDS,
    PLACES,
    Keys,
    Mark,
)

log = structlog.get_logger("bus")

Handler = Callable[[bytes], None]
Follower = Callable[[bytes, Sequence[Mark]], None]
"""(payload, the event's marks on its topics)."""
Alarm = Callable[[], Awaitable[None]]
"""Hears that events may have been missed; raises RedisError or OSError to hear so again."""

ANSWER_SECONDS = 2.0
"""How long Redis may take to answer before it counts as away."""
BLOCK_MS = 1000
"""How long a read waits for something to come; shorter than the above."""
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.05, 5.0
KEPT = 10_000
"""Messages that wait in the stream for a process whose connection is away."""
BATCH = 500
RECENT_SECONDS = 10.0
"""A hint that is older has been heard by everybody who is connected."""


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
        self._keys = Keys(namespace)
        self._announce, self._missed, self._places = map(
            self._redis.register_script, (ANNOUNCE, MISSED, PLACES)
        )
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._followers: dict[str, tuple[Follower, Alarm]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self._last: Mark | None = None
        self._recent: deque[tuple[float, str, bytes]] = deque(maxlen=KEPT)

    @property
    def hears(self) -> bool:
        """Whether this process is listening; while it is not, nothing can be published."""
        return self._hears.is_set()

    def subscribe(self, channel: str, handler: Handler) -> None:
        """Have `handler` called with every message of a channel; this process's own included."""
        self._handlers[channel].append(handler)

    def follow(self, channel: str, follower: Follower, alarm: Alarm) -> None:
        """Have `follower` called with every announcement of a channel, `alarm` when some were missed."""
        self._followers[channel] = follower, alarm

    async def announce(
        self, channel: str, payload: bytes, name: str, topics: Sequence[str], is_late: bool = False
    ) -> bool:
        """Number an event on its topics, keep it, and send it to every process; false when Redis is away.

        name    : what is announced twice within KEPT_SECONDS under one name is announced once
        is_late : it may have been announced before that; instead its topics begin anew, and its marks are 0
        """
        keys = [self._keys.seen(name), *self._keys.topics(channel, topics)]
        return self.hears and await self._say(channel, payload, keys, is_late)

    async def missed(self, channel: str, topic: str, since: Mark) -> Missed | None:
        """Give what came on a topic after a mark; None when Redis is away."""
        values: list[str | int] = [NUMBERED_SECONDS, since.epoch, since.seq + 1]
        try:
            epoch, seq, *entries = await self._missed(keys=self._keys.topic(channel, topic), args=values)
        except (RedisError, OSError):
            return None
        return missed_since(since, Mark(epoch.decode(), seq), entries[0] if entries else ())

    async def places(self, channel: str, topics: Sequence[str]) -> list[Mark]:
        """Give the mark of each topic's last event; raises RedisError or OSError when Redis is away."""
        return await self._find(self._keys.topics(channel, topics))

    async def publish(self, channel: str, payload: bytes) -> bool:
        """Send a hint to every process, sometimes twice; false when Redis is away."""
        if not (self.hears and await self._say(channel, payload)):
            return False
        if channel in self._followers:
            return True  # an event that nobody counts is worth nothing later
        now = asyncio.get_running_loop().time()
        self._recent.append((now, channel, payload))
        while self._recent[0][0] < now - RECENT_SECONDS:
            self._recent.popleft()
        return True

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
        await end(self._listening)
        await self._redis.aclose()

    async def wait_until_hearing(self, timeout_seconds: float) -> None:
        """Return once this process hears the bus; raises TimeoutError."""
        await asyncio.wait_for(self._hears.wait(), timeout_seconds)

    async def _say(
        self, channel: str, payload: bytes, keys: Sequence[str] = (), is_late: bool = False
    ) -> bool:
        """Put a message on the bus, an event's also on its topics, whose keys these are."""
        values: list[str | bytes | int] = [NUMBERED_SECONDS, channel, payload]
        values += [KEPT_SECONDS, KEPT_EVENTS, KEPT, int(is_late)]
        try:
            await self._announce(keys=[*self._keys.bus, *keys], args=values)
        except (RedisError, OSError):
            return False
        return True

    async def _find(self, lines: Sequence[str]) -> list[Mark]:
        """Give the last mark of each line."""
        return list(map(Mark.read, await self._places(keys=lines, args=[NUMBERED_SECONDS])))

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
            except Exception:
                log.exception("the bus stumbled")
            finally:
                self._hears.clear()
            # Jitter, so that a fleet does not come back in one instant.
            await asyncio.sleep(random.uniform(0.5, 1) * pause_seconds)
            pause_seconds = min(pause_seconds * 2, LAST_RETRY_SECONDS)

    async def _receive(self) -> None:
        """Hand over what arrives until the connection fails."""
        (end,) = await self._find(self._keys.bus)
        last = self._last or await self._begin(end)
        self._hears.set()
        _, stream = self._keys.bus
        while True:
            read: Any = await self._redis.xread({stream: str(last)}, count=BATCH, block=BLOCK_MS)
            if not read:
                # What the stream held by `end` has come, or will not come any more.
                if last.epoch != end.epoch or last.seq < end.seq:
                    last = await self._skip(last, end)
                (end,) = await self._find(self._keys.bus)
            for _, entries in read:
                for entry, message in entries:
                    mark = Mark.read(entry)
                    if mark != last.next:
                        await self._skip(last, mark)
                    self._last = last = mark
                    self._hear(message)

    async def _begin(self, mark: Mark) -> Mark:
        """Hear what comes after a mark. Clients may have come before, while Redis was away."""
        await self._alarm()
        self._last = mark
        return mark

    async def _skip(self, last: Mark, mark: Mark) -> Mark:
        """Go on from a mark that does not follow the last one."""
        metrics.BUS_GAPS.inc()
        log.warning("the bus lost messages", after=str(last), before=str(mark))
        if last.epoch != mark.epoch:
            for _, channel, payload in tuple(self._recent):
                await self._say(channel, payload)
        return await self._begin(mark)

    async def _alarm(self) -> None:
        for _, alarm in self._followers.values():
            await alarm()

    def _hear(self, message: dict[bytes, bytes]) -> None:
        """Hand a message over."""
        channel = message[b"channel"].decode()
        if message[b"marks"]:
            self._follow(channel, message)
            return
        for handler in self._handlers.get(channel, ()):
            try:
                handler(message[b"payload"])
            except Exception:
                # One broken message must not silence the rest.
                log.exception("a bus message was not understood", channel=channel)

    def _follow(self, channel: str, message: dict[bytes, bytes]) -> None:
        if channel not in self._followers:
            return
        follower, _ = self._followers[channel]
        try:
            follower(message[b"payload"], [Mark.read(mark) for mark in message[b"marks"].split()])
        except Exception:
            log.exception("an announcement was not understood", channel=channel)
