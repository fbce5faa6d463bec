"""Who is connected, in any process: a lease a process in Redis, and under it the users with sockets there.

A user is online while a process names them, and holds as many sockets as all processes say together. The
last one to let them go announces that they have left; the lease of a process that was killed runs out, and
the next sweep of any process lets its users go, each once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from server.ending import end
from server.errors import TooMany

log = structlog.get_logger("presence")

LEASE_SECONDS = 20.0
"""Renewed and swept every third of it: who was killed is announced within 27 s."""
SOCKETS_A_USER = 50
"""In all processes together: a few devices, each with several screens open."""
ANSWER_SECONDS = 2.0
UNKNOWN = -1

Announce = Callable[[int, bool], Awaitable[None]]
"""(user, is online): tells those who should know."""

NOTE = """
redis.call("ZADD", KEYS[1], ARGV[3], ARGV[1])
redis.call("SADD", KEYS[2], ARGV[2])
redis.call("HSET", KEYS[3], ARGV[1], ARGV[4])
local sockets = 0
for _, count in ipairs(redis.call("HVALS", KEYS[3])) do sockets = sockets + count end
return {sockets, redis.call("SADD", KEYS[4], ARGV[2])}
"""
"""Has a process name a user with so many sockets; gives how many all do, and 1 when none did before."""

LET_GO = """
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("SREM", KEYS[2], ARGV[2])
if redis.call("HLEN", KEYS[1]) == 0 then return redis.call("SREM", KEYS[3], ARGV[2]) end
return 0
"""
"""Takes a user from a process; 1 when no other names them. One step, as they may come again meanwhile."""


class Presence:
    """One marketplace's presence as this process sees and feeds it."""

    def __init__(
        self, redis_url: str, namespace: str, announce: Announce, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        """namespace : keeps deployments and marketplaces that share a Redis apart."""
        self._redis = Redis.from_url(
            redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._note_by_script, self._let_go_by_script = map(self._redis.register_script, (NOTE, LET_GO))
        self._prefix, self._announce, self._lease = f"presence:{namespace}", announce, lease_seconds
        self._process = uuid4().hex
        self._connections: dict[str, int] = {}
        self._counts: Counter[int] = Counter()
        self._noted: dict[int, int] = {}
        self._owed: set[int] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._keeping: asyncio.Task[None] | None = None
        self._changing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to renew our lease and to look for those that ran out."""
        self._keeping = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let this process's users go, and stop."""
        users = list(self._counts)
        self._connections.clear()
        self._counts.clear()
        for user_id in users:
            await self._finish(self._settle(user_id))
        await end(self._keeping)
        await asyncio.gather(*self._changing, return_exceptions=True)
        with suppress(RedisError, OSError):
            await self._redis.zrem(self._leases, self._process)
        await self._redis.aclose()

    async def join(self, user_id: int) -> str:
        """Note a new connection of a user and give its name, for `leave`; raises TooMany.

        While Redis is away, only this process's connections count.
        """
        connection = uuid4().hex
        await self._finish(self._admit(connection, user_id))
        return connection

    async def leave(self, connection: str, user_id: int) -> None:
        """Note that a connection is gone; without effect the second time."""
        if self._connections.pop(connection, None) is None:
            return
        self._count_less(user_id)
        await self._finish(self._settle(user_id))

    async def online(self, user_id: int) -> bool:
        """Say whether a user is connected somewhere; nobody is while Redis is away."""
        try:
            return bool(await self._redis.sismember(self._online, str(user_id)))
        except (RedisError, OSError):
            return False

    async def sweep(self) -> None:
        """Let those go whom only processes name whose leases have run out."""
        dead: Any = await self._redis.zrangebyscore(self._leases, "-inf", time.time())
        for process in (one.decode() for one in dead):
            named: Any = await self._redis.smembers(self._named_by(process))
            for user_id in named:
                await self._let_go(int(user_id), process)
            await self._redis.zrem(self._leases, process)

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry a change through, also when whoever asked for it is gone."""
        task = asyncio.create_task(work)
        self._changing.add(task)
        task.add_done_callback(self._changing.discard)
        await asyncio.shield(task)

    async def _admit(self, connection: str, user_id: int) -> None:
        async with self._turn_of(user_id):
            self._counts[user_id] += 1
            try:
                if max(await self._tell(user_id), self._counts[user_id]) > SOCKETS_A_USER:
                    raise TooMany("Too many open sockets.")
            except BaseException:
                self._count_less(user_id)
                await self._tell(user_id)
                raise
            self._connections[connection] = user_id

    def _count_less(self, user_id: int) -> None:
        self._counts[user_id] -= 1
        if not self._counts[user_id]:
            del self._counts[user_id]

    async def _settle(self, user_id: int) -> None:
        """Have Redis know of a user's connections here as it is by now; one change of a user at a time."""
        async with self._turn_of(user_id):
            await self._tell(user_id)

    def _turn_of(self, user_id: int) -> asyncio.Lock:
        return self._turns.setdefault(user_id, asyncio.Lock())

    async def _tell(self, user_id: int) -> int:
        """Tell Redis of a change; gives the user's connections in all processes, 0 when it is not known."""
        count = self._counts[user_id]
        if count == self._noted.get(user_id, 0):
            return 0
        with suppress(RedisError, OSError):  # the next renewal makes up for it
            if count:
                everywhere = await self._note(user_id, count)
                self._owed.discard(user_id)
                return everywhere
            self._noted.pop(user_id, None)
            self._owed.add(user_id)
            await self._let_go(user_id, self._process)
            self._owed.discard(user_id)
        return 0

    async def _note(self, user_id: int, count: int) -> int:
        """Have Redis name a user of ours; gives their connections in all processes."""
        keys = self._leases, self._named_by(self._process), self._sockets_of(user_id), self._online
        values = self._process, user_id, time.time() + self._lease, count
        everywhere, is_new = await self._note_by_script(keys=keys, args=values)
        self._noted[user_id] = count
        if is_new:
            await self._announce(user_id, True)
        return int(everywhere)

    async def _let_go(self, user_id: int, process: str) -> bool:
        """Take a user from a process, and announce that they left when no other names them; says whether."""
        keys = self._sockets_of(user_id), self._named_by(process), self._online
        has_left = bool(await self._let_go_by_script(keys=keys, args=(process, user_id)))
        if has_left:
            await self._announce(user_id, False)
        return has_left

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                await self._renew()
                await self.sweep()
            except (RedisError, OSError) as away:
                log.warning("presence waits for redis", reason=type(away).__name__)
            except Exception:
                log.exception("presence could not be kept")

    async def _renew(self) -> None:
        """Renew our lease; have Redis name our users when it was wiped or away, or we were late and swept."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(self._leases, {self._process: time.time() + self._lease})
            pipe.scard(self._named_by(self._process))
            _, named = await pipe.execute()
        if named != len(self._noted):
            members: Any = await self._redis.smembers(self._named_by(self._process))
            self._noted = {user_id: self._noted.get(user_id, UNKNOWN) for user_id in map(int, members)}
        known = self._counts.keys() | self._noted.keys()
        for user_id in [one for one in known if self._counts[one] != self._noted.get(one, 0)]:
            await self._settle(user_id)
        for user_id in self._owed - self._counts.keys():
            # Redis may have let them go without our hearing of it.
            is_told = await self._let_go(user_id, self._process)
            if not is_told and not await self._redis.sismember(self._online, str(user_id)):
                await self._announce(user_id, False)
            self._owed.discard(user_id)

    @property
    def _leases(self) -> str:
        return f"{self._prefix}:processes"

    @property
    def _online(self) -> str:
        return f"{self._prefix}:online"

    def _named_by(self, process: str) -> str:
        return f"{self._prefix}:process:{process}"

    def _sockets_of(self, user_id: int) -> str:
        return f"{self._prefix}:sockets:{user_id}"
