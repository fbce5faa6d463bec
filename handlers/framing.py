"""The WebSocket protocol as Tornado speaks it, with what RFC 6455 asks of close codes besides."""

from tornado.websocket import WebSocketProtocol13

PROTOCOL_ERROR = 1002
_KNOWN = frozenset({*range(1000, 1004), *range(1007, 1015)})
_FREE = range(3000, 5000)
"""Codes that libraries (3xxx) and applications (4xxx) give a meaning."""


def may_be_sent(code: int) -> bool:
    """Say whether a close frame may carry a code (RFC 6455, 7.4; the IANA registry for 1012 to 1014)."""
    return code in _KNOWN or code in _FREE


class Protocol(WebSocketProtocol13):
    """One connection's frames."""

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close; a client's own code, which Tornado echoes, is answered by 1002 when it is none."""
        if code is not None and not may_be_sent(code):
            code = PROTOCOL_ERROR
        super().close(code, reason)
