"""What a WebSocket's handshake asks for: which row, as whom, and from which event on.

The token comes as `?token=`, in an `Authorization` header, or as the subprotocol after "bearer".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

from handlers.call import Origin
from handlers.route import Face, SocketRoute
from server.errors import Malformed, Unauthenticated
from server.market import Market
from server.realtime.numbering import Mark

BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class Found:
    """A socket's row, whose it is, its placeholders' values and the mount it was found behind."""

    face: Face
    market: Market
    route: SocketRoute
    values: Mapping[str, Any]
    mounted: str


Finder = Callable[[str, str], Found | None]
"""(host, path) -> the row, None when no socket has this path."""


def is_handshake(method: str, headers: Mapping[str, str]) -> bool:
    """Say whether a request asks for a WebSocket; any other goes the way of all requests.

    headers : names in lower case
    """
    if method != "GET" or headers.get("upgrade", "").lower() != "websocket":
        return False
    return "upgrade" in {part.strip().lower() for part in headers.get("connection", "").split(",")}


def may_connect(headers: Mapping[str, str], host: str, allowed: frozenset[str]) -> bool:
    """Say whether the page may: one of this host or an allowed origin. Only browsers send an origin.

    headers : names in lower case
    """
    origin = headers.get("origin")
    return origin is None or origin in allowed or urlsplit(origin).netloc.lower() == host.lower()


def argument(request: HTTPServerRequest, name: str) -> str | None:
    """Give the last value of a key of the query, None when it is not there."""
    values = request.query_arguments.get(name)
    return values[-1].decode(errors="replace") if values else None


def token_of(request: HTTPServerRequest, face: Face) -> str:
    """Give the first token that was sent (query, header, subprotocol); raises Unauthenticated."""
    headers = request.headers
    offered = [part.strip() for part in headers.get("Sec-WebSocket-Protocol", "").split(",")]
    authorization = headers.get("Authorization")
    by_header = face.read_token(authorization) if authorization else None
    token = argument(request, "token") or by_header
    if not token and BEARER in offered:
        token = next((part for part in offered if part != BEARER), "")
    if not token:
        raise Unauthenticated()
    return token


def since_of(request: HTTPServerRequest) -> Mark | None:
    """Give the last event that the client has, `?since=<seq>&epoch=<epoch>`; None when it does not ask.

    raises : Malformed for a number that is none
    """
    since = argument(request, "since")
    if since is None:
        return None
    if not since.isascii() or not since.isdigit() or len(since) > 15:
        raise Malformed("since must be the seq of an event of this socket.")
    return Mark(argument(request, "epoch") or "", int(since))


def origin_of(request: HTTPServerRequest, found: Found) -> Origin:
    """Give where a handshake came from."""
    base_url = f"{request.protocol}://{request.host}{found.mounted}"
    path = request.path.removeprefix(found.mounted)
    return Origin(request.remote_ip or "", "", base_url, path, {})
