"""Signatures under finished work."""

from datetime import datetime

from server.domain.paging import Listed, Paging
from server.domain.signatures import Signature, SignatureState
from server.store.collection import Collection
from server.store.database import Index


class Signatures(Collection[Signature]):
    """One a booking."""

    NAME = "signatures"
    ENTITY = Signature
    INDEXES = (
        Index("booking", (("booking_id", 1),), unique=True),
        Index("customer", (("customer_id", 1), ("requested_at", -1))),
        Index("provider", (("provider_id", 1), ("requested_at", -1))),
        Index("expiry", (("state", 1), ("expires_at", 1))),
    )

    async def of_booking(self, booking_id: str) -> Signature | None:
        return await self.find_one({"booking_id": booking_id})

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Signature]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("requested_at", -1), ("_id", 1)))

    async def waiting(self, since: datetime, until: datetime, most: int = 0) -> list[Signature]:
        """Give pending signatures whose time ends between two moments; `most` 0 means all."""
        ending = {"state": SignatureState.PENDING, "expires_at": {"$gte": since, "$lte": until}}
        return await self.find(ending, limit=most)
