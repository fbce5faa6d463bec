"""The stores of an empty database, with their indexes."""

import pytest
import pytest_asyncio

from server.places.table import Places
from server.services.audit import Audit
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
