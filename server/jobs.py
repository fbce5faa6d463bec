"""The table of background work: what runs by itself, and what staff can ask for.

Every job bears repeating and being cut short: what is due is read from the database each time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from server.domain.tasks import Progress, Task
from server.market import Market
from server.services.bookings.signatures import OPEN_FOR, REMINDED
from server.services.dispatch import dispatching

Run = Callable[[Market, Task, Progress], Awaitable[str]]
Lost = Callable[[Market, Task], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of background work.

    run   : does it and says in a few words what was done; its task says who asked, and names what for
    every : how long it rests between two runs by itself; None: it only runs when somebody asks
    lost  : what else is to be noted once its task is given up; not done when the worker dies meanwhile
    """

    name: str
    run: Run
    every: timedelta | None = None
    lost: Lost | None = None


def _counting(work: Callable[[Market], Awaitable[int]], noun: str) -> Run:
    """Give a job out of a service's method that gives how many it dealt with."""

    async def run(market: Market, task: Task, progress: Progress) -> str:
        count = await work(market)
        await progress(count, count)
        return f"{count} {noun}"

    return run


_ALL = (
    Job("deliver", _counting(lambda m: m.courier.deliver_due(), "messages"), timedelta(seconds=3)),
    Job("settle", _counting(lambda m: m.settlement.settle_due(), "orders"), timedelta(seconds=5)),
    Job("expire_signatures", _counting(lambda m: m.signatures.expire_due(), "expired"), timedelta(minutes=1)),
    Job("lapse_proposals", _counting(lambda m: m.rescheduling.lapse_due(), "lapsed"), timedelta(minutes=1)),
    Job("sweep_files", _counting(lambda m: m.media.sweep_due(), "files"), timedelta(minutes=10)),
    Job("release_earnings", _counting(lambda m: m.earnings.release_due(), "earnings"), timedelta(minutes=5)),
    Job(
        "warn_of_timeouts",
        _counting(lambda m: m.notices.warn_of_timeouts(), "bookings"),
        timedelta(minutes=5),
    ),
    Job(
        "remind_signers",
        _counting(lambda m: m.signatures.remind(REMINDED), "reminders"),
        timedelta(minutes=30),
    ),
    Job("escalate", _counting(lambda m: m.escalating.escalate_due(), "escalated"), timedelta(hours=1)),
    Job("remind_all_signers", _counting(lambda m: m.signatures.remind(OPEN_FOR), "reminders")),
    Job("retry_failed", lambda m, task, progress: m.notices.retry_failed(progress)),
    Job("alert_bonuses", lambda m, task, progress: m.performance.alert_bonuses(progress)),
    Job(
        "measure_providers",
        lambda m, task, progress: m.performance.recalculate_all(progress),
        timedelta(hours=6),
    ),
    Job("fit_speeds", _counting(lambda m: m.traffic.fit(), "cities"), timedelta(days=1)),
    Job(
        dispatching.JOB,
        lambda m, task, progress: m.dispatching.plan(task.id, progress),
        lost=lambda m, task: m.dispatching.give_up(task),
    ),
)
JOBS = {job.name: job for job in _ALL}
