"""Where a provider was last, for the customer of the visit that they are on the way to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.errors import InvalidMove

OPENS = timedelta(hours=2)
"""So long before the booked start somebody may be on the way; earlier it is nobody's business."""
CLOSES = timedelta(hours=4)
"""So long after the booked end a visit that nobody finished is over all the same."""
EVERY = timedelta(seconds=5)
"""A position is told and kept at most so often a booking: a street's length in a city."""


@dataclass(frozen=True, slots=True)
class Position:
    """The last position that was told, one a booking, whose id it has.

    arrives_at : estimated; None when the work has begun
    forget_at  : from then on nobody sees it, whether or not it is gone
    """

    id: str
    provider_id: int
    lat: float
    lng: float
    at: datetime
    arrives_at: datetime | None
    forget_at: datetime


def check_watchable(booking: Booking, phase: Phase, now: datetime) -> None:
    """Raise InvalidMove unless the booking's provider may be on the way now, or at work."""
    if phase not in (Phase.AGREED, Phase.UNDERWAY):
        raise InvalidMove(f"Nobody is on the way to a {booking.state} booking.", state=booking.state)
    if now < booking.starts_at - OPENS:
        hours = OPENS // timedelta(hours=1)
        raise InvalidMove(f"Positions are taken from {hours} hours before the start.", state=booking.state)
    if now >= booking.ends_at + CLOSES:
        raise InvalidMove("The visit should be long over.", state=booking.state)
