"""Rate limits: generous to one address, strict to one account. Shared through Redis."""

import time
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from server.errors import TooMany

ANSWER_SECONDS = 2.0
"""How long Redis may take to answer before this process counts alone; a sign-in asks three times."""

log = structlog.get_logger("throttle")

SIGN_IN_ADDRESS = RateLimitItemPerMinute(20, namespace="sign-in-address")
FAILED_ACCOUNT = RateLimitItemPerMinute(10, 15, namespace="failed-account")
CODE_ADDRESS = RateLimitItemPerMinute(20, namespace="code-address")
CODE_TRY_ADDRESS = RateLimitItemPerMinute(60, namespace="code-try-address")
CODE_DESTINATION = RateLimitItemPerHour(10, namespace="code-destination")
REGISTER_ADDRESS = RateLimitItemPerMinute(60, namespace="register-address")
UPLOADS_USER = RateLimitItemPerMinute(60, namespace="uploads-user")
MESSAGES_USER = RateLimitItemPerMinute(120, namespace="messages-user")
NEW_WORDS_USER = RateLimitItemPerDay(1000, namespace="new-words-user")
"""What nobody's profile was found by before; each is an index entry a letter, for ever."""
REVIEWS_USER = RateLimitItemPerHour(60, namespace="reviews-user")
ROOMS_USER = RateLimitItemPerHour(200, namespace="rooms-user")


def _given(address: str) -> str:
    """Give the part of an IP address that is not its user's to choose: half of one of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed.packed[:8] + bytes(8), 64)))


class Throttle:
    """Moving windows in Redis; while it is away each process counts for itself."""

    def __init__(self, redis_url: str, namespace: str) -> None:
        """namespace : keeps deployments that share a Redis apart."""
        self._pool = ConnectionPool.from_url(
            redis_url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        # limits documents `connection_pool` and leaves it out of its types.
        options: dict[str, Any] = {"connection_pool": self._pool, "key_prefix": f"limits:{namespace}"}
        shared = RedisStorage(f"async+{redis_url}", implementation="redispy", **options)
        self._shared, self._own = MovingWindowRateLimiter(shared), MovingWindowRateLimiter(MemoryStorage())

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._pool.disconnect()

    async def hit(self, limit: RateLimitItem, *names: str, cost: int = 1) -> None:
        """Count one, or what something costs; raises TooMany when that is too much."""
        if not await self._ask("hit", limit, names, cost=cost):
            await self._refuse(limit, names)

    async def hit_from(self, limit: RateLimitItem, marketplace: str, address: str) -> None:
        """Count one of somebody's at an address; raises TooMany when it is one too many."""
        await self.hit(limit, marketplace, _given(address))

    async def forgive(self, limit: RateLimitItem, *names: str) -> None:
        """Forget what was counted."""
        await self._ask("clear", limit, names)

    async def _ask(self, verb: str, limit: RateLimitItem, names: tuple[str, ...], **options: int) -> bool:
        try:
            return bool(await getattr(self._shared, verb)(limit, *names, **options))
        except (RedisError, OSError):
            log.warning("redis is away, counting in this process alone")
            return bool(await getattr(self._own, verb)(limit, *names, **options))

    async def _refuse(self, limit: RateLimitItem, names: tuple[str, ...]) -> None:
        try:
            window = await self._shared.get_window_stats(limit, *names)
        except (RedisError, OSError):
            window = await self._own.get_window_stats(limit, *names)
        raise TooMany(retry_after_seconds=max(1, round(window.reset_time - time.time())))
