"""Telling users what concerns them: kept, announced on their socket, mailed and texted as they wish."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from server import clock
from server.domain.entities import User
from server.domain.events import NOTIFIED, Event, user_topic
from server.domain.notifications import (
    PAUSES,
    Channel,
    Delivery,
    DeliveryState,
    Notification,
    Preferences,
)
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import NotFound
from server.gateways.deliveries import Undelivered
from server.gateways.mail import Mail
from server.gateways.sms import Sms
from server.realtime.outbox import Outbox
from server.services.accounts import PHONE_DOMAIN
from server.services.audit import Audit
from server.store.database import Database
from server.store.notifications import Deliveries, PreferenceStore
from server.store.notifications import Notifications as NotificationStore
from server.store.users import Users

BATCH = 100
OLDEST = timedelta(days=7)
"""A delivery that could not be made for so long is not made any more."""

CLAIM = timedelta(minutes=2)
"""How long a process that delivers is believed to be alive."""


class Notifications:
    """Rows are written where the change is; messages leave by a job, after the commit."""

    def __init__(
        self,
        database: Database,
        notifications: NotificationStore,
        deliveries: Deliveries,
        preferences: PreferenceStore,
        users: Users,
        outbox: Outbox,
        mail: Mail,
        sms: Sms,
        audit: Audit,
    ) -> None:
        self._database, self._notifications, self._deliveries = database, notifications, deliveries
        self._preferences, self._users, self._outbox = preferences, users, outbox
        self._couriers = {Channel.EMAIL: mail.deliver, Channel.SMS: sms.deliver}
        self._audit = audit

    async def notify(
        self, user_ids: Sequence[int], kind: str, message: str, data: Mapping[str, Any] | None = None
    ) -> None:
        """Tell users something, inside the transaction of what happened.

        data : plain JSON values; what the socket's message says besides `message` and the time
        """
        now = clock.now()
        facts = dict(data or {})
        for user_id in dict.fromkeys(user_ids):
            told = Notification(str(uuid4()), user_id, kind, message, facts, now, now.date().isoformat())
            await self._notifications.insert(told)
            for channel in (await self.preferences(user_id)).channels(kind):
                await self._deliveries.insert(_delivery(told, channel))
            about = {"kind": kind, "message": message, "notification_id": told.id, "facts": facts}
            await self._outbox.add(Event(NOTIFIED, (user_topic(user_id),), about, now))

    async def deliver_due(self) -> int:
        """Make the deliveries whose time has come and give how many were made; safe to run anywhere, twice.

        A process that dies after sending and before noting it sends once more: mail has no better.
        """
        made, now = 0, clock.now()
        for delivery in await self._deliveries.due(now - OLDEST, now, BATCH):
            if await self._deliveries.claim(delivery, now + CLAIM):
                made += await self._deliver(delivery)
        return made

    async def list(
        self, caller: Caller, kind: str | None, is_read: bool | None, paging: Paging
    ) -> Listed[Notification]:
        """Give one page of what the caller was told, newest first."""
        return await self._notifications.of_user(caller.user_id, kind, is_read, paging)

    async def unread(self, caller: Caller) -> int:
        return await self._notifications.count({"user_id": caller.user_id, "is_read": False})

    async def read(self, caller: Caller, notification_id: str) -> None:
        """Mark one as read; raises NotFound for what was told to somebody else."""
        mine = {"user_id": caller.user_id}
        if not await self._notifications.change(notification_id, {"is_read": True}, where=mine):
            raise NotFound("Notification not found")

    async def read_all(self, caller: Caller) -> int:
        """Mark all as read and give how many were not."""
        return await self._notifications.read_all(caller.user_id)

    async def preferences(self, user_id: int) -> Preferences:
        """Give what a user wants; who never said gets the usual."""
        return await self._preferences.get(user_id) or Preferences(user_id)

    async def change_preferences(self, caller: Caller, values: Mapping[str, Any]) -> Preferences:
        """Set the named preferences and give all of them."""

        async def write() -> Preferences:
            before = await self.preferences(caller.user_id)
            after = replace(before, **values)
            await self._preferences.put(after)
            await self._audit.record(caller, before, after)
            return after

        return await self._database.together(write)

    async def retry_failed(self, dates: Sequence[str]) -> int:
        """Try what was given up on these days (YYYY-MM-DD) once more; gives how many."""
        again = await self._deliveries.failed(dates)
        values = {"state": DeliveryState.PENDING, "attempts": 0, "due_at": clock.now()}
        for delivery in again:
            await self._deliveries.change(delivery.id, values, where={"state": DeliveryState.FAILED})
        return len(again)

    async def _deliver(self, delivery: Delivery) -> bool:
        told = await self._notifications.get(delivery.notification_id)
        user = await self._users.get(delivery.user_id)
        to = _destination(user, delivery.channel)
        try:
            if told is None or to is None:
                raise Undelivered("nowhere to send it")
            await self._couriers[delivery.channel](to, _subject(told), told.message)
        except Undelivered:
            await self._deliveries.change(delivery.id, _failed(delivery, can_retry=to is not None))
            return False
        sent = {"state": DeliveryState.SENT, "due_at": None, "attempts": delivery.attempts + 1}
        await self._deliveries.change(delivery.id, sent)
        return True


def _delivery(told: Notification, channel: Channel) -> Delivery:
    """Give a channel's row; the socket's goes out with the commit, and who is away finds the list."""
    is_socket = channel is Channel.WEBSOCKET
    return Delivery(
        f"{told.id}:{channel}",
        told.id,
        told.user_id,
        told.kind,
        channel,
        DeliveryState.SENT if is_socket else DeliveryState.PENDING,
        told.date,
        attempts=1 if is_socket else 0,
        due_at=None if is_socket else told.created_at,
    )


def _destination(user: User | None, channel: Channel) -> str | None:
    """Give where a channel reaches a user, None when it does not."""
    if user is None or not user.is_active:
        return None
    if channel is Channel.EMAIL:
        return None if user.email.endswith(PHONE_DOMAIN) else user.email
    return user.phone


def _failed(delivery: Delivery, *, can_retry: bool) -> dict[str, Any]:
    """Give what a failure changes: another time after a pause, or the end."""
    attempts = delivery.attempts + 1
    if can_retry and attempts <= len(PAUSES):
        return {"attempts": attempts, "due_at": clock.now() + PAUSES[attempts - 1]}
    return {"attempts": attempts, "due_at": None, "state": DeliveryState.FAILED}


def _subject(told: Notification) -> str:
    return told.kind.replace("_", " ").capitalize()
