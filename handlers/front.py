"""HTTP on Tornado's connection interface: one Exchange a request, no RequestHandler.

An Exchange resolves mount and row when the headers are in, so that size limits and uploads are the
row's; the body of any other request is collected, bounded, and the operation answers. WebSocket upgrades
are handed to Tornado's application.
"""

import asyncio
import http.client
import sys
import time
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import orjson
import structlog
from tornado import httputil
from tornado.web import Application

from handlers.call import Origin
from handlers.mount import Mount
from handlers.operation import Answer, Operation, Request
from handlers.pages import Pages
from handlers.paths import PathTable
from handlers.reading import query_arguments
from handlers.route import JSON_LIMIT_BYTES, Face, SocketRoute
from handlers.sockets import Found, is_handshake, may_connect
from handlers.uploads import Upload
from server import metrics
from server.errors import Forbidden, Malformed, MarketError, NotAllowed, NotFound, TooLarge
from server.market import Market
from server.store.database import refusal_of

log = structlog.get_logger("http")

DISCARD_LIMIT_BYTES = 64 * 1024 * 1024
"""A body up to this size is read to its end before it is refused, so that the client hears the refusal; a
larger one is refused at once and the connection closed."""

REASONS = http.client.responses


class Head(dict[str, str]):
    """Response headers: what a connection asks of HTTPHeaders, without normalising names that we wrote."""

    get_all = dict.items


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


class Front(httputil.HTTPServerConnectionDelegate):
    """Hands every request to an Exchange and knows which are in flight."""

    def __init__(self, mount: Mount[Served], sockets: Application, pages: Pages, policy: Policy) -> None:
        self.mount, self.sockets, self.pages, self.policy = mount, sockets, pages, policy
        self.in_flight: set[asyncio.Task[None]] = set()
        self._count = 0
        self._prefix = f"{time.time_ns() // 1_000_000:x}"

    def start_request(
        self, server_conn: object, request_conn: httputil.HTTPConnection
    ) -> httputil.HTTPMessageDelegate:
        return Exchange(self, server_conn, request_conn)

    def next_request_id(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count:x}"

    def spawn(self, work: Awaitable[None]) -> None:
        """Run `work` and hold on to it until it ends."""
        task = asyncio.ensure_future(work)
        self.in_flight.add(task)
        task.add_done_callback(self.in_flight.discard)

    async def drain(self, timeout_seconds: float) -> None:
        """Wait until the requests in flight are answered, for so long at most."""
        if self.in_flight:
            await asyncio.wait(set(self.in_flight), timeout=timeout_seconds)


