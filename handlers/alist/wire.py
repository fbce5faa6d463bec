"""How A-List words errors, lists and bodies."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from handlers import paging, reading
from handlers.route import ErrorTable
from server import errors
from server.domain.paging import Paging

PAGE_SIZE = 10
WORDS = {
    "contact_phone": "phone_number",
    "provider_id": "contractor",
    "payee_id": "alistpro_id",
    "service_id": "service_category",
    "service_ids": "service_categories",
    "starts_at": "start_time",
    "ends_at": "end_time",
    "start_minute": "start_time",
    "end_minute": "end_time",
    "at": "start_time",
    "state": "status",
    "price_minor": "estimated_cost",
}
"""Core field names that A-List spells differently, for errors the core finds."""

NOUNS = {"booking": "appointment", "provider": "contractor"}
"""Core words that A-List's users do not know."""

_NOUN = re.compile("|".join(NOUNS), re.IGNORECASE)


class Body(reading.Body):
    """A JSON body or form; what is not a field is ignored, as its clients expect."""

    model_config = ConfigDict(extra="ignore")


class PageQuery(paging.PageQuery):
    """Base of every list's query string: ten a page."""

    def paging(self, default_size: int = PAGE_SIZE) -> Paging:
        return super().paging(default_size)


class Message(BaseModel):
    """The answer of an action that has nothing else to say."""

    message: str


def worded(text: str) -> str:
    """Give a text of the core in A-List's words."""
    return _NOUN.sub(_noun, text)


def _noun(match: re.Match[str]) -> str:
    word = NOUNS[match[0].lower()]
    return word.capitalize() if match[0][0].isupper() else word


def _body(error: str, status: int, details: dict[str, list[str]] | None = None) -> dict[str, Any]:
    return {"error": worded(error), "details": details or {}, "status_code": status}


def _row(status: int) -> tuple[int, Callable[[errors.MarketError], dict[str, Any]]]:
    return status, lambda error: _body(error.message, status)


def _fields(status: int) -> tuple[int, Callable[[errors.Invalid], dict[str, Any]]]:
    """Give the row of errors that name fields, as this face names them."""

    def spell(error: errors.Invalid) -> dict[str, Any]:
        fields = _named(error.fields)
        return _body(error.message if fields == error.fields else _summary(fields), status, fields)

    return status, spell


def _missing(error: errors.NotFound) -> dict[str, Any]:
    """Give the body of a 404, with the field that named what there is not."""
    field = error.facts.get("field")
    return _body(error.message, 404, _named({field: [worded(error.message)]}) if field else None)


def _named(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Give reasons by the document's fields; what is wrong inside a list is told of the list."""
    named: dict[str, list[str]] = {}
    for name, reasons in fields.items():
        field = name.partition(".")[0]
        known = named.setdefault(WORDS.get(field, field), [])
        known += [reason for reason in reasons if reason not in known]
    return named


def _summary(fields: dict[str, list[str]]) -> str:
    return errors.Invalid(fields).message


def unexpected(details: str) -> dict[str, Any]:
    """Give the body of a 500."""
    return _body("Internal server error", 500, {"server": [details]} if details else None)


ERRORS: ErrorTable = {
    errors.MarketError: _row(400),
    errors.Invalid: _fields(400),
    errors.Taken: _fields(409),
    errors.TooLarge: _row(413),
    errors.HeadTooLarge: _row(431),
    errors.Unauthenticated: _row(401),
    errors.Forbidden: _row(403),
    errors.NotFound: (404, _missing),
    errors.NotAllowed: _row(405),
    errors.Conflict: _row(409),
    errors.TooMany: _row(429),
    errors.Busy: _row(503),
}
