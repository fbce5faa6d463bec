"""Two server processes, a real Redis and a real nginx, each killed under load."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jwt
import orjson
import pytest_asyncio
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from server.embedded.services import RESTARTS
from tests.process import Server, descendants, running
from tests.server.proxy import NGINX, nginx
from tests.server.realtime.valkey import Valkey
from tests.waiting import until

PASSWORD = "password123"
LISTENERS = 10
OFFLINE_SECONDS = 30


class Site:
    """The running whole, as clients see it."""

    def __init__(self, server: Server, redis: Valkey, port: int) -> None:
        self.server, self.redis, self.port = server, redis, port
        self._http = AsyncHTTPClient(force_instance=True, max_clients=100)
        self._opened: list[WebSocketClientConnection] = []

    async def call(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        """Send one request; status 599 when no answer came."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"http://127.0.0.1:{self.port}{path}"
        content = None if method == "GET" else orjson.dumps(body)
        request = HTTPRequest(url, method, headers, content, request_timeout=30)
        try:
            answer = await self._http.fetch(request, raise_error=False)
        except (OSError, HTTPError):
            return 599, None
        with suppress(orjson.JSONDecodeError):
            return answer.code, orjson.loads(answer.body or b"null")
        return answer.code, None

    async def sign_in(self, username: str) -> str:
        status, reply = await self.call(
            "POST", "/auth/login/", body={"username": username, "password": PASSWORD}
        )
        assert status == 200, reply
        return str(reply["access"])

    async def listen(self, path: str, token: str) -> WebSocketClientConnection:
        """Open a socket that is closed with the site."""
        connection = await websocket_connect(f"ws://127.0.0.1:{self.port}{path}?token={token}")
        self._opened.append(connection)
        return connection

    async def cancelled(self, token: str) -> set[str]:
        """Give which of a user's bookings have been called off, page by page."""
        found, number = set[str](), 1
        while True:
            status, page = await self.call("GET", f"/api/bookings/?page_size=100&page={number}", token)
            if status == 200:
                found |= {one["id"] for one in page["results"] if one["status"] == "cancelled"}
                number += 1
                if page["next"] is None:
                    return found

    def close(self) -> None:
        for connection in self._opened:
            connection.close()
        self._http.close()

    def processes(self, program: str) -> list[int]:
        """Give the ids of the server's processes whose command line has a word."""
        found = []
        for pid in descendants(self.server.pid):
            with suppress(OSError):
                if program in Path(f"/proc/{pid}/cmdline").read_bytes().decode():
                    found.append(pid)
        return found

    async def killed(self, program: str) -> None:
        """Kill the first such process, and wait until another has taken its place."""
        count = len(self.processes(program))
        os.kill(victim := self.processes(program)[0], signal.SIGKILL)

        async def is_replaced() -> bool:
            now = self.processes(program)
            return victim not in now and len(now) == count

        await until(is_replaced, 30)


class Listener:
    """Somebody whose app connects again whenever its socket closes, and fetches afresh when told to."""

    def __init__(self, site: Site, user: int, token: str) -> None:
        self._site, self._path, self._token = site, f"/ws/notifications/{user}/", token
        self.heard: set[str] = set()
        self.connections = 0
        self.is_connected = asyncio.Event()

    async def run(self) -> None:
        while True:
            with suppress(OSError, HTTPError):
                socket = await self._site.listen(self._path, self._token)
                self.connections += 1
                self.is_connected.set()
                while (message := await socket.read_message()) is not None:
                    event = orjson.loads(message)
                    if event["type"] == "booking_status_change":
                        self.heard.add(event["data"]["booking_id"])
                    elif event["type"] == "resync":
                        self.heard |= await self._site.cancelled(self._token)
            self.is_connected.clear()
            await asyncio.sleep(0.1)


