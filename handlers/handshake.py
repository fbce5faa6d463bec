"""What a WebSocket's handshake asks for: which row, as whom, and from which event on.

The token comes as `?token=`, in an `Authorization` header, or as the subprotocol after "bearer".
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tornado.httputil import HTTPServerRequest

from handlers.call import Origin
from handlers.route import Face, SocketRoute
from server.errors import Forbidden, Malformed, Unauthenticated
from server.market import Market
from server.realtime.numbering import Mark

BEARER = "bearer"
VERSION, KEY_BYTES = "13", 16
"""What RFC 6455 asks of a handshake (section 4.2.1)."""

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#]+)", re.IGNORECASE)
"""An origin as browsers write it (RFC 6454, 6.2), with its host and port."""


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
    """Say whether a request that asks for another protocol asks for a WebSocket.

    headers : names in lower case
    """
    return method == "GET" and headers.get("upgrade", "").lower() == "websocket"


def check_handshake(headers: Mapping[str, str], host: str, allowed: frozenset[str]) -> None:
    """Raise what speaks against handing a client to the WebSocket server, which answers good ones alone.

    A body would be read by a server that has no limits of ours.

    headers : names in lower case
    raises  : Forbidden for a page of a strange origin, Malformed
    """
    if not _may_connect(headers.get("origin"), host, allowed):
        raise Forbidden("Pages of this origin may not connect.")
    if "host" not in headers:
        raise Malformed("A WebSocket handshake names its host.")
    if "transfer-encoding" in headers or headers.get("content-length", "0") != "0":
        raise Malformed("A WebSocket handshake has no body.")
    if headers.get("sec-websocket-version") != VERSION:
        raise Malformed(f"The WebSocket version must be {VERSION}.", websocket_version=VERSION)
    if not _is_key(headers.get("sec-websocket-key", "")):
        raise Malformed("Sec-WebSocket-Key must be 16 bytes in Base64.")


def _may_connect(origin: str | None, host: str, allowed: frozenset[str]) -> bool:
    """Say whether the page may: one of this host or an allowed origin. Only browsers send an origin."""
    if origin is None or origin in allowed:
        return True
    of_page = _ORIGIN.fullmatch(origin)
    return of_page is not None and of_page[1].lower() == host.lower()


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key, validate=True)) == KEY_BYTES
    except (NotBase64, ValueError):
        return False


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
    """Give where a handshake came from; our own front says how, if not by plain HTTP."""
    scheme = request.headers.get("X-Forwarded-Proto", request.protocol)
    base_url = f"{scheme}://{request.host}{found.mounted}"
    path = request.path.removeprefix(found.mounted)
    return Origin(request.remote_ip or "", "", base_url, path, {})
