"""What a request is sent to: the address of its first line, and its host."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from server.errors import Malformed

_HOST = re.compile(r"[\w.~%-]*(?::[0-9]*)?|\[[0-9a-fA-F:.]+\](?::[0-9]*)?", re.ASCII)
"""A name or an address with its port. Answers name it in links; two of them could be read differently."""


def read_target(target: bytes) -> tuple[str, str]:
    """Give path and query of a request line's target, both as text; raises Malformed."""
    try:
        text = target.decode()
        if text.startswith("/"):
            path, _, query = text.partition("?")
            return path, query
        parts = urlsplit(text)  # a proxy's "http://host/path", or the server itself, "*"
    except ValueError as wrong:  # no UTF-8, or "http://[x/"
        raise Malformed("The path could not be read.") from wrong
    return parts.path or "/", parts.query


def read_host(headers: Mapping[str, str]) -> str:
    """Give the host that a request names, with its port; raises Malformed for several, or what is none.

    headers : names in lower case
    """
    host = headers.get("host", "localhost")
    if _HOST.fullmatch(host) is None:
        raise Malformed("The Host header could not be read.")
    return host
