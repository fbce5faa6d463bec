"""What is served beside a face's rows: health, metrics, and the documentation pages."""

import os
from importlib.metadata import version

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from handlers.docs import Docs
from handlers.operation import Answer
from handlers.route import Face
from server.errors import Busy
from server.market import Market

PARTS = ("tornado", "motor", "redis", "pyvrp")


class Pages:
    """Answers about the process itself, by path."""

    def __init__(self, market: Market, embedded: dict[str, bool]) -> None:
        self._market, self._embedded, self._docs = market, embedded, Docs()
        self._versions = {name: version(name) for name in PARTS}

    async def answer(self, face: Face, mounted: str, path: str) -> Answer | None:
        """Give the page at a path behind a face's mount, None when there is none."""
        match path.rstrip("/"):
            case "/health":
                return await self._health()
            case "/metrics":
                return Answer(200, _metrics(), {"Content-Type": CONTENT_TYPE_LATEST})
        return self._docs.answer(face, mounted, path)

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


def _metrics() -> bytes:
    """Give the metrics of this process, or of all that serve beside it (server/crew.py)."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
    return generate_latest(everybody)
