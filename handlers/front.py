"""HTTP for all marketplaces of a process: mounts, connections, and what every request needs.

connection  one client's TCP connection, read by httptools
exchange    one request on it: finds the row, collects the body, has the operation answer
upgrading   WebSocket handshakes, handed to Tornado
"""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from handlers.connection import Connection
from handlers.crowd import Crowd
from handlers.handshake import Found
from handlers.mount import Mount
from handlers.operation import Operation
from handlers.pages import Pages
from handlers.paths import PathTable
from handlers.route import Face, SocketRoute
from handlers.upgrading import Upgrades
from handlers.uploads import Uploaders
from server.market import Market

FAREWELL_SECONDS = 2.0
"""How long the last answers may take to be read when the server stops."""

SWEEP_SECONDS = 5.0
"""How often connections are looked at for being too slow."""


@dataclass(frozen=True)
class Served:
    """A face compiled for its market."""

    face: Face
    market: Market
    paths: PathTable[Mapping[str, Operation]]
    sockets: PathTable[SocketRoute]

    @classmethod
    def compile(cls, face: Face, market: Market) -> "Served":
        """Check the face's rows and compile them; raises WrongTable naming a row."""
        face.check()
        by_path: dict[str, dict[str, Operation]] = {}
        for route in face.routes:
            by_path.setdefault(route.path, {})[route.method] = Operation(route, face, market)
        sockets = PathTable((socket.path, socket) for socket in face.sockets)
        market.tokens.on_revoked(market.hub.close_session)
        return cls(face, market, PathTable(by_path.items()), sockets)


def find_socket(mount: Mount[Served], host: str, path: str) -> Found | None:
    """Give the row of a socket's path with its market and placeholders, None when there is none."""
    served, mounted, rest = mount.resolve(host, path)
    found = served.sockets.find(rest)
    return None if found is None else Found(served.face, served.market, *found, mounted)


@dataclass(frozen=True)
class Policy:
    """What the front needs of the settings."""

    cors_origins: frozenset[str] = frozenset()
    trusted_proxies: frozenset[str] = frozenset()
    shows_details: bool = True
    """Whether a 500 says what went wrong; never in production."""

    def source(self, peer: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """Give a client's address and scheme, which only a trusted proxy forwards.

        headers : names in lower case
        """
        if peer not in self.trusted_proxies:
            return peer, "http"
        forwarded = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        return forwarded or peer, "https" if headers.get("x-forwarded-proto") == "https" else "http"


class Front:
    """Knows every connection and every request in flight."""

    def __init__(self, mount: Mount[Served], upgrades: Upgrades, pages: Pages, policy: Policy) -> None:
        self.mount, self.upgrades, self.pages, self.policy = mount, upgrades, pages, policy
        self.crowd, self.uploaders = Crowd(), Uploaders()
        self._all_gone = asyncio.Event()
        self.in_flight: set[asyncio.Task[None]] = set()
        self.is_draining = False
        self._count = 0
        self._prefix = f"{time.time_ns() // 1_000_000:x}"

    def connection(self) -> Connection:
        """Give the protocol of a new connection."""
        return Connection(self)

    def next_request_id(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count:x}"

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` and hold on to it until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self.in_flight.add(task)
        task.add_done_callback(self.in_flight.discard)
        return task

    async def drain(self, timeout_seconds: float) -> None:
        """Close what is idle, let requests in flight be answered, for so long at most, then close all."""
        self.is_draining = True
        everybody = self.crowd.connections
        for connection in tuple(everybody):
            connection.shut()
        if self.in_flight:
            await asyncio.wait(set(self.in_flight), timeout=timeout_seconds)
        for connection in tuple(everybody):
            connection.transport.close()
        if everybody:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), FAREWELL_SECONDS)
        for connection in tuple(everybody):  # who does not read its last answer
            connection.transport.abort()

    def forget(self, connection: Connection) -> None:
        """Hear that a connection is gone."""
        self.crowd.leave(connection)
        if self.is_draining and not self.crowd.connections:
            self._all_gone.set()

    async def sweep(self) -> None:
        """Close connections that are too slow, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in [one for one in self.crowd.connections if one.patience.deadline < now]:
                connection.transport.abort()
