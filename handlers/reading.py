"""Reads bodies and query strings into a row's models; says which fields are wrong."""

from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from handlers.fields import PATTERNS
from server.errors import Invalid, Malformed, Missing

MAX_QUERY_FIELDS = 50
MOST_FAULTS = 100
"""Of a body. There is room for 60,000, and listing them would hold up everybody for half a second."""

_PLAIN = frozenset("%+;")
"""Characters that a query string needs decoding for."""


class Body(BaseModel):
    """A JSON body: unknown fields are refused, text is trimmed, NaN and infinities are no numbers."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, frozen=True)


class Query(BaseModel):
    """A query string: unknown keys are ignored, an empty value counts as absent."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, allow_inf_nan=False, frozen=True)


class Reader:
    """A model compiled once: validates JSON bytes or query arguments."""

    def __init__(self, model: type) -> None:
        self._adapter: TypeAdapter[Any] = TypeAdapter(model)

    def json(self, raw: bytes) -> Any:
        """Give the model of a JSON body.

        raises : Malformed when it is no JSON, Missing or Invalid naming the faulty fields
        """
        try:
            return self._adapter.validate_json(raw or b"{}", strict=True)
        except ValidationError as wrong:
            raise _refusal(wrong) from wrong

    def values(self, arguments: dict[str, Any]) -> Any:
        """Give the model of named text values (a query string, a form); raises as `json` does."""
        try:
            return self._adapter.validate_python(arguments)
        except ValidationError as wrong:
            raise _refusal(wrong) from wrong


def bearer(authorization: str) -> str | None:
    """Give the token of "Bearer <token>", None when there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def query_arguments(query: str) -> dict[str, str]:
    """Give the last value of each key of a query string; keys without a value are absent.

    raises : Malformed when there are too many fields or the bytes are no UTF-8
    """
    if not query:
        return {}
    if _PLAIN.isdisjoint(query):  # nothing to decode: most calls of apps
        pairs = [pair.partition("=") for pair in query.split("&")]
        if len(pairs) <= MAX_QUERY_FIELDS:
            return {name: value for name, _, value in pairs if value}
    try:
        return dict(parse_qsl(query, max_num_fields=MAX_QUERY_FIELDS, errors="strict"))
    except ValueError as wrong:
        raise Malformed("The query string could not be read.") from wrong


def _refusal(wrong: ValidationError) -> Invalid | Malformed:
    if wrong.error_count() > MOST_FAULTS:
        return Invalid({"body": [f"More than {MOST_FAULTS} faults."]})
    missing: list[str] = []
    fields: dict[str, list[str]] = {}
    for fault in wrong.errors(include_url=False, include_input=False):
        if fault["type"] == "json_invalid":
            return Malformed("The body is not valid JSON.")
        name = ".".join(str(part) for part in fault["loc"]) or "body"
        if fault["type"] == "missing":
            missing.append(name)
        else:
            fields.setdefault(name, []).append(_reason(fault))
    return Missing(missing, fields) if missing else Invalid(fields)


def _reason(fault: ErrorDetails) -> str:
    """Give what is wrong, in words for people where the library's are for programmers."""
    about = fault.get("ctx", {})
    if fault["type"] == "string_too_short" and about["min_length"] == 1:
        return "This field may not be blank."
    return PATTERNS.get(about.get("pattern", "")) or fault["msg"].removeprefix("Value error, ")
