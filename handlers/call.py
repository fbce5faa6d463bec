"""What a row's coroutine is handed, and where a request came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.parties import Caller
from server.errors import Unauthenticated
from server.market import Market


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from.

    address  : the client's IP address, behind trusted proxies the one they forward
    base_url : scheme and host as the client wrote them, with the mount: "http://localhost:8000/alist"
    path     : the documented path, without the mount
    """

    address: str
    request_id: str
    base_url: str
    path: str
    arguments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whom something is shown to: addresses of files and marks of reading depend on it.

    base_url : as an Origin's
    user_id  : None for a visitor, and for several people at once
    """

    base_url: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and checked: `query` and `body` are the row's models, `path` its placeholders."""

    market: Market
    visitor: Caller | None
    path: Mapping[str, Any]
    query: Any
    body: Any
    origin: Origin
    key: str | None = None
    """The Idempotency-Key, when one was sent."""
    raw: bytes = b""
    """The body as it came, for what is signed over its bytes."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    @property
    def caller(self) -> Caller:
        """The signed-in user; rows with roles always have one."""
        if self.visitor is None:
            raise Unauthenticated()
        return self.visitor

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.origin.base_url, self.visitor.user_id if self.visitor else None)
