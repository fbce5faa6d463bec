"""Telling users what concerns them: kept, announced on their socket, mailed and texted as they wish."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from server import clock
from server.domain.events import NOTIFICATIONS_READ, NOTIFIED, Event, user_topic
from server.domain.marketplace import Marketplace
from server.domain.notifications import Channel, Delivery, DeliveryState, Notification, Preferences
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Conflict, NotFound, Stale
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.store.database import Database
from server.store.notifications import Deliveries, DeliveryCounts, PreferenceStore
from server.store.notifications import Notifications as NotificationStore

IDS_A_MESSAGE = 200
"""So many notifications are told of at once as read: 8 KB."""


class Notifications:
    """Rows are written where the change is; `Courier` sends mail and SMS after the commit."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        notifications: NotificationStore,
        deliveries: Deliveries,
        counts: DeliveryCounts,
        preferences: PreferenceStore,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._store = meaning, database, notifications
        self._deliveries, self._counts, self._preferences = deliveries, counts, preferences
        self._outbox, self._audit = outbox, audit

    async def notify(
        self,
        user_ids: Sequence[int],
        kind: str,
        message: str,
        data: Mapping[str, Any] | None = None,
        *,
        once: str | None = None,
    ) -> int:
        """Tell users something, inside the transaction of what happened; gives how many were told.

        data : plain JSON values; what the socket's message says besides `message` and the time
        once : a user is told only the first time something of this kind is said under this name, so that
               work that is done again repeats nothing
        """
        now, told = clock.now(), 0
        for user_id in dict.fromkeys(user_ids):
            id = str(uuid4() if once is None else uuid5(NAMESPACE_OID, f"{user_id}:{kind}:{once}"))
            if once is not None and await self._store.get(id) is not None:
                continue
            await self._tell(Notification(id, user_id, kind, message, dict(data or {}), now))
            told += 1
        if told:
            today = clock.local_date(now, self._meaning.timezone).isoformat()
            await self._counts.add(today, Channel.WEBSOCKET, kind, DeliveryState.SENT, told)
        return told

    async def list(
        self, caller: Caller, kind: str | None, is_read: bool | None, paging: Paging
    ) -> Listed[Notification]:
        """Give one page of what the caller was told, newest first."""
        return await self._store.of_user(caller.user_id, kind, is_read, paging)

    async def unread(self, caller: Caller) -> int:
        return await self._store.count({"user_id": caller.user_id, "is_read": False})

    async def read(self, caller: Caller, notification_id: str) -> None:
        """Mark one as read; raises NotFound for what was told to somebody else."""

        async def write() -> None:
            found = await self._store.get(notification_id)
            if found is None or found.user_id != caller.user_id:
                raise NotFound("Notification not found")
            await self._mark_read(caller.user_id, [] if found.is_read else [found.id])

        await self._database.together(write)

    async def read_all(self, caller: Caller) -> int:
        """Mark all as read and give how many were not."""

        async def write() -> int:
            ids = await self._store.unread_ids(caller.user_id)
            await self._mark_read(caller.user_id, ids)
            return len(ids)

        return await self._database.together(write)

    async def preferences(self, user_id: int) -> Preferences:
        """Give what a user wants; who never said gets the usual."""
        return await self._preferences.get(user_id) or Preferences(user_id)

    async def change_preferences(
        self,
        caller: Caller,
        email: bool | None,
        sms: bool | None,
        kinds: Mapping[str, tuple[Channel, ...] | None],
    ) -> Preferences:
        """Set what is given and give all preferences; None for a kind means the usual again."""

        async def write() -> Preferences:
            before = await self.preferences(caller.user_id)
            after = before.changed(email, sms, kinds)
            await self._preferences.put(after)
            await self._audit.record(caller, before, after)
            return after

        return await self._database.together(write)

    async def _mark_read(self, user_id: int, ids: Sequence[str]) -> None:
        """Mark as read, and tell the user's other devices."""
        if not ids:
            return
        now = clock.now()
        await self._store.mark_read(ids, now)
        for start in range(0, len(ids), IDS_A_MESSAGE):
            some = list(ids[start : start + IDS_A_MESSAGE])
            facts = {"notification_ids": some, "read_at": now}
            await self._outbox.add(Event(NOTIFICATIONS_READ, (user_topic(user_id),), facts, now))

    async def _tell(self, told: Notification) -> None:
        try:
            await self._store.insert(told)
        except Conflict as taken:  # somebody says the same at the same time: have the work look again
            raise Stale() from taken
        for channel in (await self.preferences(told.user_id)).channels(told.kind):
            await self._deliveries.insert(self._delivery(told, channel, told.created_at))
        about = {
            "kind": told.kind,
            "message": told.message,
            "notification_id": told.id,
            "facts": dict(told.data),
        }
        await self._outbox.add(Event(NOTIFIED, (user_topic(told.user_id),), about, told.created_at))

    def _delivery(self, told: Notification, channel: Channel, now: datetime) -> Delivery:
        """Give a channel's row; the socket's goes out with the commit, and who is away finds the list."""
        due = Delivery(
            f"{told.id}:{channel}",
            told.id,
            told.user_id,
            told.kind,
            channel,
            DeliveryState.PENDING,
            now,
            due_at=now,
        )
        if channel is not Channel.WEBSOCKET:
            return due
        today = clock.local_date(now, self._meaning.timezone).isoformat()
        return replace(due, attempts=1).settled(DeliveryState.SENT, now, today)
