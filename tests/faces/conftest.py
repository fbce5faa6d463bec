"""Marketplaces for the shared suite: each by itself, all side by side, and HomeServe beside tiny.py's."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from handlers.homeserve.face import HOMESERVE_FACE
from server.embedded import Endpoints
from server.settings import Settings
from tests.faces.alist import AList
from tests.faces.cast import Cast
from tests.faces.homeserve import HomeServe
from tests.faces.tiny import TINY_FACE
from tests.handlers.client import Api
from tests.handlers.conftest import serving

CASTS: tuple[type[Cast], ...] = (HomeServe, AList)
"""A new marketplace joins the suite here."""


def name_of(kind: type[Cast]) -> str:
    """Give the marketplace's name."""
    return kind.face.marketplace.name


@pytest.fixture(params=CASTS, ids=name_of)
def kind(request: pytest.FixtureRequest) -> type[Cast]:
    """Each marketplace in turn."""
    return request.param  # type: ignore[no-any-return]


@pytest_asyncio.fixture
async def cast(kind: type[Cast], settings: Settings, services: Endpoints) -> AsyncIterator[Cast]:
    """One marketplace, for this test alone."""
    async with serving(settings, services, [kind.face]) as served:
        yield await kind.build(served[name_of(kind)])


@pytest_asyncio.fixture(scope="module")
async def casts(settings: Settings, services: Endpoints) -> AsyncIterator[dict[str, Cast]]:
    """All marketplaces of one process, for all tests of a file: these leave nothing that others mind."""
    async with serving(settings, services, [kind.face for kind in CASTS]) as served:
        yield {name_of(kind): await kind.build(served[name_of(kind)]) for kind in CASTS}


@pytest_asyncio.fixture
async def both(settings: Settings, services: Endpoints) -> AsyncIterator[dict[str, Api]]:
    """HomeServe and tiny.py's marketplace, each under its prefix."""
    async with serving(settings, services, [HOMESERVE_FACE, TINY_FACE]) as served:
        yield served
