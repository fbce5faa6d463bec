"""Two marketplaces side by side: HomeServe and the one of tiny.py."""

from collections.abc import AsyncIterator

import pytest_asyncio

from handlers.homeserve.face import HOMESERVE_FACE
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.tiny import TINY_FACE
from tests.handlers.client import Api
from tests.handlers.conftest import serving


@pytest_asyncio.fixture
async def both(settings: Settings, services: Endpoints) -> AsyncIterator[dict[str, Api]]:
    """Clients by marketplace, each under its prefix."""
    async with serving(settings, services, [HOMESERVE_FACE, TINY_FACE]) as served:
        yield served
