"""Password hashes: argon2id, beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

# OWASP's minimum. The library's default (64 MiB, 4 lanes) takes 200 ms of both cores: an invitation to flood.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and checks; two at a time, so that sign-ins cannot take every core."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="argon2")
        self._nobody = _HASHER.hash("nobody's password")

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _HASHER.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Say whether a password is right; without a hash it takes just as long and is wrong."""
        check = asyncio.get_running_loop().run_in_executor(
            self._pool, _matches, password_hash or self._nobody, password
        )
        return await check and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Say whether a hash was made with weaker parameters than today's."""
        return _HASHER.check_needs_rehash(password_hash)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
