"""One client's TCP connection: HTTP/1 read by httptools, requests answered in the order they came.

A request is handed to an Exchange when its headers are in, and answered through `send`. While one is being
answered, or the client does not read, no more is read, so that pipelining costs no memory. A WebSocket
handshake leaves this protocol with its socket and becomes Tornado's (`upgrading.py`).
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools
import structlog

from handlers.exchange import Exchange, Headers
from handlers.patience import Patience
from server.errors import HeadTooLarge, Malformed

if TYPE_CHECKING:
    from handlers.front import Front

log = structlog.get_logger("http")

HEAD_LIMIT_BYTES = 64 * 1024
LINGER_SECONDS = 2.0
"""How long what a client still sends is read and dropped after a refusal, so that it hears the refusal."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """Feeds exchanges and writes what they answer."""

    def __init__(self, front: "Front") -> None:
        self._front = front
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._exchange: Exchange | None = None
        self._answering: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        self._url = b""
        self._headers: Headers = {}
        self._in_head = True
        self._ending = False
        self._is_full = self._is_held = False
        self._admissions = 0
        self.remote_ip = ""
        self.patience = Patience(self._loop.time)

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.remote_ip = peer[0] if peer else ""
        self._front.crowd.join(self)

    def data_received(self, data: bytes) -> None:
        if self._ending:
            return
        if self._in_head:
            self.patience.head(len(data), self._answering is not None)
        else:
            self.patience.body(len(data))
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._hand_over(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as fault:
            log.error("a request could not be begun", exc_info=fault.__context__ or fault)
            self.transport.abort()
        except httptools.HttpParserInvalidMethodError:
            self._refuse_method(data)
        except httptools.HttpParserError:
            self._refuse(Malformed("The request could not be read."))
        if self._in_head and self.patience.head_bytes > HEAD_LIMIT_BYTES:
            self._refuse(HeadTooLarge())

    def eof_received(self) -> bool:
        """Keep the way back open while something is still to be answered."""
        if self._answering is None and not self._waiting:
            return False
        self._ending = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._front.forget(self)
        self._ending = True
        for exchange in {self._exchange, self._answering, *self._waiting}:
            if exchange is not None:
                exchange.lost()
        self._waiting.clear()

    def pause_writing(self) -> None:
        self._is_full = True
        self._balance()
        if self._answering is None:
            self._wait()
        self._front.crowd.stuck(self)

    def resume_writing(self) -> None:
        self._is_full = False
        self._front.crowd.flowing(self)
        self._next()
        if self._answering is None:
            self._wait()

    # What the parser says

    def on_message_begin(self) -> None:
        self._url, self._headers = b"", {}

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.lower().decode("latin-1"), value.decode("latin-1")
        known = self._headers.get(key)
        self._headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        self._in_head = False
        self.patience.body_begins()
        method = self._parser.get_method().decode("latin-1")
        upgrades = self._parser.should_upgrade()
        exchange = Exchange(self._front, self, method, self._url, self._headers, upgrades)
        exchange.keep_alive = self._parser.should_keep_alive()
        exchange.version = self._parser.get_http_version()
        self._exchange = exchange
        exchange.begin()
        if not self._ending and self._headers.get("expect", "").lower() == "100-continue":
            self.transport.write(CONTINUE)

    def on_body(self, chunk: bytes) -> None:
        if self._exchange is not None and not self._ending:
            self._exchange.feed(chunk)

    def on_message_complete(self) -> None:
        exchange, self._exchange = self._exchange, None
        self._in_head = True
        if exchange is None or self._ending or exchange.is_handshake:
            return
        self.submit(exchange)

    # What exchanges ask

    def submit(self, exchange: Exchange) -> None:
        """Have an exchange answered when those before it are."""
        self.patience.answer_begins()
        self._waiting.append(exchange)
        self._next()

    def refuse_rest(self, exchange: Exchange) -> None:
        """Answer without reading on: what still comes is dropped, and the connection ends with the answer."""
        self._ending = True
        self._exchange = None
        exchange.keep_alive = False
        self.submit(exchange)

    def send(self, exchange: Exchange, data: bytes) -> None:
        """Write an exchange's whole answer, and turn to the next."""
        if self.transport.is_closing():
            return
        self.transport.write(data)
        self._answering = None
        if not exchange.keep_alive or self._front.is_draining:
            self._end()
        elif self._waiting:
            self._next()
        else:
            self._wait()
            if self._ending:
                self._end()

    @property
    def is_at_work(self) -> bool:
        """Whether a request is being answered, or its answer on its way."""
        return self._answering is not None or bool(self._waiting) or self._is_full

    def _wait(self) -> None:
        """Give the client, for whom nothing is left to be done, its time."""
        if self._is_full:
            self.patience.answer_waits()
        else:
            self.patience.request_waits()

    def _next(self) -> None:
        """Begin to answer what waits, unless an answer is under way or the client does not read."""
        if self._waiting and self._answering is None and not self._is_full:
            self._answering = self._waiting.popleft()
            self._answering.answer()
        elif self._is_full:
            self.patience.answer_waits()
        self._balance()

    def hold_reading(self) -> None:
        """Read no more until `go_on_reading`: an exchange must know something first."""
        self._admissions += 1
        self._balance()

    def go_on_reading(self) -> None:
        self._admissions -= 1
        self._balance()

    def shut(self) -> None:
        """Close now when nothing is being answered; otherwise `send` closes, as the front is draining."""
        if self._answering is None and not self.transport.is_closing():
            self.transport.close()

    def _balance(self) -> None:
        """Read while nothing speaks against it."""
        is_held = self._is_full or bool(self._waiting) or self._admissions > 0
        if is_held is self._is_held or self.transport.is_closing():
            return
        self._is_held = is_held
        if is_held:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _refuse(self, why: Malformed | HeadTooLarge) -> None:
        """Answer what cannot be read, after what came before it, and end the connection."""
        if self._ending:
            return
        exchange = self._exchange or Exchange(self._front, self, "GET", b"/", {})
        exchange.refusal = why
        self.refuse_rest(exchange)

    def _refuse_method(self, data: bytes) -> None:
        """Answer a method that HTTP does not know as any row answers one that it does not have."""
        method, _, rest = data.partition(b" ")
        target, space, _ = rest.partition(b" ")
        if not space or not method.isalpha() or len(target) > HEAD_LIMIT_BYTES:
            self._refuse(Malformed("The request could not be read."))
        else:
            exchange = Exchange(self._front, self, method.decode(), target, {})
            exchange.refusal = exchange.refusal or Malformed("The request could not be read.")
            self.refuse_rest(exchange)

    def _end(self) -> None:
        """Close when the answer is out and the client has had time to read it."""
        self._ending = True
        for exchange in self._waiting:
            exchange.lost()
        self._waiting.clear()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._is_full = False
        self._balance()
        self.patience.answer_waits()
        self._loop.call_later(LINGER_SECONDS, self.transport.close)

    def _hand_over(self, rest: bytes) -> None:
        """Give the socket of a handshake to the WebSocket server; another protocol ends with its answer.

        A handshake behind a request that is still being answered has no place to go, and ends too.
        """
        self._ending = True
        last = self._waiting[-1] if self._waiting else self._answering
        if last is not None:
            last.keep_alive = False
        elif not self.transport.is_closing():
            self.transport.pause_reading()
            descriptor = self.transport.get_extra_info("socket").fileno()
            _, scheme = self._front.policy.source(self.remote_ip, self._headers)
            headers = {**self._headers, "x-forwarded-proto": scheme}
            self._front.upgrades.take(descriptor, self._url, headers, rest)
            self.transport.abort()
