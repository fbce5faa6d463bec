"""Rows of facts: a Route is an endpoint, a Face is a marketplace's spelling. Checked at start."""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from handlers.call import Call, Viewer
from server.domain.events import Event
from server.domain.marketplace import Marketplace
from server.errors import MarketError, WrongTable

PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")
CONVERTERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "int": (r"0*[1-9][0-9]{0,14}", int),
    "uuid": (r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str.lower),
    "text": (r"[^/]{1,500}", str),
    "key": (r"[a-z]+(?:/[0-9a-z_]+){1,6}\.[a-z]{1,5}", str),
}
"""What a placeholder may look like; anything else in its place is a path that does not exist."""

TOPIC = (str, type(None), str | None)
"""What a socket's `join` may say that it gives."""

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
JSON_LIMIT_BYTES = 256 * 1024
"""The largest documented JSON body is under 2 KiB; this leaves room for long notes."""


@dataclass(frozen=True)
class Route:
    """One endpoint.

    method, path : "{id:int}", "{id:uuid}", "{name}" are placeholders, handed over converted
    call         : coroutine function of a Call; what it returns is dumped through `reply`
    roles        : roles that may call it; or `public=True`
    query, body  : pydantic models; unknown query keys are ignored, unknown body keys refused
    uploads      : names of file fields of a multipart body, streamed to disk, with their limits in bytes
    reply        : type the answer is dumped through: a model reads attributes or keys, a TypedDict takes the
                   dictionary as it is; None sends what `call` returns
    """

    method: str
    path: str
    call: Callable[[Call], Awaitable[Any]]
    roles: frozenset[str] = frozenset()
    public: bool = False
    query: type | None = None
    body: type | None = None
    uploads: Mapping[str, int] = field(default_factory=dict)
    reply: Any = None
    status: int = 200

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def check(self, known_roles: frozenset[str]) -> None:
        """Raise WrongTable, naming this row, when its facts contradict each other."""
        faults = [
            (self.method not in METHODS, f"unknown method {self.method!r}"),
            (not self.path.startswith("/"), "the path does not begin with a slash"),
            (bool(self.roles) == self.public, "needs either roles or public=True"),
            (not self.roles <= known_roles, f"unknown roles {sorted(self.roles - known_roles)}"),
            (not inspect.iscoroutinefunction(self.call), "its call is no coroutine function"),
            (self.body is not None and self.method in ("GET", "DELETE"), "has a body"),
            (bool(self.uploads) and self.body is None, "uploads need a body model"),
            (
                any(kind not in ("", *CONVERTERS) for _, kind in PLACEHOLDER.findall(self.path)),
                "unknown placeholder kind",
            ),
        ]
        for wrong, why in faults:
            if wrong:
                raise WrongTable(f"route {self.name}: {why}")


@dataclass(frozen=True)
class SocketRoute:
    """One WebSocket path.

    join    : coroutine function of a Call; gives the topic to listen on, None to hear of nothing, raises when
              the caller may not. One topic at most, since a client comes back with one number.
    spell   : a core event as this face's message, None when this socket does not speak of it
    state   : what changed with an event, told beside that message, and to clients that ask with `?updates=1`
              also without one; None: nothing
    greet   : coroutine function of a Call giving what a client is told first; None: nothing
    receive : coroutine function of a Call and a client's message, giving the answer; None: listen only
    """

    path: str
    join: Callable[[Call], Awaitable[str | None]]
    spell: Callable[[Event], dict[str, Any] | None]
    roles: frozenset[str]
    receive: Callable[[Call, Any], Awaitable[dict[str, Any] | None]] | None = None
    greet: Callable[[Call], Awaitable[list[dict[str, Any]]]] | None = None
    state: Callable[[Event, Viewer], dict[str, list[Any]]] | None = None

    def check(self, known_roles: frozenset[str]) -> None:
        """Raise WrongTable, naming this row, when its facts contradict each other."""
        if not self.path.startswith("/") or not inspect.iscoroutinefunction(self.join):
            raise WrongTable(f"socket {self.path}: wrong path or join")
        if get_type_hints(self.join).get("return") not in TOPIC:
            raise WrongTable(f"socket {self.path}: join must give one topic or None")
        if not self.roles or not self.roles <= known_roles:
            raise WrongTable(f"socket {self.path}: no roles, or unknown ones")


ErrorTable = Mapping[type[MarketError], tuple[int, Callable[[Any], dict[str, Any]]]]
"""Reason -> (status, body); the lookup walks the reason's ancestors."""


@dataclass(frozen=True)
class Face:
    """One marketplace's spelling.

    errors     : must word MarketError itself, so that every reason has a body
    read_token : the access token out of an Authorization header's value, None when there is none
    wrap       : the envelope of every successful answer; None sends it bare
    unexpected : the body of a 500
    title, about : what the documentation pages say of it
    aliases    : further paths of those pages: "/api/swagger" for "/docs"
    """

    marketplace: Marketplace
    routes: tuple[Route, ...]
    errors: ErrorTable
    read_token: Callable[[str], str | None]
    unexpected: Callable[[str], dict[str, Any]]
    title: str = ""
    about: str = ""
    sockets: tuple[SocketRoute, ...] = ()
    wrap: Callable[[Any], Any] | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise WrongTable, naming the row, when the tables cannot be served."""
        if MarketError not in self.errors:
            raise WrongTable(f"face {self.marketplace.name}: the error table does not word MarketError")
        seen: set[tuple[str, str]] = set()
        for route in self.routes:
            route.check(frozenset(self.marketplace.roles))
            shape = (route.method, PLACEHOLDER.sub("{}", route.path).rstrip("/"))
            if shape in seen:
                raise WrongTable(f"route {route.name}: another row claims the same path")
            seen.add(shape)
        for socket in self.sockets:
            socket.check(frozenset(self.marketplace.roles))

    def spell(self, error: MarketError) -> tuple[int, dict[str, Any]]:
        """Give the status and body of a reason."""
        for reason in type(error).__mro__:
            row = self.errors.get(reason)
            if row is not None:
                status, body = row
                return status, body(error)
        raise WrongTable(f"face {self.marketplace.name}: no row for {type(error).__name__}")
