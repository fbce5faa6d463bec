"""The one WebSocket handler. A face supplies paths, who may join what, and how events are spelled.

Who comes is known, and has joined, before the upgrade is answered: from then on a client misses nothing.
Refusals are told after it, because only then can a close code say what is wrong.
"""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

import orjson
import structlog
from tornado.httputil import HTTPHeaders
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError
from tornado.web import Application
from tornado.websocket import WebSocketHandler, WebSocketProtocol, WebSocketProtocol13

from handlers.allowance import Allowance, Allowances
from handlers.call import Call, Viewer
from handlers.framing import Protocol
from handlers.handshake import BEARER, Finder, Found, argument, origin_of, since_of, token_of
from handlers.outgoing import Outgoing, Turn
from handlers.telling import Spelling
from server import clock, errors, metrics
from server.domain.events import user_of
from server.domain.parties import Caller
from server.errors import MarketError
from server.market import Market
from server.realtime.frames import text_frame
from server.realtime.hub import TRY_AGAIN_LATER, UNAUTHORISED, Speller, marked_frame, resync_frame, spelled
from server.realtime.numbering import Mark

log = structlog.get_logger("sockets")

NOT_FOUND, FORBIDDEN, INTERNAL_ERROR = 4000, 4003, 1011
CLOSE_CODES: Mapping[type[MarketError], int] = {
    MarketError: NOT_FOUND,
    errors.Unauthenticated: UNAUTHORISED,
    errors.Forbidden: FORBIDDEN,
    errors.TooMany: TRY_AGAIN_LATER,
    errors.Busy: TRY_AGAIN_LATER,
}
"""Reason -> close code; the lookup walks the reason's ancestors."""

MAX_REASON_BYTES = 123
MAX_MESSAGE_BYTES = 64 * 1024
PING_SECONDS = 25
PONG_SECONDS = 20
MESSAGES_PER_SECOND = 20
"""What a person and an app can say on one socket; more is refused until the second is over."""


