"""Another time for a booking, which the other side has to agree to."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.parties import Party


@dataclass(frozen=True, slots=True)
class Proposal:
    """One a booking, whose id it has; a newer one takes the older one's place.

    It holds no time: whether the new time is free is looked at when it is accepted.
    """

    id: str
    proposed_by: int
    party: Party
    starts_at: datetime
    window_start: datetime
    window_end: datetime
    reason: str
    created_at: datetime
    expires_at: datetime
    """No later than either start, the booked and the proposed one: then it is too late."""
