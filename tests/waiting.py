"""Waiting for what nothing announces: a state of another process, or of the other end of a connection."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[object]], seconds: float = 10) -> None:
    """Return once it holds; fails the test when it does not in time."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
