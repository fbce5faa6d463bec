"""The one WebSocket handler. A face supplies paths, who may join what, and how events are spelled.

The token comes as `?token=`, as `Authorization: Bearer`, or as the subprotocol after "bearer". It is checked
after the upgrade, because only then can a close code say what is wrong: 4001 unauthorised, 4003 forbidden,
4000 no such thing.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from handlers.call import Call, Origin
from handlers.route import SocketRoute
from server import clock
from server.domain.parties import Caller
from server.errors import Forbidden, MarketError, NotFound, TokenInvalid, Unauthenticated
from server.market import Market
from server.realtime.hub import UNAUTHORISED

log = structlog.get_logger("sockets")

NOT_FOUND, FORBIDDEN = 4000, 4003
MAX_MESSAGE_BYTES = 64 * 1024
PING_SECONDS = 25
PONG_SECONDS = 20
MAX_QUEUED_FRAMES = 500
MAX_QUEUED_BYTES = 512 * 1024
MESSAGES_PER_SECOND = 20
"""What a person and an app can say; a client beyond it is told and not listened to for the second."""

BEARER = "bearer"


Found = tuple[Market, SocketRoute, Mapping[str, Any]]
Finder = Callable[[str, str], Found | None]
"""(host, path) -> the market, the row and the path's values."""


class Socket(WebSocketHandler):
    """One client. Also the hub's Connection: frames are queued, one task writes them."""

    def initialize(self, find: Finder, origins: frozenset[str]) -> None:
        self._find, self._origins = find, origins
        self._queue: list[bytes] = []
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._expiry: object | None = None
        self._market: Market | None = None
        self._call: Call | None = None
        self._second, self._said = 0, 0
        self.session_id = ""

    def check_origin(self, origin: str) -> bool:
        """Let pages of this host and of the allowed origins connect; browsers alone send the header."""
        return origin in self._origins or urlsplit(origin).netloc == self.request.host

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return BEARER if BEARER in subprotocols else None

    def get_compression_options(self) -> None:
        """Compression costs 150 KB a connection and saves little on events of 300 bytes."""
        return

    async def open(self, *args: str, **kwargs: str) -> None:
        """Authenticate, join, and begin to write; closes with the code that says what was wrong."""
        try:
            await self._join()
        except Unauthenticated as refused:
            self.shut(UNAUTHORISED, refused.message)
        except Forbidden as refused:
            self.shut(FORBIDDEN, refused.message)
        except MarketError as refused:
            self.shut(NOT_FOUND, refused.message)

    async def on_message(self, message: str | bytes) -> None:
        """Answer a client's message where the row takes any; a bad one is told so and the socket lives."""
        if not self._may_speak():
            self._complain("Too many messages.")
            return
        try:
            content = orjson.loads(message)
        except orjson.JSONDecodeError:
            self._complain("The message is not valid JSON.")
            return
        route, call = self._route, self._call
        if route.receive is None or call is None or not isinstance(content, dict):
            self._complain("This message is not understood.")
            return
        try:
            answer = await route.receive(call, content)
        except MarketError as refused:
            self._complain(refused.message)
            return
        if answer is not None:
            self.offer(orjson.dumps(answer))

    def on_close(self) -> None:
        if self._market is not None:
            self._market.hub.leave(self)
        if self._writer is not None:
            self._writer.cancel()
        if self._expiry is not None:
            IOLoop.current().remove_timeout(self._expiry)

    def offer(self, frame: bytes) -> bool:
        """Queue a text frame; false when the client has too much unread."""
        if len(self._queue) >= MAX_QUEUED_FRAMES or self._queued_bytes + len(frame) > MAX_QUEUED_BYTES:
            return False
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._wake.set()
        return True

    def shut(self, code: int, reason: str) -> None:
        """Close with a code and hear nothing more; a client that does not answer is dropped."""
        if self._market is not None:
            self._market.hub.leave(self)
        self.close(code, reason)

    async def _join(self) -> None:
        found = self._find(self.request.host, self.request.path)
        if found is None:
            raise NotFound()
        market, route, values = found
        self._route: SocketRoute = route
        caller = await self._caller(market, route)
        self._call = Call(market, caller, values, None, None, self._origin())
        topics = await route.join(self._call)
        self.speller = route.spell
        self.session_id = caller.session_id
        self._market = market
        market.hub.join(self, topics)
        self._writer = asyncio.create_task(self._write())
        remaining = (caller.expires_at - clock.now()).total_seconds()
        self._expiry = IOLoop.current().call_later(remaining, self.shut, UNAUTHORISED, "token expired")

    async def _caller(self, market: Market, route: SocketRoute) -> Caller:
        token = self._token()
        if not token:
            raise Unauthenticated()
        caller = market.tokens.known(token) or await market.tokens.verify(token)
        if caller.role not in route.roles:
            raise Forbidden()
        return caller

    def _token(self) -> str:
        """Give the first token that was sent: query, header, subprotocol."""
        scheme, _, bearer = self.request.headers.get("Authorization", "").partition(" ")
        offered = [part.strip() for part in self.request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        by_protocol = next((part for part in offered if part and part != BEARER), "")
        by_header = bearer.strip() if scheme.lower() == BEARER else ""
        try:
            by_query = self.get_query_argument("token", "")
        except Exception as undecodable:
            raise TokenInvalid() from undecodable
        return by_query or by_header or by_protocol

    def _origin(self) -> Origin:
        address = self.request.remote_ip or ""
        return Origin(address, "", f"{self.request.protocol}://{self.request.host}", self.request.path, {})

    def _may_speak(self) -> bool:
        second = int(IOLoop.current().time())
        if second != self._second:
            self._second, self._said = second, 0
        self._said += 1
        return self._said <= MESSAGES_PER_SECOND

    def _complain(self, message: str) -> None:
        self.offer(orjson.dumps({"type": "error", "data": {"message": message}}))

    async def _write(self) -> None:
        """Write what is queued, in order; waiting for the client here keeps the queue the only buffer."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue:
                    frames, self._queue = self._queue, []
                    for frame in frames:
                        await self.write_message(frame.decode())
                        self._queued_bytes -= len(frame)
        except (WebSocketClosedError, StreamClosedError):
            return


def socket_application(find: Finder, origins: frozenset[str]) -> Application:
    """Give the application that the front hands upgrades to. It has no access log: addresses carry tokens."""
    return Application(
        [(r".*", Socket, {"find": find, "origins": origins})],
        websocket_ping_interval=PING_SECONDS,
        websocket_ping_timeout=PONG_SECONDS,
        websocket_max_message_size=MAX_MESSAGE_BYTES,
        log_function=lambda handler: None,
    )
