"""A process that commits one event, goes on to a moment, and says so; it is then killed.

Run as `python -m tests.server.realtime.crashing <moment> <mongodb-uri> <redis-url> <namespace> <database>`;
the moments: `committed`, and `announced`, when the event's row is about to be removed.
"""

import asyncio
import sys
from collections.abc import Collection as Several
from datetime import timedelta
from typing import Any

from server import clock
from server.domain.events import Event
from server.realtime import outbox as module
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.store.database import Database
from server.store.outbox import OutboxRows

# Nobody has to wait for the end of a dead writer's lease.
module.LEASE = module.MARGIN = timedelta(0)


class LastWords(OutboxRows):
    """Stops where the row of an announced event would be removed."""

    async def delete(self, key: Any) -> bool:
        print(key, flush=True)
        await asyncio.Event().wait()
        return True

    async def delete_all(self, ids: Several[str]) -> None:
        for key in ids:
            await self.delete(key)


async def commit(moment: str, mongodb_uri: str, redis_url: str, namespace: str, name: str) -> None:
    """Commit, as a service does, and go on to the moment."""
    database, bus = Database.open(mongodb_uri, name), Bus(redis_url, namespace)
    outbox = Outbox(database, LastWords(database), bus, Hub(), "market")
    event = Event("told", ("user:1",), {"number": 7}, clock.now())
    await database.together(lambda: outbox.add(event))
    if moment == "committed":
        print(event.id, flush=True)
    else:
        await bus.start()
        await outbox.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(commit(*sys.argv[1:]))
