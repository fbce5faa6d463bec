"""Messages on their way, while whoever caused them has their answer already.

A slow mail server would hold a request for seconds, and the time taken would tell whether somebody was
written to.
"""

import asyncio
from collections.abc import Coroutine

import structlog

log = structlog.get_logger("deliveries")

MOST_UNDER_WAY = 1000
"""Messages beyond this are dropped: a server that takes none must not fill the memory."""
LAST_SECONDS = 5.0
"""How long the messages still under way may take when the process stops."""


class Undelivered(Exception):
    """The other side took no message; worth another try later."""


class Deliveries:
    """Deliveries that run by themselves; each knows what to do about its own failure."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, delivery: Coroutine[None, None, None]) -> None:
        """Let a delivery run."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            delivery.close()
            log.error("a message was dropped, too many are under way")
            return
        task = asyncio.create_task(delivery)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Wait for what is under way, for so long at most, then give it up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(set(self._under_way), timeout=LAST_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
