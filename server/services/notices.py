"""What staff see and do about notifications: counts, alerts, and work they start."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from server import clock
from server.domain.disputes import Severity
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.notifications import DeliveryState
from server.domain.parties import Caller
from server.domain.tasks import Task, TaskState
from server.errors import NotFound, Stale
from server.services.consequences import Consequences
from server.services.notifications import Notifications
from server.services.signatures import REMINDED
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.disputes import Disputes
from server.store.notifications import Deliveries
from server.store.photos import Signatures
from server.store.tasks import Tasks
from server.store.users import Users

WEEK = 7
SOON, VERY_SOON = timedelta(hours=24), timedelta(hours=3)
"""An open booking this near to its start is an alert, a critical one."""

WAITING, TOO_LONG = timedelta(days=3), timedelta(days=7)
"""A dispute unsettled for so long is an alert, a critical one."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Deliveries of today and the week, UTC days; by kind and by channel each add up to `sent_today`."""

    sent_today: int
    sent_week: int
    failed_today: int
    by_kind: Mapping[str, int]
    by_channel: Mapping[str, int]

    @property
    def success_rate(self) -> float:
        """Percentage of today's finished deliveries that arrived; 100 when there were none."""
        finished = self.sent_today + self.failed_today
        return round(100 * self.sent_today / finished, 2) if finished else 100.0


@dataclass(frozen=True, slots=True)
class Alerts:
    """What needs somebody's attention."""

    active: int
    critical: int


class Notices:
    """Reads what others keep; starts tasks, which workers carry out."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        deliveries: Deliveries,
        bookings: BookingStore,
        signatures: Signatures,
        disputes: Disputes,
        users: Users,
        tasks: Tasks,
        notifications: Notifications,
        consequences: Consequences,
    ) -> None:
        self._meaning, self._database, self._deliveries = meaning, database, deliveries
        self._bookings, self._signatures, self._disputes = bookings, signatures, disputes
        self._users, self._tasks = users, tasks
        self._notifications, self._consequences = notifications, consequences

    async def statistics(self) -> Statistics:
        """Count what was delivered."""
        today = clock.now().date()
        dates = [(today - timedelta(days=ago)).isoformat() for ago in range(WEEK)]
        counts = await self._deliveries.counts(dates)
        by_kind: dict[str, int] = {}
        by_channel: dict[str, int] = {}
        sent_week = failed = 0
        for (date, channel, kind, state), count in counts.items():
            is_today = date == dates[0]
            sent_week += count * (state is DeliveryState.SENT)
            failed += count * (is_today and state is DeliveryState.FAILED)
            if is_today and state is DeliveryState.SENT:
                by_kind[kind] = by_kind.get(kind, 0) + count
                by_channel[str(channel)] = by_channel.get(str(channel), 0) + count
        return Statistics(sum(by_kind.values()), sent_week, failed, by_kind, by_channel)

    async def alerts(self) -> Alerts:
        """Count what needs attention: bookings nobody took, what waits for too long, lost messages."""
        now = clock.now()
        ahead = [one.starts_at - now for one in await self._open_bookings() if one.starts_at > now]
        ages = [(now - one.created_at, one.severity) for one in await self._disputes.unsettled()]
        expiring = await self._signatures.waiting(now, now + REMINDED, 1000)
        critical = sum(left <= VERY_SOON for left in ahead)
        critical += sum(age > TOO_LONG or severity is Severity.CRITICAL for age, severity in ages)
        active = sum(left <= SOON for left in ahead) + len(expiring)
        active += sum(age > WAITING or severity is Severity.CRITICAL for age, severity in ages)
        failed = (await self.statistics()).failed_today > 0
        return Alerts(active + failed, critical)

    async def start(self, caller: Caller, name: str) -> Task:
        """Ask for a job to be done; a worker begins within a second or two."""
        now = clock.now()
        # Touched long ago: the next worker that looks takes it for one that nobody is at.
        asked = Task(str(uuid4()), name, TaskState.QUEUED, caller.user_id, now, now - timedelta(hours=1))
        await self._tasks.insert(asked)
        return asked

    async def task(self, task_id: str) -> Task:
        """Give a task; raises NotFound."""
        task = await self._tasks.get(task_id)
        if task is None:
            raise NotFound("Task not found")
        return task

    async def retry_failed(self) -> int:
        """Try this week's lost messages once more; gives how many."""
        today = clock.now().date()
        dates = [(today - timedelta(days=ago)).isoformat() for ago in range(WEEK)]
        return await self._notifications.retry_failed(dates)

    async def warn_of_timeouts(self) -> int:
        """Tell customers and mediators, once, of bookings that begin soon and nobody took; gives how many."""
        now = clock.now()
        late = [
            one
            for one in await self._open_bookings()
            if one.warned_at is None and now < one.starts_at <= now + VERY_SOON
        ]
        staff = [user.id for user in await self._users.with_roles(sorted(self._meaning.mediators))]
        for booking in late:
            await self._database.together(lambda booking=booking: self._warn(booking, staff))  # type: ignore[misc]
        return len(late)

    async def _warn(self, seen: Booking, staff: list[int]) -> None:
        booking = await self._bookings.get(seen.id)
        if booking is None or booking.warned_at is not None or booking.provider_id is not None:
            return
        after = replace(booking, warned_at=clock.now(), revision=booking.revision + 1)
        try:
            await self._bookings.rewrite(after, booking.revision)
        except Stale:
            return
        await self._consequences.follow(None, booking, after)
        message = f"Nobody has taken {booking.service_name} yet"
        about = {"booking_id": booking.id}
        await self._notifications.notify([booking.customer_id, *staff], "booking_timeout", message, about)

    async def _open_bookings(self) -> list[Booking]:
        found: list[Booking] = []
        for state in self._meaning.lifecycle.states_in(Phase.OFFERED):
            found += await self._bookings.find({"provider_id": None, "state": state})
        return found
