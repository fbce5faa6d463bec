"""What users were told, their deliveries by channel, and what they want."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.notifications import Channel, Delivery, DeliveryState, Notification, Preferences
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session


class Notifications(Collection[Notification]):
    """Everything anybody was told."""

    NAME = "notifications"
    ENTITY = Notification
    INDEXES = (Index("user", (("user_id", 1), ("is_read", 1), ("kind", 1))),)

    async def of_user(
        self, user_id: int, kind: str | None, is_read: bool | None, paging: Paging
    ) -> Listed[Notification]:
        """Give one page of a user's notifications, newest first; None means any."""
        narrowed = {"is_read": is_read, "kind": kind}
        where = {"user_id": user_id, **{name: one for name, one in narrowed.items() if one is not None}}
        newest = (("created_at", -1), ("_id", 1))
        found = await self.find(where, sort=newest, skip=paging.skip, limit=paging.size)
        return Listed(found, await self.count(where), paging)

    async def read_all(self, user_id: int) -> int:
        """Mark a user's notifications as read and give how many were not."""
        where = {"user_id": user_id, "is_read": False}
        done = await self._motor.update_many(where, {"$set": {"is_read": True}}, session=session())
        return int(done.modified_count)


class Deliveries(Collection[Delivery]):
    """A row a notification and channel."""

    NAME = "deliveries"
    ENTITY = Delivery
    INDEXES = (
        Index("due", (("due_at", 1),)),
        Index("date", (("date", 1), ("state", 1))),
    )

    async def due(self, since: datetime, now: datetime, most: int) -> list[Delivery]:
        """Give deliveries whose time has come, longest waiting first."""
        return await self.find({"due_at": {"$gte": since, "$lte": now}}, sort=(("due_at", 1),), limit=most)

    async def claim(self, delivery: Delivery, until: datetime) -> bool:
        """Take a delivery for a while; of several processes one succeeds."""
        return await self.change(delivery.id, {"due_at": until}, where={"due_at": delivery.due_at})

    async def counts(self, dates: Sequence[str]) -> dict[tuple[str, Channel, str, DeliveryState], int]:
        """Count the deliveries of some days by (date, channel, kind, state)."""
        key = {"date": "$date", "channel": "$channel", "kind": "$kind", "state": "$state"}
        cursor = self._motor.aggregate(
            [{"$match": {"date": {"$in": list(dates)}}}, {"$group": {"_id": key, "count": {"$sum": 1}}}]
        )
        rows = await cursor.to_list(length=None)
        return {
            (
                row["_id"]["date"],
                Channel(row["_id"]["channel"]),
                row["_id"]["kind"],
                DeliveryState(row["_id"]["state"]),
            ): row["count"]
            for row in rows
        }

    async def failed(self, dates: Sequence[str]) -> list[Delivery]:
        """Give the deliveries of some days that were given up."""
        found: list[Delivery] = []
        for date in dates:
            found += await self.find({"date": date, "state": DeliveryState.FAILED})
        return found


class PreferenceStore(Collection[Preferences]):
    """Only users who changed something have a row."""

    NAME = "notification_preferences"
    ENTITY = Preferences

    async def put(self, preferences: Preferences) -> None:
        document = self.dump(preferences)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())
