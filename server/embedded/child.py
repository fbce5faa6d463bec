"""A child process that ends when we end, however we end.

The kernel sends it SIGTERM when our main thread dies (PR_SET_PDEATHSIG), `kill -9` included. It leads a
session of its own, so that the terminal's Ctrl-C reaches us alone and we stop it last.
"""

import asyncio
import ctypes
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

START_SECONDS = 20.0
STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class EmbeddedError(Exception):
    """An embedded service cannot run; the message is one line for the operator."""


class Child:
    """One server on a loopback port, logging into a file."""

    def __init__(self, name: str, command: Sequence[str], port: int, folder: Path) -> None:
        self.name, self.port = name, port
        self._command, self._folder = command, folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start and wait until the port answers; raises EmbeddedError."""
        await self._end_orphan()
        logs = self._folder / "logs"
        logs.mkdir(exist_ok=True)
        parent = os.getpid()
        with (logs / f"{self.name}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),
            )
        self._pid_file.write_text(f"{self._process.pid}\n{self._command[0]}")
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._answering()
        except TimeoutError as late:
            await self.stop()
            raise EmbeddedError(f"{self.name} does not answer; see {logs / self.name}.log") from late

    async def ended(self) -> EmbeddedError:
        """Wait until the child ends by itself, and say so."""
        assert self._process is not None
        status = await self._process.wait()
        return EmbeddedError(f"{self.name} ended with status {status}; see {self._folder / 'logs'}")

    async def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self._folder / f"{self.name}.pid"

    async def _answering(self) -> None:
        assert self._process is not None
        while self._process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
        raise EmbeddedError(f"{self.name} ended at its start; see {self._folder / 'logs'}")

    async def _end_orphan(self) -> None:
        """End the child of an earlier process that is still on its way down with our files."""
        try:
            pid = self._orphan()
        except (OSError, ValueError):
            return
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        for _ in range(int(STOP_SECONDS / 0.05)):
            if not _is_running(pid):
                return
            await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)

    def _orphan(self) -> int | None:
        """Give the process our pid file names if it runs our program on our files, not a stranger."""
        pid, program = self._pid_file.read_text().split("\n")
        running = Path(f"/proc/{int(pid)}/cmdline").read_bytes()
        ours = program.encode() in running and str(self._folder).encode() in running
        return int(pid) if ours else None


def _is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _die_with(parent: int) -> None:
    """Runs in the child before exec: tie it to the parent, which may have died already."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def free_port() -> int:
    """Give a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
