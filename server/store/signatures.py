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
        Index("newest", (("requested_at", -1),)),
        Index("expiry", (("state", 1), ("expires_at", 1))),
    )

    async def of_booking(self, booking_id: str) -> Signature | None:
        return await self.find_one({"booking_id": booking_id})

    async def listed(
        self, where: dict[str, object], state: SignatureState | None, now: datetime, paging: Paging
    ) -> Listed[Signature]:
        """Give one page, newest first, of those in a state now; `where` names keys of one index."""
        narrowed = where | (_in_state(state, now) if state else {})
        return await self.page(narrowed, paging, (("requested_at", -1), ("_id", 1)))

    async def waiting(self, since: datetime, until: datetime, most: int = 0) -> list[Signature]:
        """Give pending signatures whose time ends between two moments; `most` 0 means all."""
        ending = {"state": SignatureState.PENDING, "expires_at": {"$gte": since, "$lte": until}}
        return await self.find(ending, limit=most)


def _in_state(state: SignatureState, now: datetime) -> dict[str, object]:
    """Give what finds the signatures in a state; one whose time is over may still be kept as pending."""
    if state is SignatureState.PENDING:
        return {"state": state, "expires_at": {"$gt": now}}
    if state is SignatureState.EXPIRED:
        return {"state": {"$in": [SignatureState.PENDING, state]}, "expires_at": {"$lte": now}}
    return {"state": state}
