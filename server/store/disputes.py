"""Disputes and their messages."""

from collections.abc import Sequence

from server.domain.disputes import UNSETTLED, Dispute, DisputeMessage, DisputeState, DisputeType
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session


class Disputes(Collection[Dispute]):
    """Every disagreement."""

    NAME = "disputes"
    ENTITY = Dispute
    INDEXES = (
        Index("booking", (("booking_id", 1),)),
        Index("customer", (("customer_id", 1), ("created_at", -1))),
        Index("provider", (("provider_id", 1), ("date", 1))),
        Index("state", (("state", 1), ("kind", 1))),
        Index("date", (("date", 1),)),
    )

    async def open_of(self, booking_id: str) -> Dispute | None:
        """Give the unsettled dispute of a booking."""
        found = await self.find({"booking_id": booking_id})
        return next((one for one in found if one.state in UNSETTLED), None)

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Dispute]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))

    async def unsettled(self) -> list[Dispute]:
        """Give all that wait for an end: few, because somebody is at work on each."""
        return await self.find({"state": {"$in": sorted(UNSETTLED)}})

    async def resolved_like(self, kind: DisputeType, most: int) -> list[Dispute]:
        """Give the newest resolved disputes of a kind."""
        where = {"state": DisputeState.RESOLVED, "kind": kind}
        return await self.find(where, sort=(("resolved_at", -1),), limit=most)

    async def of_dates(self, first: str, last: str) -> list[Dispute]:
        """Give the disputes opened between two UTC days."""
        return await self.find({"date": {"$gte": first, "$lte": last}})

    async def of_provider(self, provider_id: int, first: str, last: str) -> list[Dispute]:
        return await self.find({"provider_id": provider_id, "date": {"$gte": first, "$lte": last}})


class DisputeMessages(Collection[DisputeMessage]):
    """What was said, oldest first."""

    NAME = "dispute_messages"
    ENTITY = DisputeMessage
    INDEXES = (
        Index("dispute", (("dispute_id", 1), ("created_at", 1))),
        Index("attachment", (("attachment.key", 1),)),
    )

    async def with_attachment(self, key: str) -> DisputeMessage | None:
        return await self.find_one({"attachment.key": key})

    async def of(self, dispute_id: str, paging: Paging) -> Listed[DisputeMessage]:
        where = {"dispute_id": dispute_id}
        return await self.page(where, paging, (("created_at", 1), ("_id", 1)))

    async def mark_read(self, ids: Sequence[str], user_id: int) -> None:
        """Note that a user has seen messages."""
        if ids:
            seen = {"$addToSet": {"read_by": user_id}}
            await self._motor.update_many({"_id": {"$in": list(ids)}}, seen, session=session())
