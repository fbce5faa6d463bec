"""A process's HTTP server: faces compiled for their markets, mounted, listening."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tornado.netutil import bind_sockets

from handlers.front import Front, Policy, Served, find_socket
from handlers.mount import Mount
from handlers.pages import Pages
from handlers.route import Face
from handlers.sockets import socket_application
from handlers.upgrading import Upgrades
from server.market import Market
from server.settings import Settings, SettingsError

DRAIN_SECONDS = 10.0
"""How long requests in flight may take to finish when the server stops."""

BACKLOG = 4096
"""Connections that may wait to be accepted: a whole city opens its app after a push message."""


def build(
    faces: Sequence[Face], markets: Mapping[str, Market], settings: Settings, embedded: dict[str, bool]
) -> Front:
    """Compile faces and mount them; raises WrongTable naming a row."""
    served = {face.marketplace.name: Served.compile(face, markets[face.marketplace.name]) for face in faces}
    hosts = {host: name for name, host in settings.marketplace_hosts.items()}
    mount = Mount(served, settings.default_marketplace, hosts)
    policy = Policy(
        frozenset(settings.cors_origins),
        frozenset(settings.trusted_proxies),
        shows_details=settings.environment != "production",
    )
    upgrades = Upgrades(socket_application(partial(find_socket, mount)))
    return Front(mount, upgrades, Pages(markets[settings.default_marketplace], embedded), policy)


def bound(host: str, port: int, processes: int = 1) -> list[list[socket.socket]]:
    """Give the sockets that listen on an address, a list for each process that shall share it.

    raises : SettingsError when the address cannot be had
    """
    try:
        first = bind_sockets(port, host, backlog=BACKLOG)
        if processes == 1:
            return [first]
        # A port that can be had like this is nobody's; one that is shared tells no stranger from a sharer.
        port = int(first[0].getsockname()[1])
        for one in first:
            one.close()
        return [bind_sockets(port, host, backlog=BACKLOG, reuse_port=True) for _ in range(processes)]
    except OSError as taken:
        raise SettingsError(f"PORT: cannot listen on {host}:{port}: {taken.strerror}") from taken


@asynccontextmanager
async def listening(front: Front, host: str, port: int) -> AsyncIterator[int]:
    """Serve on an address and give the port; at the end finish what is in flight and close.

    raises : SettingsError when the address cannot be had
    """
    [sockets] = bound(host, port)
    async with listening_on(front, sockets) as listens:
        yield listens


@asynccontextmanager
async def listening_on(front: Front, sockets: Sequence[socket.socket]) -> AsyncIterator[int]:
    """Serve on listening sockets and give their port; at the end finish what is in flight and close."""
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(front.connection, sock=one, backlog=BACKLOG) for one in sockets]
    sweeping = loop.create_task(front.sweep())
    try:
        yield sockets[0].getsockname()[1]
    finally:
        for server in servers:
            server.close()
        await front.drain(DRAIN_SECONDS)
        sweeping.cancel()
        for served in front.mount.all():
            served.market.hub.close_all()
        await asyncio.wait_for(front.upgrades.close(), DRAIN_SECONDS)
