"""Ending a task that was told to."""

import asyncio


def end_if_cancelled() -> None:
    """Raise CancelledError in a cancelled task: redis-py swallows what meets it while it connects."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
