"""Field types that faces share: how times, money and bounded text travel."""

import re
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from server import clock
from server.domain.money import major_number, major_text

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _without_controls(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("Control characters are not allowed.")
    return text


def _plausible(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("The date is out of range.")
    return moment.astimezone(UTC)


def _whole_minutes(moment: time) -> time:
    if moment.tzinfo is not None or moment.second or moment.microsecond:
        raise ValueError("Local time in whole minutes is needed, like 09:00:00.")
    return moment


def minute_of(moment: time) -> int:
    """Give 540 for 09:00."""
    return moment.hour * 60 + moment.minute


def clock_text(minute: int) -> str:
    """Give "09:00:00" for minute 540 of a day."""
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


wire_time = clock.text

Clean = AfterValidator(_without_controls)

Id = Annotated[int, Field(ge=1, le=2**53 - 1)]
"""An integer id; the upper bound is what every JSON client can read."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=150), Clean]
Line = Annotated[str, StringConstraints(max_length=300), Clean]
Notes = Annotated[str, StringConstraints(max_length=2000), Clean]
PINCODE = r"^[1-9][0-9]{5}$"
PHONE = r"^\+[1-9][0-9]{7,14}$"
EMAIL = r'^[^@\s()<>\[\]:;,"\\?]+@([\w-]+\.)+[\w-]+$'
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

PATTERNS = {
    PINCODE: "Enter six digits, like 110001.",
    PHONE: "Enter a number with its country and without spaces, like +12025550123.",
    EMAIL: "Enter a valid email address.",
    UUID: "Enter an id like 550e8400-e29b-41d4-a716-446655440000.",
}
"""What is said of a text that does not have the form: apps show it to people."""

Pincode = Annotated[str, StringConstraints(pattern=PINCODE), Field(examples=["110001"])]
"""Six digits; whether there is such a place is the service's to say."""

Phone = Annotated[str, StringConstraints(pattern=PHONE), Field(examples=["+919876543210"])]
Email = Annotated[
    str,
    StringConstraints(max_length=254, to_lower=True, pattern=EMAIL),
    Clean,
    Field(examples=["asha@example.com"]),
]
"""One mail address, in any script, without what a mail's head takes for more: "a <b@example.com"."""

Uuid = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=UUID),
    Field(examples=["550e8400-e29b-41d4-a716-446655440000"]),
]
Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128, strip_whitespace=False),
    Field(examples=["a long passphrase"]),
]

Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""An aware time in a request, brought to UTC."""

WireTime = Annotated[
    datetime,
    PlainSerializer(wire_time, return_type=str, when_used="unless-none"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""2024-01-15T10:00:00Z."""

LocalTime = Annotated[time, AfterValidator(_whole_minutes), Field(examples=["09:00:00"])]
"""09:00:00 by the clocks of the marketplace."""

MajorText = Annotated[
    int,
    PlainSerializer(major_text, return_type=str, when_used="unless-none"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["500.00"]}, mode="serialization"
    ),
]
"""Minor units as "500.00"."""

MajorNumber = Annotated[int, PlainSerializer(major_number, return_type=float, when_used="unless-none")]
"""Minor units as 500.0."""

MAX_AMOUNT = Decimal(10**9)


def _may_be_amount(value: object) -> bool:
    """Say whether a value is worth reading; Decimal itself takes "1_0" and digits of all scripts."""
    return isinstance(value, int | float) or (isinstance(value, str) and value.isascii() and "_" not in value)


def _to_minor(value: object) -> int:
    try:
        amount = Decimal(str(value)) if _may_be_amount(value) else Decimal("NaN")
    except InvalidOperation as wrong:
        raise ValueError("Not an amount.") from wrong
    if isinstance(value, bool) or not amount.is_finite() or not 0 <= amount <= MAX_AMOUNT:
        raise ValueError("Not an amount.")
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("At most two decimals.")
    return int(amount * 100)


MinorAmount = Annotated[
    int,
    BeforeValidator(_to_minor),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": float(MAX_AMOUNT), "examples": [250.00]}),
]
"""An amount in a request, 100 or 100.00 or "100.00", as minor units."""

Latitude = Annotated[Decimal, Field(ge=-90, le=90, max_digits=12, decimal_places=9, examples=[28.6315])]
Longitude = Annotated[Decimal, Field(ge=-180, le=180, max_digits=12, decimal_places=9, examples=[77.2167])]
