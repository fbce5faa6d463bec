"""How HomeServe words errors, tokens and lists."""

from typing import Any

from pydantic import BaseModel

from handlers.fields import wire_time
from handlers.route import ErrorTable
from server import errors

WORDS = {
    "at": "scheduled_datetime",
    "starts_at": "scheduled_date",
    "day": "preferred_date",
    "provider_id": "vendor",
    "address_id": "address",
    "state": "status",
    "end_minute": "end_time",
    "provider_notes": "vendor_notes",
    "resolution_minor": "resolution_amount",
    "amount": "resolution_amount",
    "category": "primary_service_category",
    "service_ids": "services",
    "base_pincode": "pincode",
}
"""Core field names that HomeServe spells differently, for errors the core finds."""


class Message(BaseModel):
    """The answer of an action that has nothing else to say."""

    message: str


def _error(error: errors.MarketError) -> dict[str, Any]:
    return {"error": error.message}


def _detail(error: errors.MarketError) -> dict[str, Any]:
    return {"detail": error.message}


def _invalid(error: errors.Invalid) -> dict[str, Any]:
    """Name fields as this face does; the summary is made anew, so that it names them too."""
    fields = {WORDS.get(name, name): reasons for name, reasons in error.fields.items()}
    message = error.message if fields.keys() == error.fields.keys() else errors.Invalid(fields).message
    return {"error": message, "details": fields}


def _slot_taken(error: errors.SlotTaken) -> dict[str, Any]:
    """Name the free slots nearest to the wish; a time outside of anything has none."""
    alternatives = [
        {"start_time": wire_time(slot.starts_at), "end_time": wire_time(slot.free_at), "score": slot.score}
        for slot in error.facts.get("alternatives", ())
    ]
    return {"error": error.message, "alternatives": alternatives}


def _outdated(error: errors.Outdated) -> dict[str, Any]:
    """Name what has changed."""
    bookings, vendors = error.facts.get("bookings", []), error.facts.get("providers", [])
    return {"error": error.message, "changed_bookings": bookings, "changed_vendors": vendors}


def _token_invalid(error: errors.TokenInvalid) -> dict[str, Any]:
    return {"detail": error.message, "code": "token_not_valid"}


def unexpected(details: str) -> dict[str, Any]:
    """Give the body of a 500."""
    return {"error": "An unexpected error occurred", "details": details}


ERRORS: ErrorTable = {
    errors.MarketError: (400, _error),
    errors.Invalid: (400, _invalid),
    errors.TooLarge: (413, _error),
    errors.HeadTooLarge: (431, _error),
    errors.Unauthenticated: (401, _detail),
    errors.TokenInvalid: (401, _token_invalid),
    errors.Forbidden: (403, _detail),
    errors.NotFound: (404, _error),
    errors.NotAllowed: (405, _detail),
    errors.Conflict: (409, _error),
    errors.SlotTaken: (409, _slot_taken),
    errors.Outdated: (409, _outdated),
    errors.TooMany: (429, _detail),
    errors.Busy: (503, _error),
}
