"""The head of an answer as bytes."""

from collections.abc import Mapping
from http.client import responses

from handlers.operation import Answer

_STATUS_LINES = {status: f"HTTP/1.1 {status} {reason}\r\n" for status, reason in responses.items()}
_USUAL = "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def head_of(answer: Answer, request_id: str, connection: str, more: Mapping[str, str]) -> bytes:
    """Give status line and headers, up to the empty line.

    connection : a whole header line, or ""
    more       : headers beyond the answer's own
    """
    line = _STATUS_LINES.get(answer.status) or f"HTTP/1.1 {answer.status} Unknown\r\n"
    if not answer.headers and not more and answer.status != 204:  # nearly every answer
        return (
            f"{line}Content-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n"
            f"X-Request-ID: {request_id}\r\n{_USUAL}{connection}\r\n"
        ).encode("latin-1")
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.body)),
        "X-Request-ID": request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        **answer.headers,
        **more,
    }
    if answer.status in (204, 304):
        del headers["Content-Type"], headers["Content-Length"]
    # A value may hold what a client named (a file's name): it never begins another header.
    rows = "".join(f"{name}: {value.translate(_CONTROLS)}\r\n" for name, value in headers.items())
    return f"{line}{rows}{connection}\r\n".encode("latin-1", "replace")
