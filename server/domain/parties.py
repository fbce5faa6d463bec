"""Who acts: the three parties every marketplace has, and the caller of one request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Party(StrEnum):
    """The side somebody stands on, whatever a marketplace calls the role."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated user of one request."""

    user_id: int
    role: str
    party: Party
    session_id: str
    expires_at: datetime
    """When the token that was shown ends; a socket closes then."""

    @property
    def is_staff(self) -> bool:
        return self.party is Party.STAFF
