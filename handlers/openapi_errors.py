"""A face's errors as schemas: which statuses a row can answer, and how their bodies look."""

from collections.abc import Mapping
from http.client import responses
from typing import Any

from handlers.route import Face, Route
from server import errors
from server.errors import MarketError

SAMPLES: Mapping[type[MarketError], MarketError] = {
    errors.Invalid: errors.Invalid({"field": ["What is wrong with it."]}),
    errors.Missing: errors.Missing(["field"]),
    errors.NotAllowed: errors.NotAllowed(method="GET", allowed=["POST"]),
}
"""Reasons that cannot be made without facts."""

TYPES = {str: "string", dict: "object", list: "array", int: "integer", bool: "boolean"}


def statuses_of(route: Route, face: Face) -> dict[int, str]:
    """Give every error status a row can answer, with its meaning, from the row's facts."""
    reasons: list[type[MarketError]] = [errors.Malformed, errors.TooMany, errors.Busy]
    if route.roles or route.method != "GET":
        reasons.append(errors.Unauthenticated)
    if route.roles:
        reasons += [errors.Forbidden]
    if "{" in route.path or route.query is not None or route.method != "GET":
        reasons.append(errors.NotFound)
    if route.method != "GET":
        reasons += [errors.Conflict, errors.TooLarge]
    statuses = {status_of(face, reason) for reason in reasons} - {route.status}
    return {status: responses.get(status, "Refused") for status in sorted(statuses)}


def status_of(face: Face, reason: type[MarketError]) -> int:
    """Give the status that a face answers for a reason."""
    return face.spell(_sample(reason))[0]


def error_schemas(face: Face) -> dict[str, dict[str, Any]]:
    """Give a schema a status: the fields that its reasons' bodies have, required where all have them."""
    bodies: dict[int, list[dict[str, Any]]] = {}
    for reason in _all_reasons():
        status, body = face.spell(_sample(reason))
        bodies.setdefault(status, []).append(body)
    return {f"Error{status}": _schema(found) for status, found in sorted(bodies.items())}


def _schema(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    fields = {name: {"type": TYPES[type(value)]} for body in bodies for name, value in body.items()}
    required = sorted(set.intersection(*(set(body) for body in bodies)))
    return {"type": "object", "properties": fields, "required": required}


def _all_reasons() -> list[type[MarketError]]:
    found: list[type[MarketError]] = [MarketError]
    for reason in found:
        found += reason.__subclasses__()
    return found


def _sample(reason: type[MarketError]) -> MarketError:
    known = next((SAMPLES[one] for one in reason.__mro__ if one in SAMPLES), None)
    return known if known is not None and isinstance(known, reason) else reason()