class Socket(WebSocketHandler):
    """One client; also the hub's Connection."""

    def initialize(self, find: Finder, turn: Turn, allowances: Allowances) -> None:
        self._find, self._allowances = find, allowances
        self._outgoing = Outgoing(turn)
        self.offer = self._outgoing.offer
        self._allowance: Allowance | None = None
        self._topic: str | None = None
        self._found: Found | None = None
        self._call: Call | None = None
        self._ending: tuple[int, str] | None = None
        self._presence: str | None = None
        self._expiry: object | None = None
        self._own = Allowance()
        self._since: Mark | None = None
        self.session_id = ""

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Join, then upgrade and listen; returns when the connection has ended."""
        try:
            await self._admit()
            await super().get(*args, **kwargs)
        finally:
            self._leave()
            await self._depart()

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin to write, or close with the code that says what was wrong."""
        self._forget_handshake()
        if self._ending is not None:
            self.close(*self._ending)
        elif isinstance(self.ws_connection, WebSocketProtocol13) and self.ws_connection.stream is not None:
            self._outgoing.begin(self.ws_connection.stream)
            IOLoop.current().add_callback(self._catch_up)

    def _forget_handshake(self) -> None:
        """Let go of what the client asked with, which nobody needs any more: 2 KB a client."""
        request = self.request
        request.headers, request.uri, request.query = HTTPHeaders(), "", ""
        request.arguments, request.query_arguments, request.body_arguments = {}, {}, {}

    async def on_message(self, message: str | bytes) -> None:
        """Answer a client's message where the row takes any; a bad one is told so and the socket lives."""
        if self._ending is not None:
            return
        try:
            answer = await self._answer(message)
        except MarketError as refused:
            self._tell({"type": "error", "data": {"message": refused.message}})
        except Exception:
            log.exception("a message failed", path=self.request.path)
            self._tell({"type": "error", "data": {"message": "The message could not be answered."}})
        else:
            if answer is not None:
                self._tell(answer)

    def shut(self, code: int, reason: str) -> None:
        """Close with a code and hear nothing more; a client that does not answer is dropped."""
        self._ending = code, reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")
        self._leave()
        self.close(*self._ending)

    def get_websocket_protocol(self) -> WebSocketProtocol | None:
        """Speak our own dialect of the protocol that Tornado would."""
        stock = super().get_websocket_protocol()
        return Protocol(self, False, stock.params) if isinstance(stock, WebSocketProtocol13) else stock

    def check_origin(self, origin: str) -> bool:
        """Let every page pass: the front has asked `may_connect`, so that the face words the refusal."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return BEARER if BEARER in subprotocols else None

    def get_compression_options(self) -> None:
        """Compression costs 150 KB a connection and saves little on events of 300 bytes."""
        return

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log without the address, which may carry a token; a client that is gone is no news."""
        if not isinstance(value, StreamClosedError):
            log.error("a socket failed", path=self.request.path, exc_info=value)

    async def _admit(self) -> None:
        """Let the client join its topics, or note why it is refused."""
        try:
            await self._join()
        except MarketError as refused:
            code = next(CLOSE_CODES[reason] for reason in type(refused).__mro__ if reason in CLOSE_CODES)
            self.shut(code, refused.message)
        except Exception:
            log.exception("a socket could not join", path=self.request.path)
            self.shut(INTERNAL_ERROR, "internal error")

    async def _join(self) -> None:
        found = self._find(self.request.host, self.request.path)
        if found is None:
            raise errors.NotFound()
        market, route = found.market, found.route
        token = token_of(self.request, found.face)
        caller = await self._caller(market, token)
        if caller.role not in route.roles:
            raise errors.Forbidden()
        self._call = Call(market, caller, found.values, None, None, origin_of(self.request, found))
        self._topic = await route.join(self._call)
        self._since = since_of(self.request)
        if self._since is not None and self._topic is None:
            raise errors.Malformed("This socket has no events to go on from.")
        self._allowance = self._allowances.of(market.meaning.name, caller.user_id)
        self._found, self.session_id = found, caller.session_id
        wants_all = argument(self.request, "updates") == "1"
        viewer = Viewer(self._call.origin.base_url, user_of(self._topic))
        self.speller: Speller = Spelling(route.spell, route.state, wants_all, viewer)
        if self._since is not None:
            self._outgoing.place.hold()
        market.hub.join(self, self._topic)
        self._presence = await market.presence.join(caller.user_id)
        for message in await route.greet(self._call) if route.greet else ():
            self._tell(message)  # in its place among what has come since the client joined
        # Who was revoked while we asked was not in the hub yet, and not closed.
        await self._caller(market, token)
        remaining_seconds = (caller.expires_at - clock.now()).total_seconds()
        self._expiry = IOLoop.current().call_later(
            remaining_seconds, self.shut, UNAUTHORISED, "token expired"
        )

    async def _catch_up(self) -> None:
        """Tell what the client missed, in order, or that it must fetch afresh; then what came meanwhile."""
        if self._since is None or self._found is None or self._topic is None or self._ending is not None:
            return
        missed = await self._found.market.outbox.missed(self._topic, self._since)
        if missed is None:
            self.shut(TRY_AGAIN_LATER, "what was missed is not known now")
            return
        if not missed.is_whole:
            self._write(resync_frame(missed.last))
        for seq, event in missed.events:
            message = spelled(self.speller, event)
            if message is not None:
                metrics.REPLAYED.inc()
                await self._write_in_time(marked_frame(message, Mark(missed.last.epoch, seq)))
        self._outgoing.place.advance(missed.last)
        for frame, mark in self._outgoing.place.held():
            if self._outgoing.place.advance(mark):
                await self._write_in_time(frame)

    async def _caller(self, market: Market, token: str) -> Caller:
        return market.tokens.known(token) or await market.tokens.verify(token)

    def _leave(self) -> None:
        """Hear nothing more; without effect the second time."""
        self._outgoing.end()
        if self._expiry is not None:
            IOLoop.current().remove_timeout(self._expiry)
            self._expiry = None
        if self._found is not None:
            self._found.market.hub.leave(self)

    async def _depart(self) -> None:
        """Tell the user's company, unless another connection of theirs is left."""
        if self._presence is not None and self._found is not None and self._call is not None:
            await self._found.market.presence.leave(self._presence, self._call.caller.user_id)

    async def _answer(self, message: str | bytes) -> dict[str, Any] | None:
        """Give the row's answer to a message; raises MarketError saying what is wrong with it."""
        if not self._may_speak():
            raise errors.TooMany("Too many messages.")
        try:
            content = orjson.loads(message)
        except orjson.JSONDecodeError as wrong:
            raise errors.Malformed("The message is not valid JSON.") from wrong
        receive = self._found.route.receive if self._found else None
        if receive is None or self._call is None or not isinstance(content, dict):
            raise errors.Malformed("This message is not understood.")
        return await receive(self._call, content)

    def _may_speak(self) -> bool:
        now = IOLoop.current().time()
        may_user = self._allowance is None or self._allowance.may_speak(now)
        return self._own.may_speak(now, MESSAGES_PER_SECOND) and may_user

    def _tell(self, message: dict[str, Any]) -> None:
        self._write(text_frame(message))

    async def _write_in_time(self, frame: bytes) -> None:
        """Write a frame when the client has read those before it: more may be due than a queue holds."""
        if not self.offer(frame):
            await self._outgoing.drained()
            self._write(frame)

    def _write(self, frame: bytes) -> None:
        if not self.offer(frame):
            self.shut(TRY_AGAIN_LATER, "too slow")


def socket_application(find: Finder, kind: type[Socket] = Socket) -> Application:
    """Give the application that the front hands upgrades to. It has no access log: addresses carry tokens."""
    return Application(
        [(r".*", kind, {"find": find, "turn": Turn(), "allowances": Allowances()})],
        websocket_ping_interval=PING_SECONDS,
        websocket_ping_timeout=PONG_SECONDS,
        websocket_max_message_size=MAX_MESSAGE_BYTES,
        log_function=lambda handler: None,
    )
