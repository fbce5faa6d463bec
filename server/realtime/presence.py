"""Who is connected, in any process: a lease a connection in Redis, renewed while its process lives.

A user is online while one of their leases holds. Whoever takes the last one away announces that they have
left; leases of a process that was killed run out, and the next sweep of any process announces it, once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger("presence")

LEASE_SECONDS = 20.0
"""Renewed and swept every third of it: who was killed is announced within 27 s."""
ANSWER_SECONDS = 2.0

Announce = Callable[[int, bool], Awaitable[None]]
"""(user, is online): tells those who should know."""


class Presence:
    """One marketplace's presence as this process sees and feeds it."""

    def __init__(
        self, redis_url: str, namespace: str, announce: Announce, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        """namespace : keeps deployments and marketplaces that share a Redis apart."""
        self._redis = Redis.from_url(
            redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._prefix, self._announce, self._lease = f"presence:{namespace}", announce, lease_seconds
        self._mine: dict[str, int] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._changing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to renew leases and to look for those that ran out."""
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let this process's users go, and stop."""
        for connection, user_id in list(self._mine.items()):
            await self.leave(connection, user_id)
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        await asyncio.gather(*self._changing, return_exceptions=True)
        await self._redis.aclose()

    async def join(self, user_id: int) -> str:
        """Note a new connection of a user and give its name, for `leave`."""
        connection = uuid4().hex
        self._mine[connection] = user_id
        await self._finish(self._come(connection, user_id))
        return connection

    async def leave(self, connection: str, user_id: int) -> None:
        """Note that a connection is gone; without effect the second time."""
        if self._mine.pop(connection, None) is None:
            return
        await self._finish(self._go(connection, user_id))

    async def online(self, user_id: int) -> bool:
        """Say whether a user is connected somewhere; nobody is while Redis is away."""
        try:
            return bool(await self._redis.zcount(self._leases(user_id), time.time(), "+inf"))
        except (RedisError, OSError):
            return False

    async def sweep(self) -> None:
        """Announce those whose every lease has run out."""
        silent = await self._redis.zrangebyscore(f"{self._prefix}:users", "-inf", time.time())
        for user_id in silent:
            await self._let_go(int(cast(bytes, user_id)))

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry a change through, also when whoever asked for it is gone: a lease is written or it is not."""
        task = asyncio.create_task(work)
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)
        await asyncio.shield(task)

    async def _come(self, connection: str, user_id: int) -> None:
        with suppress(RedisError, OSError):  # the next renewal notes it
            if not await self._note(connection, user_id, time.time()):
                await self._announce(user_id, True)

    async def _go(self, connection: str, user_id: int) -> None:
        with suppress(RedisError, OSError):  # the lease runs out
            await self._redis.zrem(self._leases(user_id), connection)
            await self._let_go(user_id)

    async def _note(self, connection: str, user_id: int, now: float) -> bool:
        """Write a lease; says whether the user had one before."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zcount(self._leases(user_id), now, "+inf")
            pipe.zadd(self._leases(user_id), {connection: now + self._lease})
            pipe.expire(self._leases(user_id), int(self._lease * 4) + 1)
            pipe.zadd(f"{self._prefix}:users", {str(user_id): now + self._lease})
            before, *_ = await pipe.execute()
        return bool(before)

    async def _let_go(self, user_id: int) -> None:
        """Announce that a user left if no lease of theirs holds; of several processes one does."""
        if await self._redis.zcount(self._leases(user_id), time.time(), "+inf"):
            return
        if await self._redis.zrem(f"{self._prefix}:users", str(user_id)):
            await self._announce(user_id, False)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                for connection, user_id in list(self._mine.items()):
                    if not await self._note(connection, user_id, time.time()):
                        await self._announce(user_id, True)  # Redis was wiped, or away for long
                await self.sweep()
            except (RedisError, OSError) as away:
                log.warning("presence waits for redis", reason=type(away).__name__)
            except Exception:
                log.exception("presence could not be kept")

    def _leases(self, user_id: int) -> str:
        return f"{self._prefix}:{user_id}"
