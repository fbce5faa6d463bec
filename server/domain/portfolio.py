"""Work that a provider shows."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PortfolioItem:
    """One piece of work. `completed_on` is a day, YYYY-MM-DD."""

    id: int
    provider_id: int
    title: str
    description: str
    created_at: datetime
    completed_on: str | None = None
    image_key: str | None = None
