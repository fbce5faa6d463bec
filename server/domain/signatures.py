"""The customer's signature under a visit, and the record that proves it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import orjson


class SignatureState(StrEnum):
    PENDING = "pending"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Signature:
    """The customer's word on finished work: one a booking, open for a while, given once."""

    id: str
    booking_id: str
    service_name: str
    customer_id: int
    provider_id: int
    state: SignatureState
    requested_at: datetime
    expires_at: datetime
    signed_at: datetime | None = None
    rating: int | None = None
    comments: str = ""
    reason: str = ""
    """Why it was refused."""
    digest: str | None = None
    revision: int = 0

    def record(self) -> str:
        """Give the text that `digest` was made of: JSON, keys in order, no spaces, times as ISO 8601."""
        facts = {
            "booking": self.booking_id,
            "comments": self.comments,
            "rating": self.rating,
            "signature": self.id,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "signed_by": self.customer_id,
        }
        return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()

    def digest_now(self) -> str:
        """Give the SHA-256 of the record, hexadecimal."""
        return sha256(self.record().encode()).hexdigest()
