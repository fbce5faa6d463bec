"""Reading the audit: who changed what, narrowed and paged, and how much went on lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from server import clock
from server.domain.changes import Change
from server.domain.paging import Listed, Paging
from server.errors import Invalid
from server.services.audit import SYSTEM
from server.store.changes import Changes
from server.store.users import Users

USUAL_DAYS, MOST_DAYS = 30, 366
"""How far back a reading goes that names no start, and how far any may."""


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What is wanted; None means any. Dates are UTC days, both included."""

    subject: str | None = None
    username: str | None = None
    action: str | None = None
    first: Date | None = None
    last: Date | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What went on in the last 24 hours."""

    actions: int
    users: int
    top: Sequence[tuple[str, int]]


class History:
    """Every reading is bounded by days."""

    def __init__(self, changes: Changes, users: Users) -> None:
        self._changes, self._users = changes, users

    async def list(self, narrowed: HistoryFilter, paging: Paging) -> tuple[Listed[Change], Mapping[int, str]]:
        """Give one page, newest first, and the names of who acted by id.

        Without a start the last 30 days. raises : Invalid for days that are in disorder or too many
        """
        last = narrowed.last or clock.now().date()
        first = narrowed.first or last - timedelta(days=USUAL_DAYS)
        if not timedelta(0) <= last - first <= timedelta(days=MOST_DAYS):
            raise Invalid({"start_date": [f"At most {MOST_DAYS} days, and not after the end."]})
        where: dict[str, object] = {"date": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
        given = {"subject": narrowed.subject, "action": narrowed.action}
        where |= {name: value for name, value in given.items() if value is not None}
        if narrowed.username is not None:
            user = await self._users.named(narrowed.username)
            if user is None and narrowed.username != SYSTEM:
                return Listed((), 0, paging), {}
            where["user_id"] = user.id if user else None
        listed = await self._changes.listed(where, paging)
        return listed, await self._names(listed.items)

    async def activity(self) -> Activity:
        """Count the changes of the last 24 hours by action."""
        counts = await self._changes.since(clock.now() - timedelta(hours=24))
        by_action: dict[str, int] = {}
        for (action, _), count in counts.items():
            by_action[action] = by_action.get(action, 0) + count
        top = sorted(by_action.items(), key=lambda one: (-one[1], one[0]))[:10]
        users = {user_id for _, user_id in counts if user_id is not None}
        return Activity(sum(by_action.values()), len(users), top)

    async def _names(self, changes: Sequence[Change]) -> Mapping[int, str]:
        ids = sorted({change.user_id for change in changes if change.user_id is not None})
        users = await self._users.find({"_id": {"$in": ids}}) if ids else []
        return {user.id: user.username for user in users}
