"""Until when a client is waited for: to ask, to finish what it has begun to say, and to read."""

from collections.abc import Callable

HEAD_SECONDS = 30.0
"""How long a request line and headers may take from their first byte on."""

BODY_SECONDS = 60.0
"""How long a body may pause."""

BODY_BYTES_A_SECOND = 1000.0
"""What a body brings at least, over its whole length: a byte a minute would keep a connection for ever."""

IDLE_SECONDS = 3600.0
"""How long a connection may wait for its next request; apps keep theirs open."""

READ_SECONDS = 300.0
"""How long a client may take to read what it was answered before more is done for it."""

FOREVER = float("inf")


class Patience:
    """One connection's. `deadline` is when it may be closed, in the time that `now` tells.

    since : from when on it has been waited for whatever it is that is waited for
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.since = now()
        self.deadline = self.since + IDLE_SECONDS
        self.head_bytes = 0
        """Of the head that is being read."""
        self._body_bytes = 0

    def head(self, size: int, is_answering: bool) -> None:
        """Hear more of a head. Who waits for an answer may take their time with the next request."""
        if self.head_bytes == 0 and not is_answering:
            self.since = self._now()
            self.deadline = self.since + HEAD_SECONDS
        self.head_bytes += size

    def body_begins(self) -> None:
        """Hear that a head is whole."""
        self.head_bytes = self._body_bytes = 0
        self.since = self._now()
        self.deadline = self.since + BODY_SECONDS

    def body(self, size: int) -> None:
        """Allow a body its next pause, unless the whole of it comes too slowly to be one."""
        self._body_bytes += size
        due = self.since + BODY_SECONDS + self._body_bytes / BODY_BYTES_A_SECOND
        self.deadline = min(self._now() + BODY_SECONDS, due)

    def answer_begins(self) -> None:
        """Wait however long we take ourselves."""
        self.deadline = FOREVER

    def answer_waits(self) -> None:
        """Give the client its time to read."""
        self.deadline = self._now() + READ_SECONDS

    def request_waits(self) -> None:
        """Give the client its time to ask again, or to finish what it has begun to ask."""
        self.since = self._now()
        self.deadline = self.since + (HEAD_SECONDS if self.head_bytes else IDLE_SECONDS)
