"""Commands: `python -m server serve`, `worker`, `create_fake_data`, `demo`, `smoke`, and some that print."""

import argparse
import asyncio
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, fields
from typing import Any

import structlog
import uvloop

from handlers.application import bound, build, listening_on
from handlers.crowd import take_descriptors
from handlers.faces import FACES
from handlers.openapi import document
from handlers.postman import collection
from handlers.route import Face
from server import logs
from server.bootstrap import Shared, open_markets, shared_parts
from server.crew import crew
from server.demo.command import create_fake_data
from server.demo.seed import State, accounts_of, seed
from server.embedded import EmbeddedError, Endpoints, embedded_services
from server.errors import Busy
from server.market import Market
from server.settings import Settings, SettingsError
from server.work.broker import StreamBroker
from server.work.worker import Worker

log = structlog.get_logger("start")

FACES_BY_NAME = {face.marketplace.name: face for face in FACES}


def surge(face: Face) -> dict[str, Any]:
    """Give a marketplace's surge policy, as `python -m engine.simulate --surge FILE` reads it."""
    policy = face.marketplace.surge
    return {one.name: getattr(policy, one.name) for one in fields(policy) if one.init}


DESCRIBED: dict[str, tuple[str, Callable[[Face], Any]]] = {
    "openapi": ("the OpenAPI document", document),
    "postman": ("the Postman collection", collection),
    "surge": ("the surge policy", surge),
}
"""Command: what it prints of a marketplace, and how."""


@dataclass(frozen=True)
class Process:
    """What a running process holds."""

    stop: asyncio.Event
    endpoints: Endpoints
    shared: Shared
    markets: dict[str, Market]
    worker: Worker