class Exchange(httputil.HTTPMessageDelegate):
    """One request and its answer."""

    def __init__(self, front: Front, server_conn: object, connection: Any) -> None:
        self._front, self._server_conn, self._connection = front, server_conn, connection
        self._upgrade: httputil.HTTPMessageDelegate | None = None
        self._refusal: MarketError | None = None
        self._operation: Operation | None = None
        self._upload: Upload | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._gone = False
        self._started = time.perf_counter()

    def headers_received(
        self,
        start_line: httputil.RequestStartLine | httputil.ResponseStartLine,
        headers: httputil.HTTPHeaders,
    ) -> Awaitable[None] | None:
        start_line = cast(httputil.RequestStartLine, start_line)
        self._method, self._headers = start_line.method, headers
        path, _, query = start_line.path.partition("?")
        host = headers.get("Host", "localhost")
        self._served, mounted, self._path = self._front.mount.resolve(host, path)
        self._host, self._mounted = host, mounted
        if is_handshake(start_line.method, headers):
            if may_connect(headers, host, self._front.policy.cors_origins):
                self._upgrade = self._front.sockets.start_request(self._server_conn, self._connection)
                return self._upgrade.headers_received(start_line, headers)
            self._refusal = Forbidden("Pages of this origin may not connect.")
            return None
        # Sizes are checked here: what the connection refuses by itself gets an answer without a body.
        self._connection.set_max_body_size(sys.maxsize)
        try:
            self._arguments = query_arguments(query)
            self._operation, self._values = self._find()
        except MarketError as refusal:
            self._refusal = refusal
        if self._declares_too_much():
            return self._refuse_at_once()
        if self._operation is not None and self._operation.route.uploads and self._refusal is None:
            return self._admit_upload(self._operation)
        return None

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if self._upgrade is not None:
            return self._upgrade.data_received(chunk)
        self._size += len(chunk)
        if self._size > DISCARD_LIMIT_BYTES:
            return self._refuse_at_once()
        if self._refusal is not None:
            return None
        try:
            if self._upload is not None:
                self._upload.feed(chunk)
            elif self._size > JSON_LIMIT_BYTES:
                raise TooLarge(limit_bytes=JSON_LIMIT_BYTES)
            else:
                self._chunks.append(chunk)
        except MarketError as refusal:
            self._refusal = refusal
        return None

    def finish(self) -> None:
        if self._upgrade is not None:
            self._upgrade.finish()
        else:
            self._front.spawn(self._respond())

    def on_connection_close(self) -> None:
        """The client is gone: what has begun is carried out, its answer is dropped."""
        self._gone = True
        if self._upgrade is not None:
            self._upgrade.on_connection_close()
        if self._upload is not None:
            self._upload.discard()

    def _find(self) -> tuple[Operation, Mapping[str, Any]]:
        path = self._path
        if "%" in path:
            try:
                path = unquote_to_bytes(path).decode()
            except UnicodeDecodeError as wrong:
                raise Malformed("The path could not be read.") from wrong
        found = self._served.paths.find(path)
        if found is None:
            raise NotFound()
        operations, values = found
        method = "GET" if self._method == "HEAD" else self._method
        operation = operations.get(method)
        if operation is None:
            raise NotAllowed(f'Method "{method}" not allowed.', method=method, allowed=sorted(operations))
        return operation, values

    def _declares_too_much(self) -> bool:
        declared = self._headers.get("Content-Length", "")
        # Fifteen digits decide; converting thousands of them would raise.
        return declared.isdecimal() and int(declared[:15]) > DISCARD_LIMIT_BYTES

    async def _refuse_at_once(self) -> None:
        """Answer without the rest of the body."""
        self._refusal = self._refusal or TooLarge(limit_bytes=DISCARD_LIMIT_BYTES)
        await self._respond(close=True)

    async def _admit_upload(self, operation: Operation) -> None:
        """Know the caller before a byte of their file is kept."""
        try:
            await operation.caller(self._headers.get("Authorization", ""))
            self._upload = Upload(self._headers.get("Content-Type", ""), operation.route.uploads)
        except MarketError as refusal:
            self._refusal = refusal

    async def _respond(self, close: bool = False) -> None:
        request_id = self._front.next_request_id()
        error = ""
        try:
            answer = await self._answer(request_id)
        except MarketError as refusal:
            answer = self._spelled(refusal)
            error = type(refusal).__name__
        except Exception as fault:
            error = type(fault).__name__
            away = refusal_of(fault)
            answer = self._spelled(away) if away else self._unexpected(fault, request_id)
        finally:
            if self._upload is not None:
                self._upload.discard()
        self._write(answer, request_id, close)
        self._record(answer, request_id, error)

    def _unexpected(self, fault: Exception, request_id: str) -> Answer:
        """Log a fault of ours, and tell the client no more than the policy allows."""
        log.exception("request failed", request_id=request_id, path=self._path)
        details = f"{type(fault).__name__}: {fault}" if self._front.policy.shows_details else request_id
        return Answer(500, orjson.dumps(self._served.face.unexpected(details)))

    async def _answer(self, request_id: str) -> Answer:
        if self._method == "OPTIONS":
            return Answer(204, b"")
        if isinstance(self._refusal, NotFound) and self._method in ("GET", "HEAD"):
            page = await self._front.pages.answer(self._path)
            if page is not None:
                return page
        if self._refusal is not None:
            raise self._refusal
        if self._operation is None:
            raise NotFound()
        if self._upload is not None:
            self._upload.close()
        headers = self._headers
        request = Request(
            origin=self._origin(request_id),
            path=self._values,
            authorization=headers.get("Authorization", ""),
            content_type=headers.get("Content-Type", ""),
            key=headers.get("Idempotency-Key"),
            raw=b"".join(self._chunks),
            upload=self._upload,
        )
        return await self._operation.answer(request)

    def _origin(self, request_id: str) -> Origin:
        address, scheme = self._connection.context.remote_ip, self._connection.context.protocol
        if address in self._front.policy.trusted_proxies:
            forwarded = self._headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
            address = forwarded or address
            scheme = "https" if self._headers.get("X-Forwarded-Proto", scheme) == "https" else "http"
        base_url = f"{scheme}://{self._host}{self._mounted}"
        return Origin(address, request_id, base_url, self._path, self._arguments)

    def _spelled(self, refusal: MarketError) -> Answer:
        status, body = self._served.face.spell(refusal)
        extra: dict[str, str] = {}
        if isinstance(refusal, NotAllowed):
            extra["Allow"] = ", ".join(refusal.facts["allowed"])
        if "retry_after_seconds" in refusal.facts:
            extra["Retry-After"] = str(refusal.facts["retry_after_seconds"])
        if status == 401:
            extra["WWW-Authenticate"] = "Bearer"
        return Answer(status, orjson.dumps(body), extra)

    def _write(self, answer: Answer, request_id: str, close: bool) -> None:
        if self._gone:
            return
        headers = cast(httputil.HTTPHeaders, Head(self._header_rows(answer, request_id, close)))
        line = httputil.ResponseStartLine("HTTP/1.1", answer.status, REASONS.get(answer.status, "Unknown"))
        body = b"" if self._method == "HEAD" else answer.body
        # The future's failure is the client's absence, which is no news to anybody.
        written = self._connection.write_headers(line, headers, body)
        if not written.done():
            written.add_done_callback(lambda done: done.exception())
        self._connection.finish()

    def _header_rows(self, answer: Answer, request_id: str, close: bool) -> Iterable[tuple[str, str]]:
        if answer.status != 204:
            yield "Content-Type", answer.headers.get("Content-Type", "application/json")
            yield "Content-Length", str(len(answer.body))
        yield "X-Request-ID", request_id
        yield "X-Content-Type-Options", "nosniff"
        yield "Cache-Control", "no-store"
        for name, value in answer.headers.items():
            if name != "Content-Type":
                yield name, value
        if close:
            yield "Connection", "close"
        origin = self._headers.get("Origin")
        if origin and origin in self._front.policy.cors_origins:
            yield "Access-Control-Allow-Origin", origin
            yield "Vary", "Origin"
            if self._method == "OPTIONS":
                yield "Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"
                yield "Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key"
                yield "Access-Control-Max-Age", "600"

    def _record(self, answer: Answer, request_id: str, error: str) -> None:
        seconds = time.perf_counter() - self._started
        row = self._operation.route.name if self._operation else "none"
        market = self._served.face.marketplace.name
        metrics.requests(market, row, str(answer.status)).inc()
        metrics.request_seconds(market, row).observe(seconds)
        log.info(
            "request",
            request_id=request_id,
            market=market,
            route=row,
            status=answer.status,
            ms=round(seconds * 1000, 2),
            **({"error": error} if error else {}),
        )
