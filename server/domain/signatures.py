"""The customer's signature under a visit, and the record that proves it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import orjson

from server.errors import InvalidMove


class SignatureState(StrEnum):
    PENDING = "pending"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"


_MOVES = {
    (SignatureState.PENDING, SignatureState.SIGNED),
    (SignatureState.PENDING, SignatureState.REFUSED),
    (SignatureState.PENDING, SignatureState.EXPIRED),
    (SignatureState.REFUSED, SignatureState.PENDING),
    (SignatureState.EXPIRED, SignatureState.PENDING),
}
"""What was refused or not given in time may be asked for anew; what was signed stays signed."""


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

    def at(self, moment: datetime) -> "Signature":
        """Give it as it is at a moment: once its time is over it is expired, before anything writes so."""
        is_over = self.state is SignatureState.PENDING and self.expires_at <= moment
        return replace(self, state=SignatureState.EXPIRED) if is_over else self

    def check_move(self, state: SignatureState) -> None:
        """Raise InvalidMove unless the signature may go to `state`."""
        if (self.state, state) not in _MOVES:
            raise InvalidMove(f"The signature is {self.state}.", state=self.state)

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

    @property
    def is_valid(self) -> bool:
        """Whether it was signed, and nothing of the record has changed since."""
        return self.state is SignatureState.SIGNED and self.digest == self.digest_now()

    def digest_now(self) -> str:
        """Give the SHA-256 of the record, hexadecimal."""
        return sha256(self.record().encode()).hexdigest()
