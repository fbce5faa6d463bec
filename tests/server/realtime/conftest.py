"""Buses on the shared Valkey, a Valkey to be killed, and a hub with somebody listening."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest_asyncio

from server.embedded import Endpoints
from server.realtime.bus import Bus
from tests.server.realtime.valkey import Valkey


@pytest_asyncio.fixture
async def bus(services: Endpoints) -> AsyncIterator[Bus]:
    """A bus that nobody else is on."""
    opened = Bus(services.redis_url, uuid4().hex)
    await opened.start()
    yield opened
    await opened.stop()


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """A Valkey to be killed."""
    own = Valkey(tmp_path)
    await own.start()
    yield own
    await own.kill()


@pytest_asyncio.fixture
async def fragile(valkey: Valkey) -> AsyncIterator[Bus]:
    """A bus on the Valkey to be killed."""
    opened = Bus(valkey.url)
    await opened.start()
    yield opened
    await opened.stop()
