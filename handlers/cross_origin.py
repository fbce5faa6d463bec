"""Which answers a browser may show to pages of another origin."""

from collections.abc import Mapping

from handlers.operation import Answer

INVITATION = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "600",
}


def cross_origin_headers(
    method: str, origin: str | None, allowed: frozenset[str], answer: Answer
) -> Mapping[str, str]:
    """Give the headers that let an allowed page of another origin read the answer.

    What may be kept and shown again, to pages of any origin, says that it depends on the origin.
    """
    if not origin or origin not in allowed:
        return {"Vary": "Origin"} if allowed and "Cache-Control" in answer.headers else {}
    headers = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return headers | INVITATION if method == "OPTIONS" else headers
