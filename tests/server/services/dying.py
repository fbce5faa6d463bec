"""A process that uses an idempotency key and says how far it is; it is then killed.

Run as `python -m tests.server.services.dying <mongodb-uri> <database> working|answered`.
"""

import asyncio
import sys

from server.services.idempotency import Idempotency
from server.store.database import Database, session
from server.store.idempotency import IdempotencyKeys

ANSWER = b'{"made": true}'


class Work:
    """A write that counts how often it committed."""

    def __init__(self, database: Database) -> None:
        self._things = database.collection("things")

    async def __call__(self) -> tuple[int, bytes]:
        await self._things.insert_one({"n": 1}, session=session())
        return 201, ANSWER

    async def committed(self) -> int:
        return int(await self._things.count_documents({}))


async def use_key(mongodb_uri: str, name: str, until: str) -> None:
    """Use the key "1:k" and stop within the work, or when its answer is committed."""
    database = Database.open(mongodb_uri, name)
    write = Work(database)

    async def work() -> tuple[int, bytes]:
        answer = await write()
        if until == "working":
            print(until, flush=True)
            await asyncio.Event().wait()
        return answer

    await Idempotency(database, IdempotencyKeys(database)).once(1, "k", "same", work)
    print(until, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(use_key(*sys.argv[1:]))
