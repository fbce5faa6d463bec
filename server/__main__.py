"""Commands: `python -m server serve`, `python -m server demo`."""

import argparse
import asyncio
import gc
import os
import signal
import sys
from typing import Any

import uvloop

from handlers.application import build, listening
from handlers.faces import FACES
from server import logs
from server.bootstrap import open_markets, shared_parts
from server.demo.seed import ACCOUNTS, seed
from server.embedded import EmbeddedError, Endpoints, embedded_services
from server.errors import Busy
from server.settings import Settings, SettingsError


def main() -> int:
    """Run one command and give the exit status; what is wrong is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m server")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve every marketplace on HOST:PORT")
    demo = commands.add_parser("demo", help="play a day against a running server")
    demo.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    options = parser.parse_args()
    if options.command == "demo":
        from walkthrough.story import play

        return uvloop.run(play(options.url))
    batch = logs.configure()
    try:
        return uvloop.run(serve(Settings.from_environment(os.environ), batch))
    except (SettingsError, EmbeddedError, Busy) as wrong:
        print(wrong, file=sys.stderr)
    return 1


async def serve(settings: Settings, batch: logs.Batch) -> int:
    """Serve until SIGINT or SIGTERM, then stop in order."""
    settings.check_marketplaces([face.marketplace.name for face in FACES])
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with (
        batch.draining(),
        embedded_services(settings) as endpoints,
        shared_parts(settings, endpoints) as shared,
        open_markets(shared, [face.marketplace for face in FACES]) as markets,
    ):
        if settings.demo:
            await seed(
                markets["homeserve"], shared.passwords, shared.places, settings.platform_fee_percentage
            )
        for market in markets.values():
            if endpoints.embedded["database"]:  # the folder's lock says that no other process runs
                await market.idempotency.release_abandoned()
            await market.accounts.ensure_administrator(settings.admin_email, settings.admin_password)
        front = build(FACES, markets, settings, endpoints.embedded)
        _settle_memory()
        async with listening(front, settings.host, settings.port) as port:
            print(f"Doorstep listens on http://{settings.host}:{port}", flush=True)
            if settings.demo:
                print(ACCOUNTS, flush=True)
            return await _stopped(stop, endpoints)


def _settle_memory() -> None:
    """Take what was loaded at the start out of the collector's rounds, and make those rarer.

    Requests leave few cycles behind; walking the pincode table and every module for them cost a tenth of
    the throughput and most of the longest answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _stopped(stop: asyncio.Event, endpoints: Endpoints) -> int:
    """Wait for a signal (0), or for an embedded service to end by itself (1)."""
    signalled = asyncio.create_task(stop.wait())
    waiting: set[asyncio.Future[Any]] = {signalled, endpoints.failure}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if not endpoints.failure.done():
        return 0
    signalled.cancel()
    print(endpoints.failure.result(), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