class Writer:
    """Makes bookings and calls them off, and knows which of it was acknowledged."""

    def __init__(self, site: Site, token: str) -> None:
        self._site, self._token = site, token
        self.acknowledged: set[str] = set()

    async def run(self) -> None:
        at = datetime.now(ZoneInfo("Asia/Kolkata")).replace(hour=11, minute=0, second=0, microsecond=0)
        body = {"service": 1, "pincode": "110001", "scheduled_date": (at + timedelta(days=5)).isoformat()}
        while True:
            status, booking = await self._site.call("POST", "/api/bookings/", self._token, body)
            if status != 201:
                await asyncio.sleep(0.05)
                continue
            path = f"/api/bookings/{booking['id']}/cancel/"
            status, _ = await self._site.call("POST", path, self._token, {"reason": "Rain"})
            if status == 200:
                self.acknowledged.add(booking["id"])

    async def goes_on(self, more: int = 15) -> None:
        """Return when so many more have been acknowledged."""
        wanted = len(self.acknowledged) + more

        async def are_enough() -> bool:
            return len(self.acknowledged) >= wanted

        await until(are_enough, 60)


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Two processes on a Redis that keeps nothing, behind nginx where it is installed."""
    redis = Valkey(tmp_path, shutil.which("redis-server"))
    await redis.start()
    variables = {"WORKERS": "2", "DEMO": "1", "REDIS_URL": redis.url, "TRUSTED_PROXIES": "127.0.0.1"}
    with running(tmp_path, **variables) as server:
        forwarding = nginx(tmp_path, server.port) if NGINX else nullcontext(server.port)
        with forwarding as port:
            opened = Site(server, redis, port)
            yield opened
            opened.close()
    await redis.kill()


def user_of(token: str) -> int:
    return int(jwt.decode(token, options={"verify_signature": False})["sub"])


async def test_each_part_is_killed_under_load_and_no_event_is_lost(site: Site) -> None:
    """All that was acknowledged is known to all who stayed connected, while everything else died in turn."""
    token = await site.sign_in("customer1")
    listeners = [Listener(site, user_of(token), token) for _ in range(LISTENERS)]
    writer = Writer(site, token)
    async with asyncio.TaskGroup() as group:
        listening = [group.create_task(one.run()) for one in listeners]
        await asyncio.gather(*(one.is_connected.wait() for one in listeners))
        writing = [group.create_task(writer.run()) for _ in range(3)]
        await writer.goes_on()
        await site.killed("--sockets")
        await writer.goes_on()
        await asyncio.gather(*(one.is_connected.wait() for one in listeners))
        after_process = [one.connections for one in listeners]
        await site.redis.kill()
        await writer.goes_on()
        await site.redis.start()
        await writer.goes_on()
        await site.killed("secantusd")
        await writer.goes_on()
        for task in writing:
            task.cancel()
        stayed = [one for one in listeners if one.connections == 1]
        assert stayed, "nobody was on the process that lived"
        assert len(stayed) < LISTENERS, "nobody was on the process that died"
        assert [one.connections for one in listeners] == after_process, "Redis or database cost a socket"

        async def is_heard() -> bool:
            return all(writer.acknowledged <= one.heard for one in stayed)

        await until(is_heard, 30)
        for task in listening:
            task.cancel()


async def test_users_of_killed_processes_are_offline_in_time(site: Site) -> None:
    """When every process is killed, those who do not come back are told offline within 30 s."""
    customer, admin = await site.sign_in("customer1"), await site.sign_in("admin1")
    path = f"/ws/status/{user_of(customer)}/customer/"
    watching = await site.listen(path, customer)
    while (vendor := (await told(watching))["user_id"]) == user_of(customer):
        pass
    _, profile = await site.call("GET", f"/api/users/{vendor}/", admin)
    await site.listen(f"/ws/notifications/{vendor}/", await site.sign_in(profile["username"]))
    assert (await told_of(watching, vendor))["is_online"] is True
    for pid in site.processes("--sockets"):
        os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(OFFLINE_SECONDS):
        watching = await site.listen(path, customer)
        while (await told_of(watching, vendor))["is_online"]:
            pass


async def test_metrics_of_all_processes_add_up(site: Site) -> None:
    """Whichever process answers, it counts the sockets of both."""
    token = await site.sign_in("customer1")
    sockets = [await site.listen(f"/ws/notifications/{user_of(token)}/", token) for _ in range(LISTENERS)]
    for _ in range(4):
        page = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{site.port}/metrics")
        assert f"doorstep_sockets {float(len(sockets))}" in page.body.decode().splitlines()


async def test_processes_that_keep_dying_end_all(site: Site) -> None:
    """When processes cannot be kept running, the whole ends with status 1 and says why."""
    for _ in range(RESTARTS):
        await site.killed("--sockets")
    while not site.server.all_ended(seconds=0.05):
        for pid in site.processes("--sockets"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert site.server.wait() == 1


async def told(socket: WebSocketClientConnection) -> Any:
    """Give the next status."""
    message = await asyncio.wait_for(socket.read_message(), OFFLINE_SECONDS)
    assert message is not None
    return orjson.loads(message)["data"]


async def told_of(socket: WebSocketClientConnection, user: int) -> Any:
    """Give the next status of a user."""
    while (status := await told(socket))["user_id"] != user:
        pass
    return status
