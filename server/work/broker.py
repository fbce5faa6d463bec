"""taskiq's Redis stream broker, for workers that may be killed at any moment.

The stock broker looks for what dead workers held only after new messages came, keeps what was acknowledged,
and may wait for ever on the lock of a worker that was killed. Here every turn also claims what has been
silent for `idle_timeout`, a worker keeps its own messages from falling silent, an acknowledged message is
deleted, and one that was begun too often is put aside.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage
from taskiq_redis import RedisStreamBroker

from server.ending import end

log = structlog.get_logger("broker")

MAX_DELIVERIES = 3
IDLE_MS = 15_000
"""A message that nobody has touched for so long is somebody else's to take."""

BLOCK_MS = 1000
Entry = tuple[bytes, dict[bytes, bytes]]
PAUSE_SECONDS = 0.5
"""After an error of Redis, which may be starting again."""


class StreamBroker(RedisStreamBroker):
    """At least once: a task may be begun again by another worker, so every task bears repeating."""

    def __init__(self, url: str, queue_name: str, idle_ms: int = IDLE_MS) -> None:
        super().__init__(
            url,
            queue_name=queue_name,
            consumer_group_name="workers",
            consumer_id="0",
            xread_block=BLOCK_MS,
            idle_timeout=idle_ms,
        )
        self._held: set[bytes] = set()

    def redis(self) -> Redis:
        """Give a client on the broker's connections."""
        return Redis(connection_pool=self.connection_pool)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Give messages for ever: new ones, and those whose worker has fallen silent."""
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                try:
                    entries = await self._read()
                except RedisError as lost:
                    await self._recover(lost)
                    continue
                _end_if_cancelled()
                for id, fields in entries:
                    self._held.add(id)
                    yield AckableMessage(data=fields[b"data"], ack=self._ack_generator(id, self.queue_name))
        finally:
            await end(beating)

    async def _read(self) -> list[Entry]:
        redis = self.redis()
        new = await redis.xreadgroup(
            self.consumer_group_name, self.consumer_name, {self.queue_name: ">"}, count=10, block=self.block
        )
        entries: list[Entry] = [entry for _, found in cast(Any, new) or [] for entry in found]
        claimed = await redis.xautoclaim(
            self.queue_name, self.consumer_group_name, self.consumer_name, self.idle_timeout, count=10
        )
        for id, fields in claimed[1]:
            if id in self._held or fields is None:
                continue
            if await self._deliveries(id) > MAX_DELIVERIES:
                await self._put_aside(id, fields)
            else:
                entries.append((id, fields))
        return entries

    async def _deliveries(self, id: bytes) -> int:
        found = await self.redis().xpending_range(self.queue_name, self.consumer_group_name, id, id, 1)
        return int(found[0]["times_delivered"]) if found else 0

    async def _put_aside(self, id: bytes, fields: dict[bytes, bytes]) -> None:
        """Keep a message that ends its workers where somebody can look at it."""
        log.error("a message ended its workers and is put aside", id=id.decode())
        await self.redis().xadd(f"{self.queue_name}:dead", {"data": fields[b"data"]}, maxlen=1000)
        await self._ack_generator(id, self.queue_name)()

    def _ack_generator(self, id: Any, queue_name: str) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            self._held.discard(id)
            with suppress(RedisError):  # it will be begun again, and bears it
                async with self.redis().pipeline(transaction=True) as pipe:
                    pipe.xack(queue_name, self.consumer_group_name, id)
                    pipe.xdel(queue_name, id)
                    await pipe.execute()

        return acknowledge

    async def _beat(self) -> None:
        """Keep what this worker holds from falling silent, without counting as a delivery."""
        while True:
            await asyncio.sleep(self.idle_timeout / 3000)
            if self._held:
                with suppress(RedisError):
                    await self.redis().xclaim(
                        self.queue_name,
                        self.consumer_group_name,
                        self.consumer_name,
                        0,
                        list(self._held),
                        justid=True,
                    )

    async def _recover(self, lost: RedisError) -> None:
        """Wait for Redis; one that was wiped has lost the group with the stream."""
        if isinstance(lost, ResponseError):
            with suppress(RedisError):
                await self._declare_consumer_group()
        await asyncio.sleep(PAUSE_SECONDS)


def _end_if_cancelled() -> None:
    """End a task that was told to: the client swallows a cancellation that meets it while it connects."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
