"""Tasks that were asked for, and when each regular job is due."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.tasks import UNFINISHED, Task
from server.store.collection import Collection
from server.store.database import Index


class Tasks(Collection[Task]):
    """The truth about asked-for work; a queue only tells a worker where to look."""

    NAME = "tasks"
    ENTITY = Task
    INDEXES = (
        Index("state", (("state", 1), ("touched_at", 1))),
        Index("finished", (("finished_at", 1),), expire_seconds=30 * 24 * 3600),
    )

    async def forgotten(self, since: datetime, before: datetime) -> list[Task]:
        """Give unfinished tasks that nobody has touched for a while."""
        found: list[Task] = []
        for state in sorted(UNFINISHED):
            found += await self.find({"state": state, "touched_at": {"$gte": since, "$lt": before}})
        return found


@dataclass(frozen=True, slots=True)
class JobTurn:
    """When a regular job is due next; the id is its name."""

    id: str
    due_at: datetime


class JobTurns(Collection[JobTurn]):
    """A row a job: of several processes one takes each turn."""

    NAME = "job_turns"
    ENTITY = JobTurn
    INDEXES = ()

    async def take(self, turn: JobTurn, next_at: datetime) -> bool:
        """Take a turn, setting when the next is due; of several processes one succeeds."""
        return await self.change(turn.id, {"due_at": next_at}, where={"due_at": turn.due_at})
