"""A face's errors as schemas: which statuses a row can answer, and how their bodies look."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.client import responses
from typing import Any

from handlers.route import Face, Route
from server import errors
from server.errors import MarketError
from server.services.time.scheduling import FreeSlot

ANY_NAME = "field"
"""Stands in samples for whichever field a client got wrong."""

_TEN = datetime(2030, 1, 15, 10, tzinfo=UTC)
_FREE = FreeSlot(_TEN, _TEN + timedelta(hours=1), 8.5, travel_minutes=15, buffer_minutes=10, reasons=())
SAMPLES: Mapping[type[MarketError], MarketError] = {
    errors.Invalid: errors.Invalid({ANY_NAME: ["What is wrong with it."]}),
    errors.Missing: errors.Missing([ANY_NAME]),
    errors.Taken: errors.Taken({ANY_NAME: ["It is taken."]}),
    errors.NotAllowed: errors.NotAllowed(method="GET", allowed=["POST"]),
    errors.SlotTaken: errors.SlotTaken(alternatives=(_FREE,)),
}
"""Reasons that say little, or nothing, without facts."""

TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "Seconds to wait before the next attempt; not on every refusal."},
}


def statuses_of(route: Route, face: Face) -> list[int]:
    """Give every error status a row can answer, from the row's facts."""
    reasons: list[type[MarketError]] = [errors.Malformed, errors.TooMany, errors.Busy]
    if route.roles or route.method != "GET":
        reasons.append(errors.Unauthenticated)
    if route.roles:
        reasons += [errors.Forbidden]
    if "{" in route.path or route.query is not None or route.method != "GET":
        reasons.append(errors.NotFound)
    if route.method != "GET":
        reasons += [errors.Conflict, errors.TooLarge]
    return sorted({status_of(face, reason) for reason in reasons} - {route.status})


def status_of(face: Face, reason: type[MarketError]) -> int:
    """Give the status that a face answers for a reason."""
    return face.spell(_sample(reason))[0]


def error_name(status: int) -> str:
    """Give the name under which a status is described, as schema and as response."""
    return f"Error{status}"


def error_schemas(face: Face) -> dict[str, dict[str, Any]]:
    """Give a schema a status: the fields that its reasons' bodies have, required where all have them."""
    return {error_name(status): _schema(list(bodies.values())) for status, bodies in _bodies(face).items()}


def error_responses(face: Face) -> dict[str, dict[str, Any]]:
    """Give a response a status, with the body of each of its reasons as an example."""
    return {error_name(status): _response(status, bodies) for status, bodies in _bodies(face).items()}


def _bodies(face: Face) -> dict[int, dict[str, dict[str, Any]]]:
    """Give the body of every reason, by status and by the reason's name."""
    bodies: dict[int, dict[str, dict[str, Any]]] = {}
    for reason in _all_reasons():
        status, body = face.spell(_sample(reason))
        bodies.setdefault(status, {})[reason.__name__] = body
    return dict(sorted(bodies.items()))


def _response(status: int, bodies: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    content = {
        "schema": {"$ref": f"#/components/schemas/{error_name(status)}"},
        "examples": {name: {"value": body} for name, body in bodies.items()},
    }
    response: dict[str, Any] = {
        "description": responses.get(status, "Refused"),
        "content": {"application/json": content},
    }
    if status in HEADERS:
        response["headers"] = {
            name: {"description": words, "schema": {"type": "string"}}
            for name, words in HEADERS[status].items()
        }
    return response


def _schema(values: list[Any]) -> dict[str, Any]:
    """Give what all these values have in common: the schema of an error's body, or of a part of it."""
    first = values[0]
    if isinstance(first, list):
        items = [one for value in values for one in value]
        return {"type": "array", "items": _schema(items)} if items else {"type": "array"}
    if not isinstance(first, dict):
        return {"type": TYPES[type(first)]}
    names = dict.fromkeys(name for value in values for name in value)
    parts = {name: _schema([value[name] for value in values if name in value]) for name in names}
    if list(parts) == [ANY_NAME]:
        return {"type": "object", "additionalProperties": parts[ANY_NAME]}
    required = sorted(set.intersection(*(set(value) for value in values)))
    return {"type": "object", "properties": parts, "required": required}


def _all_reasons() -> Iterator[type[MarketError]]:
    found: list[type[MarketError]] = [MarketError]
    for reason in found:
        found += reason.__subclasses__()
        yield reason


def _sample(reason: type[MarketError]) -> MarketError:
    known = next((SAMPLES[one] for one in reason.__mro__ if one in SAMPLES), None)
    return known if known is not None and isinstance(known, reason) else reason()
