"""Messages between processes, over Redis publish/subscribe. Nothing is kept here: what must not be lost waits
in the outbox until `publish` has succeeded."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger("bus")

Handler = Callable[[bytes], None]

RETRY_SECONDS = 0.5
PREFIX = "doorstep:"


class Bus:
    """One connection to publish, one to listen, which comes back by itself."""

    def __init__(self, redis_url: str, namespace: str = "") -> None:
        """namespace : keeps deployments that share a Redis apart."""
        self._redis = Redis.from_url(redis_url, health_check_interval=15, socket_connect_timeout=5)
        self._prefix = f"{PREFIX}{namespace}:" if namespace else PREFIX
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def subscribe(self, channel: str, handler: Handler) -> None:
        """Have `handler` called with every message of a channel; this process's own included."""
        self._handlers[channel].append(handler)

    async def publish(self, channel: str, payload: bytes) -> bool:
        """Send to every process; false when Redis is away."""
        try:
            await self._redis.publish(self._prefix + channel, payload)
        except (RedisError, OSError):
            return False
        return True

    async def tell(self, channel: str, payload: bytes) -> None:
        """Send a hint whose loss heals by itself."""
        if not await self.publish(channel, payload):
            log.warning("redis is away, other processes were not told", channel=channel)

    async def start(self) -> None:
        """Begin to listen; returns when Redis has confirmed, or at once when it is away."""
        self._listening = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), 5)

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self._redis.aclose()

    async def _listen(self) -> None:
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as away:
                log.warning("bus lost its connection", reason=type(away).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _receive(self) -> None:
        async with self._redis.pubsub() as listener:
            await listener.psubscribe(f"{self._prefix}*")
            async for message in listener.listen():
                if message["type"] == "psubscribe":
                    self._ready.set()
                elif message["type"] == "pmessage":
                    self._hand_over(message["channel"].decode().removeprefix(self._prefix), message["data"])

    def _hand_over(self, channel: str, payload: bytes) -> None:
        for handler in self._handlers.get(channel, ()):
            try:
                handler(payload)
            except Exception:
                # One broken message must not silence the rest.
                log.exception("a bus message was not understood", channel=channel)
