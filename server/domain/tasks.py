"""Work that somebody asked for and can follow by its id."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TaskState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = frozenset({TaskState.QUEUED, TaskState.RUNNING})


@dataclass(frozen=True, slots=True)
class Task:
    """One piece of work. `touched_at` moves while somebody is at it; what nobody touches is queued anew."""

    id: str
    name: str
    state: TaskState
    asked_by: int | None
    created_at: datetime
    touched_at: datetime
    done: int = 0
    total: int | None = None
    result: str = ""
    error: str = ""
    finished_at: datetime | None = None
