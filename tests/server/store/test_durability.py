"""What `kill -9` of the database leaves: everything acknowledged, nothing by halves, nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from pymongo.errors import PyMongoError

from server.embedded import embedded_services
from server.errors import Busy
from server.settings import Settings
from server.store.database import Database, session
from tests.server.embedded.conftest import watched

KILLED_AFTER = 60
"""Acknowledged writes before the database is killed."""


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[str]:
    """An embedded database of one's own, to be killed; gives its address."""
    given = {"DATA_DIR": str(folder), "REDIS_URL": "redis://unused.example/"}
    async with embedded_services(Settings.from_environment(given)) as endpoints:
        yield endpoints.mongodb_uri


def kill(folder: Path) -> None:
    with watched(folder, "database") as database:
        database.kill()
        assert database.wait_until_gone()


async def write_until_killed(folder: Path, write: Callable[[str], asyncio.Future[None]]) -> list[str]:
    """Run four writers until the database is killed under them; gives the keys they were acknowledged."""
    acknowledged: list[str] = []

    async def writer() -> None:
        while len(acknowledged) < 4 * KILLED_AFTER:
            key = uuid4().hex
            try:
                await write(key)
            except (PyMongoError, Busy):
                return
            acknowledged.append(key)
            if len(acknowledged) == KILLED_AFTER:
                kill(folder)

    await asyncio.gather(*(writer() for _ in range(4)))
    assert len(acknowledged) >= KILLED_AFTER
    return acknowledged


async def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    """Every document whose insert was answered is there after the database was killed and came back."""
    async with embedded(tmp_path) as uri:
        database = Database.open(uri, "kept")
        things = database.collection("things")
        acknowledged = await write_until_killed(tmp_path, lambda key: things.insert_one({"_id": key}))
        kept = {thing["_id"] for thing in await things.find({}).to_list(None)}
        assert kept >= set(acknowledged)
        database.close()


async def test_no_transaction_is_kept_by_halves(tmp_path: Path) -> None:
    """Transfers between two accounts, killed midway: the books balance, acknowledged entries are there."""
    async with embedded(tmp_path) as uri:
        database = Database.open(uri, "kept")
        accounts, entries = database.collection("accounts"), database.collection("entries")
        await accounts.insert_many([{"_id": "a", "minor": 0}, {"_id": "b", "minor": 0}])

        async def transfer(key: str) -> None:
            await accounts.update_one({"_id": "a"}, {"$inc": {"minor": -1}}, session=session())
            await entries.insert_one({"_id": key}, session=session())
            await accounts.update_one({"_id": "b"}, {"$inc": {"minor": 1}}, session=session())

        acknowledged = await write_until_killed(
            tmp_path, lambda key: asyncio.ensure_future(database.together(lambda: transfer(key)))
        )
        kept = {entry["_id"] for entry in await entries.find({}).to_list(None)}
        balances = {account["_id"]: account["minor"] for account in await accounts.find({}).to_list(None)}
        assert kept >= set(acknowledged)
        assert balances == {"a": -len(kept), "b": len(kept)}
        database.close()


class LosesTheCommitsAnswer:
    """Stands between client and database; calls `lose` instead of handing on the first commit's answer."""

    def __init__(self, upstream_port: int, lose: Callable[[], None]) -> None:
        self._upstream_port, self._lose = upstream_port, lose
        self._committing: asyncio.StreamReader | None = None
        self._is_lost = False

    async def serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Hand on both directions of a connection until one of its ends closes it."""
        try:
            upstream, to_upstream = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        except OSError:
            to_client.close()
            return

        async def questions() -> None:
            while data := await client.read(65536):
                if b"commitTransaction" in data and not self._is_lost:
                    self._committing = upstream
                to_upstream.write(data)

        async def answers() -> None:
            while data := await upstream.read(65536):
                if self._committing is upstream and not self._is_lost:
                    self._is_lost = True
                    self._lose()
                    return
                to_client.write(data)

        directions = [asyncio.create_task(questions()), asyncio.create_task(answers())]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            to_client.close()
            to_upstream.close()


async def test_a_commit_whose_answer_is_lost_is_not_made_twice(tmp_path: Path) -> None:
    """When the database dies between committing and saying so, the work does not run a second time."""
    runs = 0
    async with embedded(tmp_path) as uri:
        port = urlsplit(uri).port or 0
        proxy = LosesTheCommitsAnswer(port, lambda: kill(tmp_path))
        async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
            between = server.sockets[0].getsockname()[1]
            database = Database.open(uri.replace(f":{port}/", f":{between}/"), "kept")
            things = database.collection("things")
            await things.insert_one({"_id": "before"})

            async def work() -> None:
                nonlocal runs
                runs += 1
                await things.insert_one({"_id": runs}, session=session())

            with pytest.raises(Busy):
                await database.together(work)
            assert runs == 1
            assert await things.count_documents({"_id": {"$in": [1, 2]}}) == 1
            await asyncio.to_thread(database.close)  # its farewell passes through this loop
