"""Background work as rows: the truth; a queue only tells a worker where to look."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from server.domain.tasks import Task
from server.store.collection import LONG_AGO, Collection
from server.store.database import Index

MOST = 100


class Tasks(Collection[Task]):
    """What was asked for, and a row a regular job."""

    NAME = "tasks"
    ENTITY = Task
    INDEXES = (
        Index("due", (("due_at", 1),)),
        Index("finished", (("finished_at", 1),), expire_seconds=30 * 24 * 3600),
    )

    async def due(self, now: datetime) -> list[Task]:
        """Give tasks of which a worker should be told, longest waiting first."""
        return await self.find({"due_at": {"$gte": LONG_AGO, "$lte": now}}, sort=(("due_at", 1),), limit=MOST)

    async def take(self, seen: Task, after: Task) -> bool:
        """Write the next step of a task that is as it was seen; of several processes one succeeds."""
        as_seen = {"state": seen.state, "attempts": seen.attempts, "due_at": seen.due_at}
        return await self.change(seen.id, _differing(seen, after), where=as_seen)

    async def end(self, begun: Task, after: Task) -> bool:
        """Write how an attempt ended; False when it counted as lost and another one was begun."""
        latest = {"state": begun.state, "attempts": begun.attempts}
        return await self.change(begun.id, _differing(begun, after), where=latest)

    async def note(self, task: Task, done: int, total: int | None, until: datetime) -> bool:
        """Write how far an attempt is, and until when it counts as alive; False when it was lost."""
        return await self.end(task, replace(task, done=done, total=total, due_at=until))

    async def keep(self, task: Task, until: datetime) -> bool:
        """Write until when an attempt counts as alive; False when another one was begun."""
        return await self.end(task, replace(task, due_at=until))


def _differing(before: Task, after: Task) -> dict[str, Any]:
    names = [field.name for field in fields(Task)]
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
