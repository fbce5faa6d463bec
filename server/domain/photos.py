"""Photos of a visit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PhotoKind(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo. The parties are the booking's, repeated so that each finds their own."""

    id: int
    booking_id: str
    customer_id: int
    provider_id: int | None
    key: str
    kind: PhotoKind
    description: str
    uploaded_by: int
    uploaded_at: datetime
