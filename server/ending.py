"""Ends a task for certain."""

import asyncio

AGAIN_SECONDS = 0.5


async def end(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task until it has ended; how it ended is not asked.

    Said once, it may be lost: redis-py sends under `asyncio.wait_for`, which before Python 3.12 gives the
    result of a send that has just ended in place of a cancellation that comes then.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=AGAIN_SECONDS)
