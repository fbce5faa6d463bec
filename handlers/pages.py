"""What is served beside the marketplaces: health and metrics."""

from importlib.metadata import version

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from handlers.operation import Answer
from server.errors import Busy
from server.market import Market

PARTS = ("tornado", "motor", "redis", "ortools")


class Pages:
    """Answers about the process itself, by path."""

    def __init__(self, market: Market, embedded: dict[str, bool]) -> None:
        self._market, self._embedded = market, embedded
        self._versions = {name: version(name) for name in PARTS}

    async def answer(self, path: str) -> Answer | None:
        """Give the page at a path, None when there is none."""
        match path.rstrip("/"):
            case "/health":
                return await self._health()
            case "/metrics":
                return Answer(200, generate_latest(), {"Content-Type": CONTENT_TYPE_LATEST})
        return None

    async def _health(self) -> Answer:
        """Answer 200 when requests can be served, 503 when the database is away."""
        try:
            await self._market.database.ping()
            status, database = 200, "reached"
        except Busy:
            status, database = 503, "away"
        body = {
            "status": "ok" if status == 200 else "unavailable",
            "database": database,
            "embedded": self._embedded,
            "versions": self._versions,
        }
        return Answer(status, orjson.dumps(body))
