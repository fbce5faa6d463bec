"""Both children as a process has them: with it, after it, and when they die under it."""

import asyncio
import os
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from server.embedded import EmbeddedError, embedded_services
from server.embedded.services import RESTARTS
from server.settings import Settings
from server.store.database import Database
from tests.server.embedded.conftest import owner, watched

NAMES = ("database", "valkey")


def settings(folder: Path, **variables: str) -> Settings:
    return Settings.from_environment({"DATA_DIR": str(folder), **variables})


async def test_data_is_there_at_the_next_start(folder: Path) -> None:
    """What one run wrote into the database and into Valkey, the next run reads."""
    async with embedded_services(settings(folder)) as endpoints:
        database = Database.open(endpoints.mongodb_uri, "kept")
        await database.collection("things").insert_one({"_id": 1})
        database.close()
        async with Redis.from_url(endpoints.redis_url) as redis:
            await redis.set("kept", "yes")
    async with embedded_services(settings(folder)) as endpoints:
        database = Database.open(endpoints.mongodb_uri, "kept")
        assert await database.collection("things").count_documents({"_id": 1}) == 1
        database.close()
        async with Redis.from_url(endpoints.redis_url) as redis:
            assert await redis.get("kept") == b"yes"


async def test_nothing_runs_after_an_orderly_end(folder: Path) -> None:
    """Leaving the context stops both children and takes their process id files away."""
    with ExitStack() as stack:
        async with embedded_services(settings(folder)):
            children = [stack.enter_context(watched(folder, name)) for name in NAMES]
        assert not any(child.is_running() for child in children)
    assert not any((folder / f"{name}.pid").exists() for name in NAMES)


async def test_children_listen_on_loopback_only(folder: Path) -> None:
    """Neither child can be reached through an address of this machine that others see."""
    async with embedded_services(settings(folder)) as endpoints:
        for url in (endpoints.mongodb_uri, endpoints.redis_url):
            parts = urlsplit(url)
            assert parts.hostname == "127.0.0.1"
            assert _listening_addresses(parts.port or 0) == {"0100007F"}


def _listening_addresses(port: int) -> set[str]:
    """Give the local addresses, as the kernel writes them, on which a port listens."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    listening = "0A"
    return {
        address
        for address, _, number in (row[1].partition(":") for row in rows if row[3] == listening)
        if int(number, 16) == port
    }


async def test_valkey_demands_its_password(folder: Path) -> None:
    """Another user of the machine who finds the port does not get in."""
    async with embedded_services(settings(folder)) as endpoints:
        port = urlsplit(endpoints.redis_url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET kept\r\n")
        assert (await reader.readline()).startswith(b"-NOAUTH")
        writer.close()
        await writer.wait_closed()


async def test_given_addresses_start_nothing(folder: Path) -> None:
    """With a database and a Redis of its own, a process starts no child and locks no folder."""
    given = settings(folder, MONGODB_URI="mongodb://db.example/", REDIS_URL="redis://redis.example/0")
    async with embedded_services(given) as first, embedded_services(given):
        assert (first.mongodb_uri, first.redis_url) == ("mongodb://db.example/", "redis://redis.example/0")
        assert first.embedded == {"database": False, "redis": False}
        assert os.listdir(folder) == ["secret"]


async def test_a_second_instance_is_refused_in_one_line(folder: Path) -> None:
    """Whoever finds the data folder in use is told so, and the first one goes on."""
    async with embedded_services(settings(folder)):
        with pytest.raises(EmbeddedError, match=r"^another instance uses .*\Z"):
            async with embedded_services(settings(folder)):
                pass
        with watched(folder, "database") as database:
            assert database.is_running()


def test_children_die_with_a_killed_parent(folder: Path) -> None:
    """After `kill -9` of the process, both children end by themselves."""
    with (
        owner(folder) as process,
        watched(folder, "database") as database,
        watched(folder, "valkey") as valkey,
    ):
        process.kill()
        assert database.wait_until_gone()
        assert valkey.wait_until_gone()


def test_ctrl_c_reaches_the_parent_alone(folder: Path) -> None:
    """Children lead sessions of their own, so that a terminal's signal does not end them first."""
    with owner(folder) as process:
        for name in NAMES:
            pid = int((folder / f"{name}.pid").read_text().split("\n")[0])
            assert os.getsid(pid) == pid != os.getsid(process.pid)


async def test_a_start_takes_over_after_a_killed_parent(folder: Path) -> None:
    """A start right after `kill -9` waits for the old children to go, and finds their files in order."""
    with owner(folder) as process, watched(folder, "database") as database:
        process.kill()
        process.wait()
        async with embedded_services(settings(folder)) as endpoints:
            assert not database.is_running()
            opened = Database.open(endpoints.mongodb_uri, "kept")
            await opened.ping()
            opened.close()


@pytest.mark.parametrize("name", NAMES)
async def test_a_killed_child_comes_back_with_its_address(folder: Path, name: str) -> None:
    """A child that dies under a serving process is started again where clients expect it."""
    async with embedded_services(settings(folder)) as endpoints:
        with watched(folder, name) as first:
            first.kill()
            assert first.wait_until_gone()
        opened = Database.open(endpoints.mongodb_uri, "kept")
        await opened.collection("things").find_one({})
        opened.close()
        await until_redis_answers(endpoints.redis_url)
        assert not endpoints.failure.done()


async def until_redis_answers(url: str) -> None:
    """Connect as often as needed, as clients do that lost their connection."""
    patience = Retry(ConstantBackoff(0.02), 500)
    async with asyncio.timeout(15), Redis.from_url(url, retry=patience) as redis:
        await redis.ping()


async def test_a_child_that_keeps_dying_is_reported(folder: Path) -> None:
    """After a few restarts in a row the process learns that it cannot go on, and why."""
    async with embedded_services(settings(folder)) as endpoints:
        for _ in range(RESTARTS + 1):
            await until_redis_answers(endpoints.redis_url)
            with watched(folder, "valkey") as valkey:
                valkey.kill()
                assert valkey.wait_until_gone()
        async with asyncio.timeout(15):
            error = await asyncio.shield(endpoints.failure)
        assert str(error).startswith("valkey ended ")


async def test_a_port_in_use_elsewhere_is_never_taken(folder: Path) -> None:
    """While a child is down, its port is not given to anybody who asks the kernel for a free one."""
    async with embedded_services(settings(folder)) as endpoints:
        port = urlsplit(endpoints.redis_url).port
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
