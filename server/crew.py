"""Several server processes behind one port: each has a listening socket of its own on it (SO_REUSEPORT).

The sockets are ours and handed down, so that a process that died leaves its waiting connections to the one
that is started in its place. Processes share the database and Redis, and die with us, `kill -9` included.
"""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from server.embedded import EmbeddedError, Endpoints
from server.embedded.child import die_with
from server.embedded.services import supervised
from server.settings import Settings

START_SECONDS = 90.0
STOP_SECONDS = 30.0
"""More than a process takes to finish what is in flight."""

METRICS = "PROMETHEUS_MULTIPROC_DIR"
"""Where processes keep their metrics for all to read; prometheus_client's own name for it."""


class ServerProcess:
    """One of them: `python -m server serve` on sockets of ours."""

    def __init__(self, sockets: Sequence[socket.socket], variables: dict[str, str], embedded: str) -> None:
        """variables : its whole environment; embedded: what of the services is, comma-separated"""
        self._descriptors = [one.fileno() for one in sockets]
        self._variables = variables
        listed = ",".join(map(str, self._descriptors))
        self._command = [sys.executable, "-m", "server", "serve", "--sockets", listed, "--embedded", embedded]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it serves; raises EmbeddedError when it ends or takes too long."""
        parent = os.getpid()
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._variables,
            pass_fds=self._descriptors,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=lambda: die_with(parent),
        )
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), START_SECONDS)
        except TimeoutError as late:
            self._process.kill()
            raise EmbeddedError("a server process does not answer") from late
        if not line:
            await self._process.wait()
            raise EmbeddedError("a server process ended at its start")

    async def ended(self) -> EmbeddedError:
        """Wait until it ends by itself, and say so."""
        assert self._process is not None
        status = await self._process.wait()
        mark_process_dead(self._process.pid, self._variables[METRICS])  # type: ignore[no-untyped-call]
        return EmbeddedError(f"a server process ended with status {status}")

    async def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def crew(
    settings: Settings, endpoints: Endpoints, sockets: Sequence[Sequence[socket.socket]]
) -> AsyncIterator["asyncio.Future[EmbeddedError]"]:
    """Keep a server process running for each set of sockets; gives what is done when they cannot be kept so.

    raises : EmbeddedError when one of them does not start
    """
    folder = settings.data_dir.resolve() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    variables = _variables(settings, endpoints, sockets[0][0].getsockname()[1], folder)
    embedded = ",".join(name for name, is_ours in endpoints.embedded.items() if is_ours)
    processes = [ServerProcess(each, variables, embedded) for each in sockets]
    failure: asyncio.Future[EmbeddedError] = asyncio.get_running_loop().create_future()
    try:
        await asyncio.gather(*(process.start() for process in processes))
        async with supervised(processes, failure):
            yield failure
    finally:
        await asyncio.gather(*(process.stop() for process in processes))


def _variables(settings: Settings, endpoints: Endpoints, port: int, metrics: Path) -> dict[str, str]:
    """Give a process's environment: ours, with the services' addresses."""
    return {
        **os.environ,
        "MONGODB_URI": endpoints.mongodb_uri,
        "REDIS_URL": endpoints.redis_url,
        "PORT": str(port),
        "SECRET_KEY": settings.secret_key,
        METRICS: str(metrics),
    }
