"""A message as the bytes that go over a WebSocket, the same for every receiver."""

import struct
from typing import Any

import orjson

_FINAL_TEXT = 0x81
_SHORT, _LONG = 126, 0x10000


def text_frame(message: Any) -> bytes:
    """Give a server's whole text frame of a JSON message: final, unmasked, uncompressed (RFC 6455, 5.2)."""
    payload = orjson.dumps(message)
    size = len(payload)
    if size < _SHORT:
        return struct.pack("!BB", _FINAL_TEXT, size) + payload
    if size < _LONG:
        return struct.pack("!BBH", _FINAL_TEXT, 126, size) + payload
    return struct.pack("!BBQ", _FINAL_TEXT, 127, size) + payload
