"""How HomeServe words errors, tokens and lists."""

from typing import Any

from handlers.call import Call
from handlers.paging import links
from handlers.route import ErrorTable
from server import errors
from server.domain.paging import Listed


def read_token(authorization: str) -> str | None:
    """Give the token of "Bearer <token>"."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def page(call: Call, listed: Listed[Any]) -> dict[str, Any]:
    """Give HomeServe's list envelope."""
    following, previous = links(call.origin, listed)
    return {"count": listed.total, "next": following, "previous": previous, "results": list(listed.items)}


def _error(error: errors.MarketError) -> dict[str, Any]:
    return {"error": error.message}


def _detail(error: errors.MarketError) -> dict[str, Any]:
    return {"detail": error.message}


def _invalid(error: errors.Invalid) -> dict[str, Any]:
    return {"error": error.message, "details": error.fields}


def _slot_taken(error: errors.SlotTaken) -> dict[str, Any]:
    return {"error": error.message, "alternatives": error.facts.get("alternatives", [])}


def _token_invalid(error: errors.TokenInvalid) -> dict[str, Any]:
    return {"detail": error.message, "code": "token_not_valid"}


def unexpected(details: str) -> dict[str, Any]:
    """Give the body of a 500."""
    return {"error": "An unexpected error occurred", "details": details}


ERRORS: ErrorTable = {
    errors.MarketError: (400, _error),
    errors.Invalid: (400, _invalid),
    errors.TooLarge: (413, _error),
    errors.Unauthenticated: (401, _detail),
    errors.TokenInvalid: (401, _token_invalid),
    errors.Forbidden: (403, _detail),
    errors.NotFound: (404, _error),
    errors.NotAllowed: (405, _detail),
    errors.Conflict: (409, _error),
    errors.SlotTaken: (409, _slot_taken),
    errors.TooMany: (429, _detail),
    errors.Busy: (503, _error),
}
