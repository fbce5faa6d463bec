"""WebSocket handshakes: the socket leaves our connection and becomes one of Tornado's."""

import os
import socket
from collections.abc import Mapping
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream
from tornado.web import Application


class Replayed(IOStream):
    """A stream whose first bytes have been read already."""

    def __init__(self, client: socket.socket, first: bytes) -> None:
        self._first = first
        super().__init__(client)

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Give the bytes that were read before, then the socket's."""
        if not self._first:
            return super().read_from_fd(buf)
        size = min(len(buf), len(self._first))
        buf[:size], self._first = self._first[:size], self._first[size:]
        return size


class Upgrades:
    """Tornado's server for the sockets' application; it listens nowhere and is handed its clients."""

    def __init__(self, application: Application) -> None:
        self._server = HTTPServer(application)

    def take(self, descriptor: int, target: bytes, headers: Mapping[str, str], rest: bytes) -> None:
        """Serve the client of a file descriptor, which stays the caller's to close.

        headers : the handshake's; rest: what the client sent after them
        """
        client = socket.socket(fileno=os.dup(descriptor))
        client.setblocking(False)
        lines = [b"GET " + target + b" HTTP/1.1"]
        lines += [f"{name}: {value}".encode("latin-1") for name, value in headers.items()]
        stream = Replayed(client, b"\r\n".join([*lines, b"", b""]) + rest)
        address: Any = client.getpeername()
        self._server.handle_stream(stream, address)

    async def close(self) -> None:
        """Close every connection, for which the hub has said goodbye."""
        await self._server.close_all_connections()
