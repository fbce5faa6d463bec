"""The audit: entries are added and read, never changed."""

from datetime import datetime

from server.domain.changes import Change
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index


class Changes(Collection[Change]):
    """Every change anybody made."""

    NAME = "changes"
    ENTITY = Change
    INDEXES = (
        Index("date", (("date", 1),)),
        Index("user", (("user_id", 1), ("date", 1))),
        Index("subject", (("subject", 1), ("subject_id", 1))),
    )

    async def of_subject(self, subject: str, subject_id: str) -> list[Change]:
        """Give every change of one thing, oldest first."""
        return await self.find({"subject": subject, "subject_id": subject_id}, sort=(("_id", 1),))

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Change]:
        """Give one page, newest first; `where` bounds `date`."""
        return await self.page(where, paging, (("_id", -1),))

    async def since(self, moment: datetime) -> dict[tuple[str, int | None], int]:
        """Count the changes from a moment on, not more than a day or two back, by (action, user)."""
        dates = {"$gte": moment.date().isoformat(), "$lte": "9999"}
        cursor = self._motor.aggregate(
            [
                {"$match": {"date": dates, "at": {"$gte": moment}}},
                {"$group": {"_id": {"action": "$action", "user": "$user_id"}, "count": {"$sum": 1}}},
            ]
        )
        rows = await cursor.to_list(length=None)
        return {(row["_id"]["action"], row["_id"].get("user")): row["count"] for row in rows}
