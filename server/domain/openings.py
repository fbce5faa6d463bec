"""Hours of the week at which a provider likes to be asked."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Some hours of a weekday.

    weekday      : as the marketplace counts, 0..7
    start_minute : minutes from local midnight, as end_minute
    is_recurring : every week, or only the next time
    """

    id: int
    provider_id: int
    weekday: int
    start_minute: int
    end_minute: int
    is_recurring: bool
    created_at: datetime
