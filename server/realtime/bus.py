"""Messages between processes, over Redis publish/subscribe. Nothing is kept here: what must not be lost waits
in the outbox until `publish` has succeeded."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, RedisError

from server import metrics

log = structlog.get_logger("bus")

Handler = Callable[[bytes], None]

PREFIX = "doorstep:"
ANSWER_SECONDS = 2.0
"""How long Redis may take to answer before it counts as away."""
PROBE_SECONDS = 10.0
"""After this much silence the listener asks whether Redis is still there."""
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 0.05, 5.0


class Bus:
    """One connection to publish, one to listen, which comes back by itself."""

    def __init__(self, redis_url: str, namespace: str = "") -> None:
        """namespace : keeps deployments that share a Redis apart."""
        self._redis = Redis.from_url(
            redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._prefix = f"{PREFIX}{namespace}:" if namespace else PREFIX
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._listening: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()

    @property
    def hears(self) -> bool:
        """Whether this process is listening; while it is not, nothing can be published."""
        return self._hears.is_set()

    def subscribe(self, channel: str, handler: Handler) -> None:
        """Have `handler` called with every message of a channel; this process's own included."""
        self._handlers[channel].append(handler)

    async def publish(self, channel: str, payload: bytes) -> bool:
        """Send to every process; false when Redis is away, or when this process would not hear it itself.

        A Redis that has just come back takes messages before anybody listens again: they would be gone.
        """
        if not self.hears:
            return False
        try:
            return int(await self._redis.publish(self._prefix + channel, payload)) > 0
        except (RedisError, OSError):
            return False

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
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self._redis.aclose()

    async def wait_until_hearing(self, timeout_seconds: float) -> None:
        """Return once this process hears the bus; raises TimeoutError."""
        await asyncio.wait_for(self._hears.wait(), timeout_seconds)

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
        """Hand over what arrives until the connection fails; raises ConnectionError on silence."""
        async with self._redis.pubsub() as listener:
            await listener.psubscribe(f"{self._prefix}*")
            while True:
                message = await self._next(listener)
                if message["type"] == "psubscribe":
                    self._hears.set()
                elif message["type"] == "pmessage":
                    self._hand_over(message["channel"].decode().removeprefix(self._prefix), message["data"])

    async def _next(self, listener: PubSub) -> dict[str, Any]:
        message: dict[str, Any] | None = await listener.get_message(timeout=PROBE_SECONDS)
        if message is None:
            # A connection that died without a word stays silent for ever: ask.
            await listener.ping()
            message = await listener.get_message(timeout=ANSWER_SECONDS)
        if message is None:
            raise ConnectionError("Redis does not answer")
        return message

    def _hand_over(self, channel: str, payload: bytes) -> None:
        for handler in self._handlers.get(channel, ()):
            try:
                handler(payload)
            except Exception:
                # One broken message must not silence the rest.
                log.exception("a bus message was not understood", channel=channel)
