"""Processes that tests of the embedded services start, watch and kill."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

OWNER = """
import asyncio, os, sys
from server.embedded import embedded_services
from server.settings import Settings

async def main():
    async with embedded_services(Settings.from_environment(os.environ)) as endpoints:
        print(endpoints.mongodb_uri, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

asyncio.run(main())
"""
"""A process that owns both children until a line arrives on its standard input."""


class Watched:
    """A process by a handle that cannot come to mean another one."""

    def __init__(self, pid: int) -> None:
        self._handle = os.pidfd_open(pid)

    def wait_until_gone(self, seconds: float = 15) -> bool:
        """Wait for its end; false when it still runs then."""
        return bool(select.select([self._handle], [], [], seconds)[0])

    def is_running(self) -> bool:
        return not self.wait_until_gone(0)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self) -> None:
        os.close(self._handle)


@contextmanager
def watched(folder: Path, name: str) -> Iterator[Watched]:
    """Watch the child that a data folder's process id file names."""
    process = Watched(int((folder / f"{name}.pid").read_text().split("\n")[0]))
    try:
        yield process
    finally:
        process.close()


@contextmanager
def owner(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that owns a data folder with both children up; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER],
        env={**os.environ, "DATA_DIR": str(folder), "MONGODB_URI": "", "REDIS_URL": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("mongodb://127.0.0.1:")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty data folder."""
    return tmp_path / "data"
