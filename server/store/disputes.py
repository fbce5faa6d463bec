"""Disputes and their messages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.disputes import UNSETTLED, Dispute, DisputeMessage, DisputeState, DisputeType
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session

WAITING = {"$in": sorted(UNSETTLED)}
OLDEST_FIRST = (("created_at", 1), ("_id", 1))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What statistics need of a dispute."""

    state: DisputeState
    kind: DisputeType
    created_at: datetime
    resolved_at: datetime | None


class Disputes(Collection[Dispute]):
    """Every disagreement."""

    NAME = "disputes"
    ENTITY = Dispute
    INDEXES = (
        Index("booking", (("booking_id", 1),)),
        Index("customer", (("customer_id", 1), ("created_at", -1))),
        Index("provider", (("provider_id", 1), ("date", 1))),
        Index("state", (("state", 1), ("created_at", -1))),
        Index("kind", (("kind", 1), ("created_at", -1))),
        Index("severity", (("severity", 1), ("created_at", -1))),
        Index("resolved", (("state", 1), ("kind", 1), ("resolved_at", -1))),
        Index("mediator", (("mediator_id", 1), ("state", 1))),
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
        return await self.find({"state": WAITING})

    async def load_of(self, mediator_id: int) -> int:
        """Count the unsettled disputes of a mediator."""
        return await self.count({"mediator_id": mediator_id, "state": WAITING})

    async def resolved_like(self, kind: DisputeType, most: int) -> list[Dispute]:
        """Give the newest resolved disputes of a kind."""
        where = {"state": DisputeState.RESOLVED, "kind": kind}
        return await self.find(where, sort=(("resolved_at", -1),), limit=most)

    async def outcomes(self, first: str, last: str) -> list[Outcome]:
        """Give how the disputes stand that were opened between two UTC days."""
        fields = ("state", "kind", "created_at", "resolved_at")
        where = {"date": {"$gte": first, "$lte": last}}
        cursor = self._motor.find(where, projection=dict.fromkeys(fields, 1), session=session())
        return [
            Outcome(
                DisputeState(row["state"]), DisputeType(row["kind"]), row["created_at"], row["resolved_at"]
            )
            for row in await cursor.to_list(length=None)
        ]

    async def of_provider(self, provider_id: int, first: str, last: str) -> list[Dispute]:
        return await self.find({"provider_id": provider_id, "date": {"$gte": first, "$lte": last}})


class DisputeMessages(Collection[DisputeMessage]):
    """What was said, oldest first."""

    NAME = "dispute_messages"
    ENTITY = DisputeMessage
    INDEXES = (
        Index("dispute", (("dispute_id", 1), ("created_at", 1))),
        Index("unread", (("unread_by", 1), ("dispute_id", 1))),
        Index("attachment", (("attachment.key", 1),)),
    )

    async def with_attachment(self, key: str) -> DisputeMessage | None:
        return await self.find_one({"attachment.key": key})

    async def of(self, dispute_id: str, paging: Paging) -> Listed[DisputeMessage]:
        return await self.page({"dispute_id": dispute_id}, paging, OLDEST_FIRST)

    async def all_of(self, dispute_id: str) -> list[DisputeMessage]:
        """Give a dispute's messages, of which there is a limited number, oldest first."""
        return await self.find({"dispute_id": dispute_id}, sort=OLDEST_FIRST)

    async def unread(self, user_id: int, dispute_ids: Sequence[str]) -> Mapping[str, int]:
        """Count by dispute what a user has not read; a dispute without any is left out."""
        if not dispute_ids:
            return {}
        where = {"unread_by": user_id, "dispute_id": {"$in": list(dispute_ids)}}
        cursor = self._motor.find(where, projection={"dispute_id": 1}, session=session())
        return Counter(row["dispute_id"] for row in await cursor.to_list(length=None))

    async def mark_read(self, ids: Sequence[str], user_id: int) -> list[DisputeMessage]:
        """Note that a user has seen messages, and give those that were new to the user, as they are now."""
        where = {"_id": {"$in": list(ids)}, "unread_by": user_id}
        new = await self.find(where)
        if new:
            seen = {"$pull": {"unread_by": user_id}}
            await self._motor.update_many(where, seen, session=session())
        return [message.read_by(user_id) for message in new]
