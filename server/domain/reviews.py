"""What customers say of a provider."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Review:
    """One customer's word on one provider, given once.

    number      : 1 for the provider's first review, then 2, …; those that were removed leave gaps
    rating      : 1..5
    is_verified : the provider had finished a job for the customer
    """

    id: int
    provider_id: int
    customer_id: int
    customer_name: str
    number: int
    rating: int
    comment: str
    is_verified: bool
    created_at: datetime
