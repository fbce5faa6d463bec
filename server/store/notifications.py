"""What users were told, their deliveries by channel, and what they want."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from random import randrange

from server.domain.notifications import (
    Channel,
    Delivery,
    DeliveryCount,
    DeliveryState,
    Notification,
    Preferences,
)
from server.domain.paging import Listed, Paging
from server.store.collection import LONG_AGO, Collection
from server.store.database import Index, session

KEPT_SECONDS = 180 * 24 * 3600
"""How long users find what they were told, and its deliveries; the counts stay."""

SHARDS = 8
"""Documents a count is spread over, so that two who tell seldom wait for each other."""


class Notifications(Collection[Notification]):
    """Everything anybody was told."""

    NAME = "notifications"
    ENTITY = Notification
    INDEXES = (
        Index("user", (("user_id", 1), ("is_read", 1), ("kind", 1))),
        Index("age", (("created_at", 1),), expire_seconds=KEPT_SECONDS),
    )

    async def of_user(
        self, user_id: int, kind: str | None, is_read: bool | None, paging: Paging
    ) -> Listed[Notification]:
        """Give one page of a user's notifications, newest first; None means any."""
        narrowed = {"is_read": is_read, "kind": kind}
        where = {"user_id": user_id, **{name: one for name, one in narrowed.items() if one is not None}}
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))

    async def unread_ids(self, user_id: int) -> list[str]:
        """Give the ids of what a user has not read."""
        where = {"user_id": user_id, "is_read": False}
        cursor = self._motor.find(where, projection={"_id": 1}, session=session())
        return [row["_id"] for row in await cursor.to_list(length=None)]

    async def mark_read(self, ids: Sequence[str], at: datetime) -> None:
        """Mark as read what is not yet."""
        where = {"_id": {"$in": list(ids)}, "is_read": False}
        read = {"$set": {"is_read": True, "read_at": at}}
        await self._motor.update_many(where, read, session=session())


class Deliveries(Collection[Delivery]):
    """A row a notification and channel."""

    NAME = "deliveries"
    ENTITY = Delivery
    INDEXES = (
        Index("due", (("due_at", 1),)),
        Index("date", (("date", 1), ("state", 1))),
        Index("age", (("created_at", 1),), expire_seconds=KEPT_SECONDS),
    )

    async def due(self, now: datetime, most: int) -> list[Delivery]:
        """Give deliveries whose time has come, longest waiting first."""
        return await self.find({"due_at": {"$gte": LONG_AGO, "$lte": now}}, sort=(("due_at", 1),), limit=most)

    async def begin(self, seen: Delivery, until: datetime) -> Delivery | None:
        """Take a due delivery for an attempt until some time; of several processes one gets it."""
        begun = replace(seen, attempts=seen.attempts + 1, due_at=until)
        values = {"attempts": begun.attempts, "due_at": begun.due_at}
        is_ours = await self.change(seen.id, values, where={"due_at": seen.due_at})
        return begun if is_ours else None

    async def move(self, before: Delivery, after: Delivery) -> bool:
        """Write a state that follows from an attempt; False when somebody else went on meanwhile."""
        names = ("state", "attempts", "due_at", "settled_at", "date")
        values = {name: getattr(after, name) for name in names}
        where = {"state": before.state, "attempts": before.attempts}
        return await self.change(before.id, values, where=where)

    async def failed(self, date: str, most: int) -> list[Delivery]:
        """Give deliveries that were given up on a local day."""
        return await self.find({"date": date, "state": DeliveryState.FAILED}, limit=most)


class DeliveryCounts(Collection[DeliveryCount]):
    """Counts of settled deliveries, kept as they are settled; readers add the shards up."""

    NAME = "delivery_counts"
    ENTITY = DeliveryCount
    INDEXES = (Index("date", (("date", 1),)),)

    async def add(self, date: str, channel: Channel, kind: str, state: DeliveryState, count: int) -> None:
        """Count deliveries, inside the transaction that settles them; raises Stale on a collision."""
        id = f"{date}:{channel}:{kind}:{randrange(SHARDS)}"
        await self.increase(id, {state.value: count}, {"date": date, "channel": channel, "kind": kind})

    async def of_dates(self, dates: Sequence[str]) -> list[DeliveryCount]:
        """Give the counts of some local days."""
        return await self.find({"date": {"$in": list(dates)}})


class PreferenceStore(Collection[Preferences]):
    """Only users who changed something have a row."""

    NAME = "notification_preferences"
    ENTITY = Preferences

    async def put(self, preferences: Preferences) -> None:
        document = self.dump(preferences)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())
