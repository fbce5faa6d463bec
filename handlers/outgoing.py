"""What is on its way to one client. Frames of one turn of the loop leave in one write to the socket."""

import asyncio
from functools import partial

from tornado.iostream import IOStream, StreamClosedError

from server import metrics
from server.realtime.history import Place
from server.realtime.numbering import Mark

MAX_FRAMES = 500
MAX_BYTES = 512 * 1024

CLIENTS_A_TURN = 500
"""So many clients are written to before the loop turns to others: some 3 ms."""


class Turn:
    """The clients who have frames due in this turn of the loop; one a process."""

    def __init__(self) -> None:
        self._due: list[Outgoing] = []
        self._is_called = False

    def add(self, outgoing: "Outgoing") -> None:
        """Have a client written to when all that is due in this turn is known."""
        self._due.append(outgoing)
        if not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        now, self._due = self._due[:CLIENTS_A_TURN], self._due[CLIENTS_A_TURN:]
        self._is_called = bool(self._due)
        if self._is_called:
            asyncio.get_running_loop().call_soon(self._flush)
        for outgoing in now:
            outgoing.flush()


class Outgoing:
    """Frames in order: one write a turn while the client reads, queued, within bounds, while it does not.

    Written to for every event of ten thousand clients, so what it touches in memory is kept small.
    """

    __slots__ = ("_bytes", "_frames", "_has_ended", "_stream", "_stuck", "_turn", "_write", "place")

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._stream: IOStream | None = None
        self._frames: list[bytes] = []
        self._bytes = 0
        """Of what the stream has yet to write, and of all queued frames but the first."""
        self._stuck: asyncio.Future[None] | None = None
        self._has_ended = False
        self.place = Place()

    def begin(self, stream: IOStream) -> None:
        """Write to this stream from now on, first what has been queued."""
        self._stream, self._write = stream, stream.socket.send
        self.flush()

    def end(self) -> None:
        """Write what is due, if the client reads; what is sent from now on is dropped."""
        self.flush()
        self._drop()

    def offer(self, frame: bytes, mark: Mark | None = None) -> bool:
        """Have a frame written with this turn's; false when too much is unread already.

        A numbered event waits while the client is being told what it missed, and is told once.
        """
        if mark is None or self.place.follows(mark):
            return self._queue(frame)
        return self.place.keep(frame, mark)

    def _queue(self, frame: bytes) -> bool:
        frames = self._frames
        if frames:  # what is queued is due already, or waits for the stream
            if len(frames) >= MAX_FRAMES or self._bytes + len(frame) > MAX_BYTES:
                return False
            frames.append(frame)
            self._bytes += len(frame)
        elif not self._has_ended:
            frames.append(frame)
            if self._stuck is None:
                self._turn.add(self)
        return True

    def flush(self) -> None:
        """Write everything queued in one piece, unless the client has yet to read what was written before."""
        frames, stream = self._frames, self._stream
        if not frames or stream is None or self._stuck is not None:
            return
        if len(frames) == 1:
            data = frames.pop()
        else:
            data, self._bytes = b"".join(frames), 0
            frames.clear()
        try:
            # What Tornado has yet to write, a pong for instance, comes first.
            sent = 0 if stream.writing() else self._write(data)
        except OSError:
            sent = 0  # full; or failed or closed, which the stream finds out
        if sent < len(data):
            self._wait(stream, data[sent:])

    async def drained(self) -> None:
        """Return once the client has been sent everything, or is gone."""
        self.flush()
        while self._stuck is not None:
            await asyncio.wait({self._stuck})

    def _wait(self, stream: IOStream, rest: bytes) -> None:
        """Let the stream write what the kernel did not take; what follows is queued until it has."""
        try:
            written = stream.write(rest)
        except StreamClosedError:
            self._drop()
            return
        size = len(rest)
        self._stuck = written
        self._bytes += size
        metrics.QUEUED_BYTES.inc(size)
        written.add_done_callback(partial(self._written, size))

    def _written(self, size: int, done: "asyncio.Future[None]") -> None:
        self._stuck = None
        self._bytes -= size
        metrics.QUEUED_BYTES.dec(size)
        if done.cancelled() or done.exception() is not None:
            self._drop()
        else:
            self.flush()

    def _drop(self) -> None:
        self._has_ended = True
        self._stream = None
        self._frames.clear()
