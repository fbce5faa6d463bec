"""The real embedded database and Valkey, started once, and fresh databases on them."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from uuid import uuid4

import pytest
import pytest_asyncio

from server import clock
from server.embedded import Endpoints, embedded_services
from server.settings import Settings
from server.store.database import Database


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a process of its own, in a folder of its own."""
    folder = tmp_path_factory.mktemp("data")
    return Settings.from_environment({"DATA_DIR": str(folder), "DB_PREFIX": "test", "PORT": "0"})


@pytest_asyncio.fixture(scope="session")
async def services(settings: Settings) -> AsyncIterator[Endpoints]:
    """Both embedded children."""
    async with embedded_services(settings) as endpoints:
        yield endpoints


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is decides no test: writers who collide have a minute to come through."""
    monkeypatch.setattr("server.store.database.TRANSACTION_SECONDS", 60.0)


@pytest_asyncio.fixture
async def database(services: Endpoints) -> AsyncIterator[Database]:
    """An empty database."""
    opened = Database.open(services.mongodb_uri, f"test_{uuid4().hex[:12]}")
    yield opened
    opened.close()


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock; time goes on from there."""
    present = clock.now

    def to(moment: datetime) -> None:
        ahead = moment - present()
        monkeypatch.setattr(clock, "now", lambda: present() + ahead)

    return to
