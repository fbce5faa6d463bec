"""Thousands of WebSocket clients in one thread, on bare sockets: frames are counted, not parsed."""

import os
import select
import socket
import statistics
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.load.message import FRAME_BYTES

BATCH = 200
"""Handshakes under way at once."""

ANSWER_SECONDS = 60.0
BUFFER_BYTES = 1 << 16
PING = b"\x89\x00"
"""As servers send it that put nothing in; no message of ours contains these bytes."""
PONG = b"\x8a\x80" + bytes(4)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One fan-out: frames a second over all clients, and when each had its last one, in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class Listeners:
    """Clients of one server; the first of them also gives commands."""

    def __init__(self, port: int, count: int, path: Callable[[int], str]) -> None:
        """Connect them all; path: each one's, by number."""
        self.port = port
        self._sockets: dict[int, socket.socket] = {}
        self._poll = select.epoll()
        self._buffer = bytearray(BUFFER_BYTES)
        started = time.perf_counter()
        for first in range(0, count, BATCH):
            self._connect([path(number) for number in range(first, min(first + BATCH, count))])
        self.connect_seconds = time.perf_counter() - started
        self._speaker = next(iter(self._sockets.values()))

    def __len__(self) -> int:
        return len(self._sockets)

    def close(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._poll.close()

    def fire(self, events: int) -> Delivery:
        """Have events sent to everybody, and wait until everybody has them; raises TimeoutError."""
        command = b'{"fire":%d}' % events
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(command))
        left = dict.fromkeys(self._sockets, events * FRAME_BYTES)
        moments: list[float] = []
        started = time.perf_counter()
        self._speaker.send(struct.pack("!BB", 0x81, 0x80 | len(command)) + mask + masked)
        while len(moments) < len(left):
            ready = self._poll.poll(ANSWER_SECONDS)
            if not ready:
                raise TimeoutError(f"{len(left) - len(moments)} clients wait for their frames")
            for descriptor, _ in ready:
                size = self._read(descriptor)
                left[descriptor] -= size
                if left[descriptor] == 0:
                    moments.append(time.perf_counter() - started)
        moments.sort()
        milliseconds = [1000 * moment for moment in moments]
        return Delivery(
            rate=events * len(left) / moments[-1],
            p50_ms=statistics.median(milliseconds),
            p99_ms=milliseconds[int(0.99 * (len(milliseconds) - 1))],
            max_ms=milliseconds[-1],
        )

    def drain(self, seconds: float) -> int:
        """Read for so long whatever comes, answer pings, and give the bytes of all else."""
        until, size = time.perf_counter() + seconds, 0
        while (rest := until - time.perf_counter()) > 0:
            for descriptor, _ in self._poll.poll(rest):
                size += self._read(descriptor)
        return size

    def _read(self, descriptor: int) -> int:
        size = self._sockets[descriptor].recv_into(self._buffer)
        if not size:
            raise ConnectionError("a client was closed")
        for _ in range(pings := self._buffer.count(PING, 0, size)):
            self._sockets[descriptor].send(PONG)
        return size - pings * len(PING)

    def _connect(self, paths: list[str]) -> None:
        batch = []
        for path in paths:
            one = socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_SECONDS)
            one.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            batch.append(one)
        for one in batch:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                part = one.recv(1)
                if not part:
                    raise ConnectionError(f"no handshake: {head.decode()}")
                head += part
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode())
            one.setblocking(False)
            self._sockets[one.fileno()] = one
            self._poll.register(one.fileno(), select.EPOLLIN)
