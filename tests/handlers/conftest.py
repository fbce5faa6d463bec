"""Marketplaces served over real HTTP, in this process, each test on empty databases."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest_asyncio

from handlers.alist.face import ALIST_FACE
from handlers.application import build, listening
from handlers.homeserve.face import HOMESERVE_FACE
from handlers.route import Face
from server.bootstrap import open_markets, shared_parts
from server.embedded import Endpoints
from server.settings import Settings
from tests.handlers.client import Api
from tests.handlers.homeserve.scene import Scene


@asynccontextmanager
async def serving(
    settings: Settings, services: Endpoints, faces: Sequence[Face]
) -> AsyncIterator[dict[str, Api]]:
    """Serve faces on a free port, on databases of their own; gives a client each."""
    fresh = settings.model_copy(
        update={
            "db_prefix": f"test_{uuid4().hex[:10]}",
            "default_marketplace": faces[0].marketplace.name,
        }
    )
    async with (
        shared_parts(fresh, services) as shared,
        open_markets(shared, [face.marketplace for face in faces]) as markets,
        listening(build(faces, markets, fresh, services.embedded), "127.0.0.1", 0) as port,
    ):
        clients = {name: Api(port, market, f"/{name}") for name, market in markets.items()}
        yield clients
        for client in clients.values():
            client.close()


@pytest_asyncio.fixture
async def homeserve(settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """HomeServe at the root of a port, empty."""
    async with serving(settings, services, [HOMESERVE_FACE]) as served:
        api = served["homeserve"]
        at_root = Api(api.port, api.market)
        yield at_root
        at_root.close()


@pytest_asyncio.fixture
async def scene(homeserve: Api) -> Scene:
    """HomeServe with a few people and services."""
    return await Scene.build(homeserve)


@pytest_asyncio.fixture
async def alist(settings: Settings, services: Endpoints) -> AsyncIterator[Api]:
    """A-List behind its mount, empty."""
    async with serving(settings, services, [ALIST_FACE]) as served:
        yield served["alist"]
