"""The WebSocket protocol as Tornado speaks it, with what RFC 6455 asks of close codes, and a pace besides."""

import asyncio
from typing import Any

from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketProtocol13

from handlers.allowance import Allowance

PROTOCOL_ERROR = 1002

FRAMES_PER_SECOND = 200
"""Pings, pongs and pieces of messages that are read of one client; further ones wait in its own buffers.

Each costs as little as a byte to send and some 20 us to read.
"""
_KNOWN = frozenset({*range(1000, 1004), *range(1007, 1015)})
_FREE = range(3000, 5000)
"""Codes that libraries (3xxx) and applications (4xxx) give a meaning."""


def may_be_sent(code: int) -> bool:
    """Say whether a close frame may carry a code (RFC 6455, 7.4; the IANA registry for 1012 to 1014)."""
    return code in _KNOWN or code in _FREE


class Protocol(WebSocketProtocol13):
    """One connection's frames."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace = Allowance()

    async def _receive_frame(self) -> None:
        await super()._receive_frame()
        now = IOLoop.current().time()
        if not self._pace.may_speak(now, FRAMES_PER_SECOND):
            await _rest(1 - now % 1)

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; a client's own code, which Tornado echoes, is answered by 1002 when it is none."""
        if code is not None and not may_be_sent(code):
            code = PROTOCOL_ERROR
        super().close(code, reason)


async def _rest(seconds: float) -> None:
    """Read nothing for a while."""
    await asyncio.sleep(seconds)
