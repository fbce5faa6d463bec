"""Background work: what is asked for or due, and what follows when an attempt ends."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

Progress = Callable[[int, int | None], Awaitable[None]]
"""(done, total): what whoever asked can see meanwhile."""

PAUSES = (timedelta(seconds=5), timedelta(minutes=1))
"""How long a task rests after its first and its second failure."""

MOST_ATTEMPTS = len(PAUSES) + 1


class TaskState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work: asked for by somebody, or a regular job, whose id is its name and which never ends.

    due_at   : when a worker should be told of it (again); while one is at it, when it counts as lost; None
               when it is over
    attempts : how often it was begun since it last went well; an attempt is known by its number
    """

    id: str
    name: str
    state: TaskState
    asked_by: int | None
    created_at: datetime
    due_at: datetime | None
    attempts: int = 0
    done: int = 0
    total: int | None = None
    result: str = ""
    error: str = ""
    finished_at: datetime | None = None

    def begun(self, until: datetime) -> "Task":
        """Give the task with one more attempt under way."""
        return replace(
            self, state=TaskState.RUNNING, attempts=self.attempts + 1, due_at=until, done=0, total=None
        )

    def succeeded(self, result: str, now: datetime, every: timedelta | None) -> "Task":
        """Give the task after an attempt that went well; `every` is how long a regular job rests."""
        well = replace(self, result=result, error="", attempts=0)
        if every is not None:
            return replace(well, state=TaskState.QUEUED, due_at=now + every)
        return replace(well, state=TaskState.DONE, due_at=None, finished_at=now, attempts=self.attempts)

    def failed(self, error: str, now: datetime, every: timedelta | None) -> "Task":
        """Give the task after an attempt that failed: another one after a pause, or the end."""
        if self.attempts < MOST_ATTEMPTS:
            pause = PAUSES[self.attempts - 1]
            due_at = now + (pause if every is None else min(pause, every))
            return replace(self, state=TaskState.QUEUED, due_at=due_at, error=error)
        if every is not None:
            return replace(self, state=TaskState.QUEUED, due_at=now + every, error=error, attempts=0)
        return replace(self, state=TaskState.FAILED, due_at=None, error=error, finished_at=now)

    def put_back(self, now: datetime) -> "Task":
        """Give the task as if the attempt under way had not been begun: its worker has to stop."""
        return replace(self, state=TaskState.QUEUED, due_at=now, attempts=self.attempts - 1)
