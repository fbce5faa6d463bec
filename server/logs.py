"""Structured logs: one JSON line an event, on standard error. No secret is ever an argument of a log call.

Lines are collected and written a few times a second: a write a request cost a fifth of the throughput. What
is written at once is the end of the process and anything from a warning up.
"""

import asyncio
import atexit
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

import orjson
import structlog

FLUSH_SECONDS = 0.2
BATCH_BYTES = 64 * 1024


class Batch:
    """Lines on their way to a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines: list[bytes] = []
        self._size = 0

    def add(self, line: bytes) -> None:
        """Take a line; a full batch is written at once."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= BATCH_BYTES:
            self.drain()

    def drain(self) -> None:
        """Write what has been collected."""
        lines, self._lines, self._size = self._lines, [], 0
        if lines:
            self._file.write(b"".join(lines))
            self._file.flush()

    @asynccontextmanager
    async def draining(self) -> AsyncIterator[None]:
        """Write a few times a second meanwhile, and what is left at the end."""
        task = asyncio.create_task(self._drain_regularly())
        try:
            yield
        finally:
            task.cancel()
            self.drain()

    async def _drain_regularly(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self.drain()


def configure() -> Batch:
    """Send structlog's events and the libraries' warnings to standard error; gives what must be drained."""
    batch = Batch(sys.stderr.buffer)
    atexit.register(batch.drain)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_bytes),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _Lines(batch),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Tornado's access log prints whole addresses, and a socket's address may carry a token.
    logging.getLogger("tornado.access").disabled = True
    return batch


class _Lines:
    """What structlog writes to: a method a level."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def info(self, line: bytes) -> None:
        self._batch.add(line + b"\n")

    def warning(self, line: bytes) -> None:
        self.info(line)
        self._batch.drain()

    debug = info
    error = exception = critical = warning


def _bytes(event: object, **_: object) -> bytes:
    return orjson.dumps(event, default=str)
