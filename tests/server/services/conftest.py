"""The stores of an empty database, with their indexes, and whole marketplaces on empty databases."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest
import pytest_asyncio

from server.bootstrap import open_markets, shared_parts
from server.embedded import Endpoints
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.places.table import Places
from server.services.audit import Audit
from server.settings import Settings
from server.store.database import Database
from server.store.stores import Stores


@pytest_asyncio.fixture
async def stores(database: Database) -> Stores:
    return await Stores.open(database)


@pytest.fixture
def audit(stores: Stores) -> Audit:
    return Audit(stores.changes, stores.ids)


@pytest.fixture(scope="session")
def places() -> Places:
    return Places()


@asynccontextmanager
async def processes(settings: Settings, services: Endpoints, many: int) -> AsyncIterator[list[Market]]:
    """Open one empty marketplace as so many processes would: each with a bus and memories of its own."""
    fresh = settings.model_copy(update={"db_prefix": f"test_{uuid4().hex[:10]}"})
    async with AsyncExitStack() as opened:
        markets = []
        for _ in range(many):
            shared = await opened.enter_async_context(shared_parts(fresh, services))
            markets.append((await opened.enter_async_context(open_markets(shared, [HOMESERVE])))["homeserve"])
        yield markets


@pytest_asyncio.fixture
async def market(settings: Settings, services: Endpoints) -> AsyncIterator[Market]:
    """An empty marketplace with all its services."""
    async with processes(settings, services, 1) as (only,):
        yield only
