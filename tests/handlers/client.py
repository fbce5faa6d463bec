"""An HTTP client of a marketplace under test, and accounts to call it with."""

from dataclasses import dataclass
from json import dumps
from typing import Any
from urllib.parse import urlencode

import orjson
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from server import clock
from server.domain.entities import User
from server.market import Market


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, parsed body and headers of an answer; `json` is None when the body is a picture or a page."""

    status: int
    json: Any
    headers: Any


class Api:
    """Calls one marketplace over real HTTP."""

    def __init__(self, port: int, market: Market, prefix: str = "") -> None:
        self.port, self.market, self.prefix = port, market, prefix
        self.base_url = f"http://localhost:{port}{prefix}"
        self._http = AsyncHTTPClient(force_instance=True, defaults={"request_timeout": 60})
        self._http.configure(None, max_clients=1000)
        self._opened: list[WebSocketClientConnection] = []

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        raw: bytes | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Reply:
        """Send one request; nothing is checked."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        content = raw if raw is not None else (None if json is None else dumps(json).encode())
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        elif method in ("POST", "PATCH", "PUT"):
            content = b""
        url = self.base_url + path + (f"?{urlencode(query)}" if query else "")
        request = HTTPRequest(url, method, sent, content, allow_nonstandard_methods=True)
        answer = await self._http.fetch(request, raise_error=False)
        is_json = answer.headers.get("Content-Type") == "application/json"
        return Reply(answer.code, orjson.loads(answer.body) if is_json else None, answer.headers)

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.call("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Reply:
        return await self.call("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> Reply:
        return await self.call("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Reply:
        return await self.call("DELETE", path, **options)

    async def listen(self, path: str, token: str) -> WebSocketClientConnection:
        """Open a socket with the token in the query, as documented."""
        return await self.connect(f"ws://localhost:{self.port}{self.prefix}{path}?token={token}")

    async def connect(self, to: str | HTTPRequest, **options: Any) -> WebSocketClientConnection:
        """Open a socket that is closed with the client."""
        connection = await websocket_connect(to, **options)
        self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Close what is still open."""
        for connection in self._opened:
            connection.close()
        self._http.close()

    async def account(self, username: str, role: str, **fields: Any) -> "Account":
        """Make an account and sign it in, past the rate limits and the password."""
        user = User(
            id=await self.market.stores.ids.next("users"),
            username=username,
            email=f"{username}@example.com",
            role=role,
            created_at=clock.now(),
            is_verified=True,
            **fields,
        )
        await self.market.stores.users.insert(user)
        pair = await self.market.tokens.issue(user)
        return Account(user.id, pair.access, pair.refresh)


async def heard(socket: WebSocketClientConnection, kind: str) -> Any:
    """Read a socket until a message of a kind comes, and give it.

    What happened before the socket was opened is announced after its commit, and may be heard first.
    """
    while True:
        message = await socket.read_message()
        assert message is not None, f"the socket closed before {kind}"
        content = orjson.loads(message)
        if content["type"] == kind:
            return content


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who is signed in."""

    id: int
    token: str
    refresh: str
