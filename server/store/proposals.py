"""Proposals to move bookings."""

from server.domain.proposals import Proposal
from server.store.collection import Collection
from server.store.database import Index, session


class Proposals(Collection[Proposal]):
    """Open ones only: what is answered or lapsed is gone, and in the audit."""

    NAME = "proposals"
    ENTITY = Proposal
    INDEXES = (Index("expiry", (("expires_at", 1),), expire_seconds=0),)

    async def put(self, proposal: Proposal) -> None:
        document = self.dump(proposal)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())
