"""A process that commits one event and says so; it is then killed before it could announce anything.

Run as `python -m tests.server.realtime.crashing <mongodb-uri> <redis-url> <database>`.
"""

import asyncio
import sys
from datetime import timedelta

from server import clock
from server.domain.events import Event
from server.realtime import outbox as module
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.store.database import Database
from server.store.outbox import OutboxRows

# Nobody has to wait for the end of a dead writer's lease.
module.LEASE = timedelta(0)


async def commit(mongodb_uri: str, redis_url: str, name: str) -> None:
    """Commit, as a service does, and go on as if busy with something else."""
    database = Database.open(mongodb_uri, name)
    outbox = Outbox(database, OutboxRows(database), Bus(redis_url), Hub(), "market")
    event = Event("told", ("user:1",), {"number": 7}, clock.now())
    await database.together(lambda: outbox.add(event))
    print(event.id, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(commit(*sys.argv[1:]))
