"""Drives one address with keep-alive connections, each asking again as soon as it is answered."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True)
class Round:
    """One round: answers a second, latencies in milliseconds, and answers that were not 200."""

    rate: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    failures: int


class _Asker(asyncio.Protocol):
    """One connection. Answers carry a Content-Length, as both servers send."""

    def __init__(
        self, request: bytes, until: float, latencies: list[float], failed: list[int], pause_seconds: float
    ) -> None:
        self._request, self._until, self._pause_seconds = request, until, pause_seconds
        self._latencies, self._failed = latencies, failed
        self._buffer = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < head_end + 4 + length:
            return
        if not head.startswith(b"http/1.1 200"):
            self._failed.append(int(head[9:12]))
        self._buffer = b""
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        if now >= self._until:
            self._transport.close()
        elif self._pause_seconds:
            asyncio.get_running_loop().call_later(self._pause_seconds, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(
    port: int, path: str, token: str, *, connections: int, seconds: float, pause_seconds: float = 0
) -> Round:
    """Ask `path` on a loopback port for so long, and give the round's figures.

    pause_seconds : between an answer and the same connection's next question
    """
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()
    latencies: list[float] = []
    failed: list[int] = []
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    askers = []
    for _ in range(connections):
        _, asker = await loop.create_connection(
            lambda: _Asker(request, started + seconds, latencies, failed, pause_seconds), "127.0.0.1", port
        )
        askers.append(asker)
    await asyncio.gather(*(asker.done for asker in askers))
    spent = time.perf_counter() - started
    latencies.sort()

    def at(share: float) -> float:
        return 1000 * latencies[min(int(share * len(latencies)), len(latencies) - 1)]

    return Round(len(latencies) / spent, at(0.5), at(0.99), at(1.0), len(failed))
