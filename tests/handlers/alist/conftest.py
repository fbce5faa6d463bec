"""What A-List's tests share."""

import pytest_asyncio

from tests.handlers.alist.people import People
from tests.handlers.client import Api


@pytest_asyncio.fixture
async def people(alist: Api) -> People:
    """A-List with a few people."""
    return await People.build(alist)
