"""Another time for a booking, which the other side has to agree to."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.parties import Party


@dataclass(frozen=True, slots=True)
class Proposal:
    """One a booking, whose id it has; a newer one takes the older one's place."""

    id: str
    proposed_by: int
    party: Party
    starts_at: datetime
    window_start: datetime
    window_end: datetime
    reason: str
    created_at: datetime
    expires_at: datetime
    """The booked start: then it is too late."""
