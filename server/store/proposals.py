"""Proposals to move bookings."""

from datetime import datetime, timedelta

from server.domain.proposals import Proposal
from server.store.collection import Collection
from server.store.database import Index, session

OLDEST = timedelta(days=400)
"""Bounds the search; no proposal waits for so long to be noticed."""


class Proposals(Collection[Proposal]):
    """Open ones only: what is answered or lapsed is gone, and in the audit."""

    NAME = "proposals"
    ENTITY = Proposal
    INDEXES = (Index("expiry", (("expires_at", 1),)),)

    async def put(self, proposal: Proposal) -> None:
        document = self.dump(proposal)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())

    async def lapsed(self, now: datetime, most: int) -> list[Proposal]:
        """Give proposals whose time is over."""
        since = now - OLDEST
        return await self.find({"expires_at": {"$gte": since, "$lte": now}}, limit=most)
