"""A worker in a process of its own that begins a task and never ends it: python -m … URI NAME REDIS QUEUE."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from server.bootstrap import open_markets, shared_parts
from server.domain.tasks import Task
from server.embedded import Endpoints
from server.jobs import Job, Progress
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.settings import Settings
from server.work.broker import StreamBroker
from server.work.worker import Worker

IDLE_MS = 600
LEASE = timedelta(milliseconds=IDLE_MS)


async def hang(market: Market, task: Task, progress: Progress) -> str:
    """Begin, say so, and never come back."""
    await progress(1, 2)
    await market.ledger.post("half", "b", {"cash": 100, "gateway": -100})
    print("begun", flush=True)
    await asyncio.sleep(3600)
    return "never"


async def main(mongodb_uri: str, prefix: str, redis_url: str, queue: str) -> None:
    settings = Settings.from_environment({"DATA_DIR": str(Path.cwd()), "DB_PREFIX": prefix})
    endpoints = Endpoints(mongodb_uri, redis_url, {}, asyncio.get_running_loop().create_future())
    async with (
        shared_parts(settings, endpoints) as shared,
        open_markets(shared, [HOMESERVE]) as markets,
        Worker(
            markets, StreamBroker(redis_url, queue, IDLE_MS), {"slow": Job("slow", hang)}, lease=LEASE
        ).running(),
    ):
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
