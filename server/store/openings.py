"""Providers' openings."""

from server.domain.openings import Opening
from server.store.collection import Collection
from server.store.database import Index


class Openings(Collection[Opening]):
    """Any number a weekday; two never begin at one minute."""

    NAME = "openings"
    ENTITY = Opening
    INDEXES = (
        Index("provider_start", (("provider_id", 1), ("weekday", 1), ("start_minute", 1)), unique=True),
    )
