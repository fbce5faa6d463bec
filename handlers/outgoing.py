"""What is on its way to one client. A client that reads costs one write a frame and no queue at all."""

import asyncio

from tornado.iostream import IOStream, StreamClosedError

MAX_FRAMES = 500
MAX_BYTES = 512 * 1024


class Outgoing:
    """Frames in order: written at once while the client reads, queued, within bounds, while it does not."""

    __slots__ = ("_bytes", "_frames", "_has_ended", "_is_writing", "_stream")

    def __init__(self) -> None:
        self._stream: IOStream | None = None
        self._frames: list[bytes] = []
        self._bytes = 0
        self._is_writing = False
        self._has_ended = False

    def begin(self, stream: IOStream) -> None:
        """Write to this stream from now on, first what has been queued."""
        self._stream = stream
        self._flush()

    def end(self) -> None:
        """Write and keep nothing more: what is sent from now on is dropped."""
        self._has_ended = True
        self._stream = None
        self._frames.clear()

    def send(self, frame: bytes) -> bool:
        """Write or queue a frame; false when too much is unread already."""
        if self._has_ended:
            return True
        if len(self._frames) >= MAX_FRAMES or self._bytes + len(frame) > MAX_BYTES:
            return False
        self._frames.append(frame)
        self._bytes += len(frame)
        if not self._is_writing:
            self._flush()
        return True

    def _flush(self) -> None:
        """Write everything queued in one piece; the rest of the work is done when the kernel has taken it."""
        if self._stream is None or not self._frames:
            return
        data = self._frames[0] if len(self._frames) == 1 else b"".join(self._frames)
        self._frames.clear()
        try:
            written = self._stream.write(data)
        except StreamClosedError:
            self.end()
            return
        if written.done():
            self._bytes -= len(data)
        else:
            self._is_writing = True
            written.add_done_callback(lambda done: self._written(done, len(data)))

    def _written(self, done: "asyncio.Future[None]", size: int) -> None:
        self._is_writing = False
        if done.cancelled() or done.exception() is not None:
            self.end()
            return
        self._bytes -= size
        self._flush()
