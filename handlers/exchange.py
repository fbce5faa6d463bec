"""One request and its answer.

Mount and row are resolved when the headers are in, so that size limits and uploads are the row's. The body
is collected, bounded, or streamed to disk; then the operation answers, and every answer is the face's JSON.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import orjson
import structlog

from handlers.answering import head_of
from handlers.call import Origin
from handlers.cross_origin import cross_origin_headers
from handlers.handshake import check_handshake, is_handshake
from handlers.operation import Answer, Operation, Request
from handlers.reading import query_arguments
from handlers.route import JSON_LIMIT_BYTES
from handlers.target import read_host, read_target
from handlers.uploads import Upload
from server import metrics
from server.errors import Malformed, MarketError, NotAllowed, NotFound, TooLarge
from server.store.database import refusal_of

if TYPE_CHECKING:
    from handlers.connection import Connection
    from handlers.front import Front

log = structlog.get_logger("http")

DISCARD_LIMIT_BYTES = 64 * 1024 * 1024
"""A body up to this size is read to its end before it is refused, so that the client hears the refusal; a
larger one is refused at once and the connection closed."""

Headers = dict[str, str]
"""Names in lower case; a repeated header's values are joined by commas."""


class Exchange:
    """Made of a request's head; `begin`, `feed` and `answer` follow in this order."""

    def __init__(
        self,
        front: "Front",
        connection: "Connection",
        method: str,
        target: bytes,
        headers: Headers,
        upgrades: bool = False,
    ) -> None:
        """target : the request line's, usually a path with its query
        upgrades : whether the parser stops behind the head, as another protocol is asked for
        """
        self._front, self._connection = front, connection
        self._method, self._headers = method, headers
        self.refusal: MarketError | None = None
        self.keep_alive = True
        self.version = "1.1"
        self._operation: Operation | None = None
        self._upload: Upload | None = None
        self._is_lost = False
        self._admission: asyncio.Task[None] | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._started = time.perf_counter()
        path, query, self._host = "/", "", "localhost"
        try:
            path, query = read_target(target)
            self._host = read_host(headers)
        except Malformed as refusal:
            self.refusal = refusal
        self._served, self._mounted, self._path = front.mount.resolve(self._host, path)
        self.is_handshake = False
        try:
            if upgrades and self.refusal is None and is_handshake(method, headers):
                check_handshake(headers, self._host, front.policy.cors_origins)
                self.is_handshake = True
            self._arguments = query_arguments(query)
            self._operation, self._values = self._find()
        except MarketError as refusal:
            self.refusal = self.refusal or refusal

    def begin(self) -> None:
        """Refuse what is declared too large; know the caller before a byte of their file is kept."""
        declared = self._headers.get("content-length", "")
        # Fifteen digits decide; converting thousands of them would raise.
        if declared.isdecimal() and int(declared[:15]) > DISCARD_LIMIT_BYTES:
            self._refuse_rest()
        elif self._operation is not None and self._takes_upload(self._operation):
            self._connection.hold_reading()
            self._admission = self._front.spawn(self._admit_upload(self._operation))

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the body."""
        self._size += len(chunk)
        if self._size > DISCARD_LIMIT_BYTES:
            self._refuse_rest()
        elif self.refusal is not None:
            return
        elif self._upload is not None:
            self._stream(chunk)
        elif self._admission is None and self._size > JSON_LIMIT_BYTES:
            self.refusal = TooLarge(limit_bytes=JSON_LIMIT_BYTES)
        else:  # while a caller is being admitted, this is what one read brought
            self._chunks.append(chunk)

    def answer(self) -> None:
        """Carry the row out and send its answer."""
        self._front.spawn(self._respond())

    def lost(self) -> None:
        """The client is gone: what has begun is carried out, its answer is dropped."""
        self._is_lost = True
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

    def _refuse_rest(self) -> None:
        self.refusal = self.refusal or TooLarge(limit_bytes=DISCARD_LIMIT_BYTES)
        self._connection.refuse_rest(self)

    def _takes_upload(self, operation: Operation) -> bool:
        """Say whether a form is coming; a body without files may as well be JSON."""
        is_json = self._headers.get("content-type", "").partition(";")[0].strip() == "application/json"
        return bool(operation.route.uploads) and self.refusal is None and not is_json

    async def _admit_upload(self, operation: Operation) -> None:
        try:
            caller = await operation.caller(self._headers.get("authorization", ""))
            self._upload = Upload(self._headers.get("content-type", ""), operation.route.uploads)
            if self._is_lost:
                self._upload.discard()
            elif caller is not None:
                market = self._served.face.marketplace.name
                self._upload.at_end = self._front.uploaders.enter(market, caller.user_id)
        except MarketError as refusal:
            self.refusal = refusal
        else:
            early, self._chunks = self._chunks, []
            for chunk in early:
                self._stream(chunk)
        finally:
            self._connection.go_on_reading()

    def _stream(self, chunk: bytes) -> None:
        try:
            if self._upload is not None and self.refusal is None:
                self._upload.feed(chunk)
        except MarketError as refusal:
            self.refusal = refusal

    async def _respond(self) -> None:
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
        cross_origin = cross_origin_headers(
            self._method, self._headers.get("origin"), self._front.policy.cors_origins, answer
        )
        head = head_of(answer, request_id, self._connection_header(), cross_origin)
        self._connection.send(self, head if self._method == "HEAD" else head + answer.body)
        self._record(answer, request_id, error)

    def _unexpected(self, fault: Exception, request_id: str) -> Answer:
        """Log a fault of ours, and tell the client no more than the policy allows.

        The row is logged, not the path, which may hold a mailed link's token.
        """
        row = self._operation.route.name if self._operation else "none"
        log.exception("request failed", request_id=request_id, route=row)
        details = f"{type(fault).__name__}: {fault}" if self._front.policy.shows_details else request_id
        return Answer(500, orjson.dumps(self._served.face.unexpected(details)))

    async def _answer(self, request_id: str) -> Answer:
        if self._admission is not None:
            await self._admission
        if self._method == "OPTIONS":
            return Answer(204, b"")
        if isinstance(self.refusal, NotFound) and self._method in ("GET", "HEAD"):
            page = await self._front.pages.answer(self._served.face, self._mounted, self._path)
            if page is not None:
                return page.unless_known(self._headers.get("if-none-match"))
        if self.refusal is not None:
            raise self.refusal
        if self._operation is None:
            raise NotFound()
        if self._upload is not None:
            self._upload.close()
        headers = self._headers
        request = Request(
            origin=self._origin(request_id),
            path=self._values,
            authorization=headers.get("authorization", ""),
            content_type=headers.get("content-type", ""),
            key=headers.get("idempotency-key"),
            headers=headers,
            raw=b"".join(self._chunks),
            upload=self._upload,
        )
        return await self._operation.answer(request)

    def _origin(self, request_id: str) -> Origin:
        address, scheme = self._front.policy.source(self._connection.remote_ip, self._headers)
        base_url = f"{scheme}://{self._host}{self._mounted}"
        return Origin(address, request_id, base_url, self._path, self._arguments)

    def _spelled(self, refusal: MarketError) -> Answer:
        status, body = self._served.face.spell(refusal)
        extra: dict[str, str] = {}
        if isinstance(refusal, NotAllowed):
            extra["Allow"] = ", ".join(refusal.facts["allowed"])
        if "retry_after_seconds" in refusal.facts:
            extra["Retry-After"] = str(refusal.facts["retry_after_seconds"])
        if "websocket_version" in refusal.facts:
            extra["Sec-WebSocket-Version"] = refusal.facts["websocket_version"]
        if status == 401:
            extra["WWW-Authenticate"] = "Bearer"
        return Answer(status, orjson.dumps(body), extra)

    def _connection_header(self) -> str:
        """Give what the client must be told of the connection, "" where its version's default holds."""
        if not self.keep_alive:
            return "Connection: close\r\n"
        return "Connection: keep-alive\r\n" if self.version == "1.0" else ""

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
