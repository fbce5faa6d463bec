"""A client of a running server: REST and sockets, nothing else. Every call is timed."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

RING_SECONDS = 5.0
"""How long an event may take to arrive before the day counts as spoilt."""


class Surprise(Exception):
    """Something differs from what the document promises."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, parsed body (None for what is not JSON), headers, body and milliseconds of an answer."""

    status: int
    json: Any
    headers: dict[str, str]
    body: bytes
    ms: float


@dataclass(frozen=True, slots=True)
class Form:
    """A body that is not JSON."""

    content: bytes
    content_type: str


@dataclass
class Timings:
    """Milliseconds by name of call."""

    by_name: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, ms: float) -> None:
        self.by_name[name].append(ms)


class Client:
    """Somebody at the marketplace."""

    def __init__(self, base_url: str, timings: Timings, name: str = "visitor") -> None:
        self.base_url, self.name, self.timings = base_url.rstrip("/"), name, timings
        self.token = ""
        self.user: dict[str, Any] = {}
        self._http = AsyncHTTPClient()

    async def sign_in(self, password: str) -> None:
        """Sign in under `name` and keep the token."""
        reply = await self.call("POST", "/auth/login/", 200, {"username": self.name, "password": password})
        self.token, self.user = reply.json["access"], reply.json["user"]

    async def get(self, path: str, expected: int = 200, /, **arguments: Any) -> Any:
        """GET and give the body; raises Surprise when the status is another."""
        query = f"?{urlencode(arguments)}" if arguments else ""
        return (await self.call("GET", path + query, expected)).json

    async def post(self, path: str, expected: int = 200, /, **body: Any) -> Any:
        """POST and give the body; raises Surprise when the status is another."""
        return (await self.call("POST", path, expected, body)).json

    async def call(self, method: str, path: str, status: int, body: Any = None) -> Reply:
        """Send one request and check its status."""
        reply = await self.ask(method, path, body)
        if reply.status != status:
            raise Surprise(f"{method} {path}: {reply.status} instead of {status}: {reply.json}")
        return reply

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        """Send one request and give the answer; `body` is a Form, or anything to be sent as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content: bytes | None = None
        if isinstance(body, Form):
            content, headers["Content-Type"] = body.content, body.content_type
        elif body is not None:
            content, headers["Content-Type"] = orjson.dumps(body), "application/json"
        elif method in ("POST", "PATCH", "PUT"):
            content = b""
        url = path if path.startswith("http") else self.base_url + path
        started = time.perf_counter()
        answer = await self._http.fetch(HTTPRequest(url, method, headers, content), raise_error=False)
        ms = (time.perf_counter() - started) * 1000
        self.timings.add(f"{method} {path.partition('?')[0]}", ms)
        is_json = "json" in answer.headers.get("Content-Type", "")
        parsed = orjson.loads(answer.body) if is_json and answer.body else None
        return Reply(answer.code, parsed, dict(answer.headers), answer.body or b"", ms)

    async def listen(self, path: str) -> "Socket":
        """Open a socket as this user."""
        url = f"ws{self.base_url.removeprefix('http')}{path}?token={self.token}"
        return Socket(await websocket_connect(url), f"{self.name} {path}")


class Socket:
    """An open socket that waits for events by type."""

    def __init__(self, connection: WebSocketClientConnection, name: str) -> None:
        self._connection, self.name = connection, name

    async def ring(self, kind: str, **facts: Any) -> dict[str, Any]:
        """Give the data of the next event of a type whose data has these facts.

        raises : Surprise when none comes in time or the socket closes
        """
        async with asyncio.timeout(RING_SECONDS):
            while True:
                frame = await self._connection.read_message()
                if frame is None:
                    raise Surprise(f"{self.name}: closed with {self._connection.close_code}")
                event = orjson.loads(frame)
                data = event["data"]
                if event["type"] == kind and all(data.get(name) == fact for name, fact in facts.items()):
                    return dict(data)

    def close(self) -> None:
        self._connection.close()
