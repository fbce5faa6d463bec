"""Everybody who is connected to a process over HTTP, and who has to go so that others can be served.

A connection costs a descriptor, of which the system gives so many, and the memory of an answer that its
client does not read. Either could be used up by one client.
"""

import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.connection import Connection

SHARE = 0.75
"""Of the descriptors; sockets, files and the database's connections need the others."""

SHED = 0.05
"""So many go at once: looking for them takes milliseconds."""

MOST_UNREAD_BYTES = 256 * 1024 * 1024
"""Answers that wait to be read, of all clients together."""


def take_descriptors() -> int:
    """Have the system give this process as many descriptors as it will, and give how many.

    A shell's usual 1,024 are used up by one client's script.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Crowd:
    """Who has been waited for longest goes first, be it for a request or to read an answer."""

    def __init__(self, most: int | None = None) -> None:
        """most : connections that are kept; None: a share of the descriptors there are"""
        self._most = most or int(resource.getrlimit(resource.RLIMIT_NOFILE)[0] * SHARE)
        self.connections: set[Connection] = set()
        self._unread: dict[Connection, None] = {}

    def join(self, connection: "Connection") -> None:
        """Know a new connection; where there are too many, some close that have been waited for longest.

        Nobody closes for whom something is done; who idles or dawdles has been waited for longer than who
        has just come.
        """
        self.connections.add(connection)
        if len(self.connections) > self._most:
            others = [one for one in self.connections if one is not connection and not one.is_at_work]
            others.sort(key=lambda one: one.patience.since)
            for one in others[: 1 + int(self._most * SHED)]:
                one.transport.abort()

    def leave(self, connection: "Connection") -> None:
        self.connections.discard(connection)
        self._unread.pop(connection, None)

    def stuck(self, connection: "Connection") -> None:
        """Hear that a client has yet to read what it is sent; where that is too much, the oldest close."""
        self._unread.setdefault(connection)
        sizes = {one: one.transport.get_write_buffer_size() for one in self._unread}
        total = sum(sizes.values())
        for one, size in sizes.items():
            if total <= MOST_UNREAD_BYTES or one is connection:
                return
            total -= size
            del self._unread[one]
            one.transport.abort()

    def flowing(self, connection: "Connection") -> None:
        """Hear that a client has read."""
        self._unread.pop(connection, None)
