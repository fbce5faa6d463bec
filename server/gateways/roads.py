"""Driving times from a routing service that speaks OSRM's protocol, when TRAVEL_URL names one.

Asked for `/table/v1/driving/{lng,lat;...}?sources=...&destinations=...`. Whatever goes wrong (slow, away,
nonsense) is no error: the caller has its own model to fall back on, and the service is left alone for a
while.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from server import metrics

log = structlog.get_logger("roads")

Point = tuple[float, float]
"""Latitude and longitude, degrees."""

SIDE = 50
"""Sources and destinations of one request: together the 100 places that OSRM takes by default."""
AT_ONCE = 4
MOST_BYTES = 4_000_000
TIMEOUT_SECONDS = 4.0
REST_SECONDS = 30.0
"""How long a service that failed is left alone."""
LONGEST_SECONDS = 7 * 24 * 3600.0


class RoadsAway(Exception):
    """No answer that makes sense."""


class Roads:
    """Tables of driving times; `table` gives None when there is no service or it is away."""

    def __init__(self, url: str | None) -> None:
        self._url = url.rstrip("/") if url else None
        self._session: aiohttp.ClientSession | None = None
        self._rests_until = float("-inf")
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def table(self, points: Sequence[Point]) -> NDArray[np.float64] | None:
        """Give minutes between all pairs on empty roads: (n, n), NaN where no road leads."""
        if self._url is None or time.monotonic() < self._rests_until:
            return None
        blocks = range(0, len(points), SIDE)
        minutes = np.zeros((len(points), len(points)))

        async def fill(row: int, column: int) -> None:
            sources, targets = points[row : row + SIDE], points[column : column + SIDE]
            minutes[row : row + SIDE, column : column + SIDE] = await self._block(sources, targets)

        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), asyncio.TaskGroup() as group:
                for row in blocks:
                    for column in blocks:
                        group.create_task(fill(row, column))
        except (TimeoutError, ExceptionGroup) as wrong:
            self._rests_until = time.monotonic() + REST_SECONDS
            metrics.ROADS.labels("away").inc()
            log.warning("no driving times; the model answers", reason=_reason(wrong))
            return None
        metrics.ROADS.labels("answered").inc()
        return minutes

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _block(self, sources: Sequence[Point], targets: Sequence[Point]) -> NDArray[np.float64]:
        places = ";".join(f"{lng:.6f},{lat:.6f}" for lat, lng in (*sources, *targets))
        first = range(len(sources))
        second = range(len(sources), len(sources) + len(targets))
        asked = {"sources": ";".join(map(str, first)), "destinations": ";".join(map(str, second))}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._slots:
            address = f"{self._url}/table/v1/driving/{places}"
            async with self._session.get(address, params=asked, allow_redirects=False) as reply:
                if reply.status != 200:
                    raise RoadsAway(f"status {reply.status}")
                content = await reply.content.read(MOST_BYTES + 1)
                if len(content) > MOST_BYTES or not reply.content.at_eof():
                    raise RoadsAway("an answer too long")
        return _minutes(content, len(sources), len(targets))


def _minutes(content: bytes, rows: int, columns: int) -> NDArray[np.float64]:
    """Give an answer's durations in minutes; raises RoadsAway for anything but numbers and nulls."""
    try:
        answer: Any = orjson.loads(content)
        table: list[Any] = answer["durations"] if answer["code"] == "Ok" else []
        seconds = np.array([[math.nan if one is None else float(one) for one in row] for row in table])
    except (ValueError, KeyError, TypeError) as wrong:
        raise RoadsAway("an answer that is no table") from wrong
    if seconds.shape != (rows, columns) or (seconds < 0).any() or (seconds > LONGEST_SECONDS).any():
        raise RoadsAway("a table of another shape")
    return seconds / 60


def _reason(wrong: BaseException) -> str:
    """Give the first cause in words."""
    while isinstance(wrong, BaseExceptionGroup):
        wrong = wrong.exceptions[0]
    return str(wrong) or type(wrong).__name__
