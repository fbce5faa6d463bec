"""What staff see and do about notifications: counts, alerts, and work they start."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

from server import clock
from server.domain.alerts import UNACCEPTED, UNDELIVERED, UNSETTLED, UNSIGNED, Alerts, hours
from server.domain.disputes import Severity
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.notifications import Kind
from server.domain.parties import Caller
from server.domain.tasks import Progress, Task, TaskState
from server.errors import NotFound
from server.services.audit import Audit
from server.services.bookings.consequences import Consequences
from server.services.talk.courier import Courier
from server.services.talk.notifications import Notifications
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.disputes import Disputes
from server.store.notifications import DeliveryCounts
from server.store.signatures import Signatures
from server.store.tasks import Tasks
from server.store.users import Users

WEEK = 7


@dataclass(frozen=True, slots=True)
class Statistics:
    """Deliveries of the last local days; today's by kind and by channel each add up to `sent_today`."""

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


class Notices:
    """Reads what others keep; starts tasks, which workers carry out."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        counts: DeliveryCounts,
        bookings: BookingStore,
        signatures: Signatures,
        disputes: Disputes,
        users: Users,
        tasks: Tasks,
        notifications: Notifications,
        courier: Courier,
        consequences: Consequences,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._counts = meaning, database, counts
        self._bookings, self._signatures, self._disputes = bookings, signatures, disputes
        self._users, self._tasks, self._audit = users, tasks, audit
        self._notifications, self._courier, self._consequences = notifications, courier, consequences

    async def statistics(self) -> Statistics:
        """Count what was delivered, from counts that are kept with every delivery."""
        today, *_ = dates = self._week()
        by_kind: dict[str, int] = {}
        by_channel: dict[str, int] = {}
        week = failed = 0
        for one in await self._counts.of_dates(dates):
            week += one.sent
            if one.date == today:
                failed += one.failed
                by_kind[one.kind] = by_kind.get(one.kind, 0) + one.sent
                by_channel[one.channel.value] = by_channel.get(one.channel.value, 0) + one.sent
        return Statistics(sum(by_kind.values()), week, failed, _present(by_kind), _present(by_channel))

    async def alerts(self) -> Alerts:
        """Count what needs attention: bookings nobody took, what waits for too long, lost messages."""
        now = clock.now()
        unaccepted = await self._unaccepted(timedelta(hours=-UNACCEPTED.alert))
        unsigned = await self._signatures.waiting(now, now + timedelta(hours=-UNSIGNED.alert))
        unsettled = await self._disputes.unsettled()
        lost = (await self.statistics()).failed_today
        return (
            Alerts()
            .plus(UNACCEPTED, (hours(now - one.starts_at) for one in unaccepted))
            .plus(UNSIGNED, (hours(now - one.expires_at) for one in unsigned))
            .plus(
                UNSETTLED,
                (
                    UNSETTLED.critical if one.severity is Severity.CRITICAL else hours(now - one.created_at)
                    for one in unsettled
                ),
            )
            .plus(UNDELIVERED, (lost,))
        )

    async def start(self, caller: Caller, name: str) -> Task:
        """Ask for a job to be done; a worker begins within a second or two."""
        now = clock.now()
        asked = Task(str(uuid4()), name, TaskState.QUEUED, caller.user_id, now, due_at=now)

        async def write() -> None:
            await self._tasks.insert(asked)
            await self._audit.record(caller, None, asked)

        await self._database.together(write)
        return asked

    async def task(self, task_id: str) -> Task:
        """Give a task; raises NotFound."""
        task = await self._tasks.get(task_id)
        if task is None:
            raise NotFound("Task not found")
        return task

    async def retry_failed(self, progress: Progress) -> str:
        """Have this week's lost messages tried once more; the job's work."""
        return f"{await self._courier.retry_failed(self._week(), progress)} messages"

    async def warn_of_timeouts(self) -> int:
        """Tell those concerned, once, of bookings that begin soon and nobody accepted; gives how many."""
        late = await self._unaccepted(timedelta(hours=-UNACCEPTED.critical))
        staff = [user.id for user in await self._users.with_roles(sorted(self._meaning.mediators))]
        warned = 0
        for booking in late:
            if booking.warned_at is None:
                warned += await self._database.together(partial(self._warn, booking.id, staff))
        return warned

    async def _warn(self, booking_id: str, staff: list[int]) -> bool:
        booking = await self._bookings.get(booking_id)
        if booking is None or booking.warned_at is not None or not self._is_offered(booking):
            return False
        after = replace(booking, warned_at=clock.now(), revision=booking.revision + 1)
        await self._bookings.rewrite(after, booking.revision)
        await self._consequences.follow(None, booking, after)
        concerned = [booking.customer_id, *([booking.provider_id] if booking.provider_id else []), *staff]
        message = f"Nobody has accepted {booking.service_name} yet"
        about = {"booking_id": booking.id}
        await self._notifications.notify(concerned, Kind.BOOKING_TIMEOUT, message, about)
        return True

    async def _unaccepted(self, ahead: timedelta) -> list[Booking]:
        """Give the bookings that begin within a time from now and are still offered."""
        now = clock.now()
        starting = await self._bookings.starting(now, now + ahead, self._meaning.timezone)
        return [one for one in starting if self._is_offered(one)]

    def _is_offered(self, booking: Booking) -> bool:
        return self._meaning.lifecycle.phases[booking.state] is Phase.OFFERED

    def _week(self) -> list[str]:
        """Give the last local days, today first."""
        today = clock.local_date(clock.now(), self._meaning.timezone)
        return [(today - timedelta(days=ago)).isoformat() for ago in range(WEEK)]


def _present(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
