"""Requests that are carried out once, however often they are sent.

The first request with a key claims it under a lease. The work and its answer then commit as one transaction,
so after a crash a retry either finds the answer or, once the lease has ended, carries it out afresh. Should a
runner be believed dead and live, it finds the key another's within its transaction, and nothing of it stays.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import uuid4

from server import clock
from server.errors import Conflict, KeyReused
from server.store.database import TRANSACTION_SECONDS, Database
from server.store.idempotency import IdempotencyKeys, Key

LEASE = timedelta(seconds=TRANSACTION_SECONDS + 5)
"""Longer than a transaction may take, so that no lease has to be renewed."""

STILL_RUNNING = "A request with this Idempotency-Key is still running."

Answer = tuple[int, bytes]


class Idempotency:
    """Answers by user and key, for a day."""

    def __init__(self, database: Database, keys: IdempotencyKeys) -> None:
        self._database, self._keys = database, keys
        self._process = uuid4().hex
        self._running: set[str] = set()

    async def once(
        self, user_id: int, key: str, fingerprint: str, work: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Carry out `work` unless this user's key was answered before, and give the answer.

        A refusal (a domain error) is not kept: sent again, the request is decided afresh.
        raises : KeyReused for another fingerprint, Conflict while the first request runs, what `work` raises
        """
        now = clock.now()
        claim = Key(f"{user_id}:{key}", fingerprint, f"{self._process}:{uuid4().hex[:8]}", now + LEASE, now)
        self._running.add(claim.runner)
        try:
            return await self._claim(claim, now) or await self._run(claim, work)
        finally:
            self._running.discard(claim.runner)

    async def release_abandoned(self) -> None:
        """Free the keys of requests that died with an earlier process; call it when no other one runs."""
        await self._keys.release_all_unanswered()

    async def _claim(self, claim: Key, now: datetime) -> Answer | None:
        """Take the key and give None, or give the answer it has; raises KeyReused, Conflict."""
        while not await self._keys.claim(claim):
            found = await self._keys.get(claim.id)
            if found is None:
                continue
            if found.fingerprint != claim.fingerprint:
                raise KeyReused()
            if found.body is not None and found.status is not None:
                return found.status, found.body
            if self._may_live(found, now) or not await self._keys.take_over(claim, found.runner):
                raise Conflict(STILL_RUNNING)
            break
        return None

    def _may_live(self, found: Key, now: datetime) -> bool:
        """Say whether a key's runner may be at work; of our own we know, whatever its lease says."""
        if found.runner.startswith(f"{self._process}:"):
            return found.runner in self._running
        return found.lease_until > now

    async def _run(self, claim: Key, work: Callable[[], Awaitable[Answer]]) -> Answer:
        async def answered() -> Answer:
            status, body = await work()
            if not await self._keys.answer(claim.id, claim.runner, status, body):
                raise Conflict(STILL_RUNNING)
            return status, body

        try:
            return await self._database.together(answered)
        except BaseException:
            await self._keys.release(claim.id, claim.runner)
            raise
