"""Requests that are carried out once, however often they are sent.

The first request with a key claims it under a lease. The work and its answer then commit as one transaction,
so after a crash a retry either finds the answer or, once the lease has ended, carries it out afresh.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from server import clock
from server.errors import Conflict, KeyReused
from server.store.database import Database
from server.store.idempotency import IdempotencyKeys, Key

LEASE = timedelta(seconds=15)

Answer = tuple[int, bytes]


class Idempotency:
    """Answers by user and key, for a day."""

    def __init__(self, database: Database, keys: IdempotencyKeys) -> None:
        self._database, self._keys = database, keys
        self._runner = uuid4().hex

    async def once(
        self, user_id: int, key: str, fingerprint: str, work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Carry out `work` unless this user's key was answered before, and give the answer.

        A refusal (a domain error) is not kept: sent again, the request is decided afresh.
        raises : KeyReused for another fingerprint, Conflict while the first request runs, what `work` raises
        """
        now = clock.now()
        claim = Key(f"{user_id}:{key}", fingerprint, self._runner + uuid4().hex[:8], now + LEASE, now)
        while not await self._keys.claim(claim):
            found = await self._keys.get(claim.id)
            if found is None:
                continue
            if found.fingerprint != fingerprint:
                raise KeyReused()
            if found.body is not None and found.status is not None:
                return found.status, found.body
            if not await self._keys.take_over(claim, now):
                raise Conflict("A request with this Idempotency-Key is still running.")
            break
        return await self._run(claim, work)

    async def release_abandoned(self) -> None:
        """Free the keys of requests that died with an earlier process; call it when no other one runs."""
        await self._keys.release_all_unanswered()

    async def _run(self, claim: Key, work: Callable[[], Awaitable[Answer]]) -> Answer:
        async def answered() -> Answer:
            status, body = await work()
            if not await self._keys.answer(claim.id, claim.runner, status, body):
                raise Conflict("A request with this Idempotency-Key is still running.")
            return status, body

        renewing = asyncio.create_task(self._renew(claim))
        try:
            return await self._database.together(answered)
        except BaseException:
            await self._keys.release(claim.id, claim.runner)
            raise
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _renew(self, claim: Key) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self._keys.renew(claim.id, claim.runner, clock.now() + LEASE)
