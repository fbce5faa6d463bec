"""Mails and texts notifications after their commit, and tries again what did not arrive."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from server import clock
from server.domain.entities import User
from server.domain.marketplace import Marketplace
from server.domain.notifications import MOST_ATTEMPTS, PAUSES, Channel, Delivery, DeliveryState, Notification
from server.domain.tasks import Progress
from server.gateways.deliveries import Undelivered
from server.gateways.mail import Mail
from server.gateways.sms import Sms
from server.services.accounts.accounts import PHONE_DOMAIN
from server.store.database import Database
from server.store.notifications import Deliveries, DeliveryCounts, Notifications
from server.store.users import Users

BATCH = 200
AT_ONCE = 10
"""Messages under way together: one slow server holds up few others."""

CLAIM = timedelta(seconds=45)
"""How long whoever began an attempt is believed to be at it: longer than any gateway is waited for."""

OLDEST = timedelta(days=7)
"""A message that could not leave for so long is given up: its news is none any more."""


class Courier:
    """Every delivery is a row; any process may deliver at any time, also at once."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        notifications: Notifications,
        deliveries: Deliveries,
        counts: DeliveryCounts,
        users: Users,
        mail: Mail,
        sms: Sms,
    ) -> None:
        self._meaning, self._database, self._notifications = meaning, database, notifications
        self._deliveries, self._counts, self._users = deliveries, counts, users
        self._gateways = {Channel.EMAIL: mail.deliver, Channel.SMS: sms.deliver}

    async def deliver_due(self) -> int:
        """Make the deliveries whose time has come and give how many arrived.

        A process that dies between sending and noting it leads to a second sending under the same key, by
        which the other side can tell; mail has no better.
        """
        arrived = 0
        while True:
            due = await self._deliveries.due(clock.now(), BATCH)
            for start in range(0, len(due), AT_ONCE):
                group = due[start : start + AT_ONCE]
                arrived += sum(await asyncio.gather(*(self._attempt(one) for one in group)))
            if len(due) < BATCH:
                return arrived

    async def retry_failed(self, dates: Sequence[str], progress: Progress) -> int:
        """Have what was given up on these local days (YYYY-MM-DD) tried anew; gives how many."""
        count = 0
        for date in dates:
            while failed := await self._deliveries.failed(date, BATCH):
                for one in failed:
                    await self._database.together(partial(self._revive, one))
                count += len(failed)
                await progress(count, None)
        return count

    async def _attempt(self, seen: Delivery) -> bool:
        """Try one delivery once; the attempt is counted before, so that one that kills its process ends."""
        now = clock.now()
        begun = await self._deliveries.begin(seen, now + CLAIM)
        if begun is None:
            return False
        if begun.attempts > MOST_ATTEMPTS or now - begun.created_at > OLDEST:
            await self._settle(begun, DeliveryState.FAILED)
            return False
        told = await self._notifications.get(begun.notification_id)
        to = _address(await self._users.get(begun.user_id), begun.channel)
        if told is None or to is None:
            await self._settle(begun, DeliveryState.SKIPPED)
            return False
        try:
            await self._gateways[begun.channel](to, _subject(told), told.message, begun.id)
        except Undelivered:
            await self._rest(begun)
            return False
        await self._settle(begun, DeliveryState.SENT)
        return True

    async def _rest(self, begun: Delivery) -> None:
        """Let a channel rest after a failure, the longer the more often it failed; then give up."""
        if begun.attempts >= MOST_ATTEMPTS:
            await self._settle(begun, DeliveryState.FAILED)
        else:
            due_at = clock.now() + PAUSES[begun.attempts - 1]
            await self._deliveries.move(begun, replace(begun, due_at=due_at))

    async def _settle(self, begun: Delivery, state: DeliveryState) -> None:
        """Write how a delivery ended, and count it on the day it did."""
        now = clock.now()
        date = clock.local_date(now, self._meaning.timezone).isoformat()

        async def write() -> None:
            if await self._deliveries.move(begun, begun.settled(state, now, date)):
                await self._counts.add(date, begun.channel, begun.kind, state, 1)

        await self._database.together(write)

    async def _revive(self, failed: Delivery) -> None:
        pending = replace(
            failed, state=DeliveryState.PENDING, attempts=0, due_at=clock.now(), settled_at=None, date=""
        )
        if await self._deliveries.move(failed, pending):
            await self._counts.add(failed.date, failed.channel, failed.kind, DeliveryState.FAILED, -1)


def _address(user: User | None, channel: Channel) -> str | None:
    """Give where a channel reaches a user, None when it does not."""
    if user is None or not user.is_active:
        return None
    if channel is Channel.EMAIL:
        return None if user.email.endswith(PHONE_DOMAIN) else user.email
    return user.phone


def _subject(told: Notification) -> str:
    return told.kind.replace("_", " ").capitalize()
