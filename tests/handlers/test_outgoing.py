"""A client's queue on a real socket pair: order, bounds, and what happens when the client is gone."""

import asyncio
import socket
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from tornado.iostream import IOStream

from handlers.outgoing import MAX_BYTES, MAX_FRAMES, Outgoing, Turn
from server import metrics
from tests.waiting import until

KERNEL_BYTES = 1024 * 1024
"""More than the kernel takes for a pair with the smallest buffers."""


@pytest_asyncio.fixture
async def pair() -> AsyncIterator[tuple[IOStream, socket.socket]]:
    """The server's stream, and the client's end."""
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    theirs.setblocking(False)
    stream = IOStream(ours)
    yield stream, theirs
    stream.close()
    theirs.close()


async def read(theirs: socket.socket, size: int) -> bytes:
    """Give the next `size` bytes."""
    content = bytearray()
    while len(content) < size:
        part = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(theirs, size - len(content)), 5)
        assert part, "closed early"
        content += part
    return bytes(content)


async def test_frames_offered_before_the_beginning_come_first(pair: tuple[IOStream, socket.socket]) -> None:
    """What was queued while the connection was being made is written in order, then what follows."""
    stream, theirs = pair
    outgoing = Outgoing(Turn())
    assert outgoing.offer(b"one")
    assert outgoing.offer(b"two")
    outgoing.begin(stream)
    assert outgoing.offer(b"three")
    assert await read(theirs, 11) == b"onetwothree"


async def test_a_client_that_does_not_read_is_refused_within_bounds(
    pair: tuple[IOStream, socket.socket],
) -> None:
    """At most the bound waits in memory; a client that then reads gets every accepted frame, in order."""
    stream, theirs = pair
    outgoing = Outgoing(Turn())
    outgoing.begin(stream)
    frames = []
    while outgoing.offer(frame := b"%08d" % len(frames) * 512):
        frames.append(frame)
        assert len(frames) * len(frame) <= MAX_BYTES + KERNEL_BYTES
    assert await read(theirs, sum(map(len, frames))) == b"".join(frames)

    async def takes_again() -> bool:
        return outgoing.offer(b"again")

    await until(takes_again)
    assert await read(theirs, 5) == b"again"


async def test_small_frames_are_bounded_by_their_number(pair: tuple[IOStream, socket.socket]) -> None:
    """Many tiny frames are as full as few large ones."""
    outgoing = Outgoing(Turn())
    assert all(outgoing.offer(b"x") for _ in range(MAX_FRAMES))
    assert not outgoing.offer(b"x")


async def test_a_client_that_is_gone_costs_nothing(pair: tuple[IOStream, socket.socket]) -> None:
    """Writing to a closed connection raises nothing and keeps nothing."""
    stream, theirs = pair
    outgoing = Outgoing(Turn())
    outgoing.begin(stream)
    theirs.close()
    for _ in range(3):
        assert outgoing.offer(b"hello")
        await asyncio.sleep(0)
    stream.close()
    assert all(outgoing.offer(b"x") for _ in range(2 * MAX_FRAMES))


async def test_a_burst_leaves_in_one_write(pair: tuple[IOStream, socket.socket]) -> None:
    """What is sent in one turn of the loop is one write, in order, and no more than that turn later."""
    stream, theirs = pair
    outgoing = Outgoing(Turn())
    writes: list[bytes] = []
    stream.socket = Recorded(stream.socket, writes)
    outgoing.begin(stream)
    for number in range(10):
        outgoing.offer(b"%d" % number)
    assert writes == []
    assert await read(theirs, 10) == b"0123456789"
    assert writes == [b"0123456789"]


async def test_a_client_that_ends_is_sent_what_was_due(pair: tuple[IOStream, socket.socket]) -> None:
    """What was said before the end arrives, what comes after it does not."""
    stream, theirs = pair
    outgoing = Outgoing(Turn())
    outgoing.begin(stream)
    outgoing.offer(b"before")
    outgoing.end()
    outgoing.offer(b"after")
    stream.close()
    assert await read(theirs, 6) == b"before"
    assert await asyncio.get_running_loop().sock_recv(theirs, 1) == b""


async def test_memory_is_flat_under_events_that_nobody_reads(pair: tuple[IOStream, socket.socket]) -> None:
    """2,000 events to a client that never reads: refused beyond the bound, and no more is kept."""
    stream, _ = pair
    outgoing = Outgoing(Turn())
    outgoing.begin(stream)
    stuck = metrics.QUEUED_BYTES._value.get()
    tracemalloc.start()
    taken = []
    for _ in range(2000):
        taken.append(outgoing.offer(bytes(1000)))
        await asyncio.sleep(0)
        if len(taken) == 1000:
            halfway, _ = tracemalloc.get_traced_memory()
    end, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not any(taken[1000:])
    assert peak < 2 * MAX_BYTES
    assert end - halfway < 64 * 1024
    assert 0 < metrics.QUEUED_BYTES._value.get() - stuck <= MAX_BYTES
    stream.close()
    await asyncio.sleep(0)
    assert metrics.QUEUED_BYTES._value.get() == stuck


class Recorded:
    """A socket that remembers what is sent through it."""

    def __init__(self, real: socket.socket, writes: list[bytes]) -> None:
        self._real, self._writes = real, writes

    def send(self, data: bytes) -> int:
        self._writes.append(bytes(data))
        return self._real.send(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
