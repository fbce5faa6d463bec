"""Keys of requests that are to be carried out once."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from server.store.collection import Collection
from server.store.database import Index, session

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Key:
    """A key in use. `id` is "<user>:<key>"; `body` None while its first request runs.

    lease_until : until then the process `runner` is believed alive and at work on it
    """

    id: str
    fingerprint: str
    runner: str
    lease_until: datetime
    created_at: datetime
    status: int | None = None
    body: bytes | None = None


class IdempotencyKeys(Collection[Key]):
    """Removed by the database after a day."""

    NAME = "idempotency"
    ENTITY = Key
    INDEXES = (
        Index("age", (("created_at", 1),), expire_seconds=KEPT_SECONDS),
        Index("runner", (("runner", 1),)),
    )

    async def claim(self, key: Key) -> bool:
        """Take a key that nobody has; says whether it was taken."""
        try:
            await self._motor.insert_one(self.dump(key))
        except DuplicateKeyError:
            return False
        return True

    async def take_over(self, key: Key, dead: str) -> bool:
        """Take a key from a runner that died without an answer; of several at once one succeeds."""
        return await self.change(
            key.id,
            {"runner": key.runner, "lease_until": key.lease_until},
            where={"body": None, "runner": dead, "fingerprint": key.fingerprint},
        )

    async def answer(self, id: str, runner: str, status: int, body: bytes) -> bool:
        """Keep the answer, with the open transaction; false when the key is not this runner's any more."""
        return await self.change(id, {"status": status, "body": body}, where={"runner": runner, "body": None})

    async def release(self, id: str, runner: str) -> None:
        """Forget a key whose request came to nothing."""
        await self._motor.delete_one({"_id": id, "runner": runner, "body": None}, session=session())

    async def release_all_unanswered(self) -> None:
        """Forget every key without an answer: their processes are gone when this one runs alone."""
        await self._motor.delete_many({"body": None})