def main() -> int:
    """Run one command and give the exit status; what is wrong is said in one line."""
    parser = argparse.ArgumentParser(prog="python -m server")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve every marketplace on HOST:PORT")
    # What one of WORKERS processes is told by the one that started it.
    serving.add_argument("--sockets", type=_numbers, default=[], help=argparse.SUPPRESS)
    serving.add_argument("--embedded", default="", help=argparse.SUPPRESS)
    commands.add_parser("worker", help="do background work beside serving processes (JOBS=none)")
    filling = commands.add_parser("create_fake_data", help="fill empty databases with demo data")
    filling.add_argument("marketplace", nargs="?", choices=sorted(FACES_BY_NAME), help="all without one")
    demo = commands.add_parser("demo", help="play a day against a running server")
    smoke = commands.add_parser("smoke", help="make every documented call against a running server")
    smoke.add_argument("marketplace", nargs="?", choices=sorted(FACES_BY_NAME), help="all without one")
    for playing in (demo, smoke):
        playing.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
    for name, (words, _) in DESCRIBED.items():
        described = commands.add_parser(name, help=f"print {words} of a marketplace")
        described.add_argument("marketplace", nargs="?", default="homeserve", choices=sorted(FACES_BY_NAME))
    options = parser.parse_args()
    if options.command in DESCRIBED:
        _, describe = DESCRIBED[options.command]
        print(json.dumps(describe(FACES_BY_NAME[options.marketplace]), indent=1, ensure_ascii=False))
        return 0
    if options.command == "demo":
        from walkthrough.story import play

        return uvloop.run(play(options.url))
    if options.command == "smoke":
        from walkthrough.smoke.run import run

        return uvloop.run(run(options.url, options.marketplace))
    batch = logs.configure()
    try:
        if options.command == "create_fake_data":
            return uvloop.run(
                fill(Settings.from_environment({**os.environ, "DEMO": "1"}), options.marketplace)
            )
        settings = Settings.from_environment(os.environ)
        if options.command == "worker":
            return uvloop.run(work(settings, batch))
        if options.sockets:
            return uvloop.run(serve_beside(settings, batch, options.sockets, options.embedded.split(",")))
        return uvloop.run((serve if settings.workers == 1 else serve_many)(settings, batch))
    except (SettingsError, EmbeddedError, Busy) as wrong:
        print(wrong, file=sys.stderr)
    return 1


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _stop() -> asyncio.Event:
    """Give what SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    return stop


@asynccontextmanager
async def opened(settings: Settings, batch: logs.Batch) -> AsyncIterator[Process]:
    """Open everything a process works with; SIGINT and SIGTERM set its `stop`."""
    settings.check_marketplaces([face.marketplace.name for face in FACES])
    stop = _stop()
    async with (
        batch.draining(),
        embedded_services(settings) as endpoints,
        shared_parts(settings, endpoints) as shared,
        open_markets(shared, [face.marketplace for face in FACES]) as markets,
    ):
        broker = StreamBroker(endpoints.redis_url, f"{settings.db_prefix}:work")
        yield Process(stop, endpoints, shared, markets, Worker(markets, broker))


async def prepare(settings: Settings, shared: Shared, markets: dict[str, Market]) -> None:
    """Do what comes before serving, once however many processes will."""
    for name, market in markets.items():
        if settings.demo and (await seed(market, shared)).found is State.OWN:
            log.warning("the marketplace has data of its own: no demo data", marketplace=name)
        if shared.endpoints.embedded["database"]:  # the folder's lock says that no other process runs
            await market.idempotency.release_abandoned()
        await market.scaling.ensure_counted()
        await market.accounts.ensure_administrator(settings.admin_email, settings.admin_password)


async def serve(settings: Settings, batch: logs.Batch) -> int:
    """Serve until SIGINT or SIGTERM, then stop in order."""
    async with opened(settings, batch) as process:
        await prepare(settings, process.shared, process.markets)
        [sockets] = bound(settings.host, settings.port)
        return await _serve_on(process, sockets, process.endpoints.embedded)


async def serve_beside(
    settings: Settings, batch: logs.Batch, descriptors: list[int], embedded: list[str]
) -> int:
    """Serve as one of several processes on a port, whose sockets are handed down."""
    async with opened(settings, batch) as process:
        sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        return await _serve_on(process, sockets, {name: name in embedded for name in ("database", "redis")})


async def serve_many(settings: Settings, batch: logs.Batch) -> int:
    """Serve with WORKERS processes until SIGINT or SIGTERM; starts what ends, and stops all in order."""
    settings.check_marketplaces([face.marketplace.name for face in FACES])
    stop = _stop()
    async with batch.draining(), embedded_services(settings) as endpoints:
        async with (
            shared_parts(settings, endpoints) as shared,
            open_markets(shared, [face.marketplace for face in FACES]) as markets,
        ):
            await prepare(settings, shared, markets)
        sockets = bound(settings.host, settings.port, settings.workers)
        async with crew(settings, endpoints, sockets) as failure:
            _say_listening(settings, sockets[0][0].getsockname()[1])
            return await _stopped(stop, endpoints.failure, failure)


async def _serve_on(process: Process, sockets: Sequence[socket.socket], embedded: dict[str, bool]) -> int:
    settings = process.shared.settings
    take_descriptors()
    front = build(FACES, process.markets, settings, embedded)
    working = process.worker.running() if settings.jobs == "inline" else nullcontext()
    async with listening_on(front, sockets) as port, working:
        settle_memory()
        _say_listening(settings, port)
        return await _stopped(process.stop, process.endpoints.failure)


def _say_listening(settings: Settings, port: int) -> None:
    print(f"Doorstep listens on http://{settings.host}:{port}", flush=True)
    if settings.demo:
        print("\n".join(accounts_of(name) for name in FACES_BY_NAME), flush=True)


async def fill(settings: Settings, name: str | None) -> int:
    """Fill the empty database of a marketplace, or of each, with demo data."""
    faces = [FACES_BY_NAME[name]] if name else FACES
    return await create_fake_data(settings, [face.marketplace for face in faces])


async def work(settings: Settings, batch: logs.Batch) -> int:
    """Do background work until SIGINT or SIGTERM; what is under way is begun again by another worker."""
    async with opened(settings, batch) as process, process.worker.running():
        print("Doorstep works", flush=True)
        return await _stopped(process.stop, process.endpoints.failure)


def settle_memory() -> None:
    """Take what was loaded at the start out of the collector's rounds, and make those rarer.

    Requests leave few cycles behind; walking the pincode table and every module for them cost a tenth of
    the throughput and most of the longest answers.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _stopped(stop: asyncio.Event, *failures: "asyncio.Future[EmbeddedError]") -> int:
    """Wait for a signal and give 0; raises EmbeddedError when a child process cannot be kept running."""
    signalled = asyncio.create_task(stop.wait())
    waiting: set[asyncio.Future[Any]] = {signalled, *failures}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for failure in failures:
        if failure.done():
            signalled.cancel()
            raise failure.result()
    return 0


if __name__ == "__main__":
    sys.exit(main())
