"""The server as a process: how it starts, refuses to start, stops, and what it keeps when it is killed."""

import os
import re
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from queue import Queue

import pytest

from tests.process import Server, descendants, run, running

PASSWORD = "password123"
ACKNOWLEDGED = 20
"""Writes to wait for before the kill; four clients go on writing meanwhile."""


def register(server: Server) -> str:
    """Give the access token of a new customer."""
    wanted = {"username": "carl", "email": "carl@example.com", "password": PASSWORD}
    status, body = server.call("POST", "/auth/register/", wanted)
    assert status == 201, body
    return str(body["access"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals, workers: str) -> None:
    """SIGTERM and SIGINT end with status 0, nothing left running and no traceback."""
    with running(tmp_path, WORKERS=workers) as server:
        assert server.call("GET", "/health/")[0] == 200
        assert len(server.processes) > 2, "neither database nor Redis was found"
        server.signal(number)
        assert server.wait() == 0
        assert server.all_ended()
    assert "Traceback" not in (tmp_path / "errors").read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_taken_port_is_one_line(tmp_path: Path, workers: str) -> None:
    """A port that somebody else listens on is named in one line, with status 1."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = run(tmp_path, ["serve"], PORT=str(port), WORKERS=workers)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"PORT: cannot listen on 127.0.0.1:{port}: ")
    assert ended.stderr.count("\n") == 1


def test_malformed_settings_are_a_line_each(tmp_path: Path) -> None:
    """Every malformed setting is named by a line of its own, and nothing is started."""
    ended = run(tmp_path, ["serve"], PORT="80.5", WORKERS="none")
    assert ended.returncode == 1
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == ["PORT", "WORKERS"]
    assert not (tmp_path / "data").exists()


def test_a_second_instance_is_refused_in_one_line(tmp_path: Path) -> None:
    """A server on a data folder that another one uses says so and ends; the first one goes on serving."""
    with running(tmp_path) as server:
        ended = run(tmp_path, ["serve"])
        assert ended.returncode == 1
        assert ended.stderr.startswith("another instance uses ")
        assert ended.stderr.count("\n") == 1
        assert server.call("GET", "/health/")[0] == 200


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """Killed amid writes, it leaves nothing running, and the next start has what was acknowledged."""
    with running(tmp_path) as server:
        token = register(server)
        acknowledged: Queue[str] = Queue()
        with ThreadPoolExecutor(4) as pool:
            for _ in range(4):
                pool.submit(write_addresses, server, token, acknowledged)
            kept = {acknowledged.get(timeout=60) for _ in range(ACKNOWLEDGED)}
            server.signal(signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
        assert server.all_ended()
    while not acknowledged.empty():
        kept.add(acknowledged.get())
    with running(tmp_path) as server:
        status, found = server.call("GET", "/api/addresses/?page_size=100", token=token)
        assert status == 200
        assert kept <= {address["id"] for address in found["results"]}


def write_addresses(server: Server, token: str, acknowledged: "Queue[str]") -> None:
    """Write addresses until the server is gone or takes no more, telling which were acknowledged."""
    address = {"label": "Home", "address_line": "1 Main Road", "pincode": "110001"}
    while True:
        try:
            status, body = server.call("POST", "/api/addresses/", address, token)
        except (OSError, HTTPException):
            return
        if status != 201:
            return
        acknowledged.put(body["id"])


def test_children_that_keep_dying_end_it(tmp_path: Path) -> None:
    """When embedded services cannot be kept running, the process says why in its last line and exits 1."""
    with running(tmp_path) as server:
        while not server.all_ended(seconds=0.05):
            for child in descendants(server.pid):
                kill(child)
        assert server.wait() == 1
    last = (tmp_path / "errors").read_text().splitlines()[-1]
    assert re.match(r"(database|valkey) (ended|does not answer).*; see .*\.log$", last)


def kill(pid: int) -> None:
    """Kill a process unless it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def test_demo_data_is_written_once(tmp_path: Path) -> None:
    """A second start with demo data present finds the very same people, services and bookings."""
    with running(tmp_path, DEMO="1") as server:
        first = everything(server)
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
    with running(tmp_path, DEMO="1") as server:
        assert everything(server) == first


def everything(server: Server) -> list[tuple[int, list[object]]]:
    """Give how many people, services and bookings an administrator sees, and the first hundred of each."""
    token = server.sign_in("admin1", PASSWORD)
    listed = []
    for name in ("users", "services", "bookings"):
        status, page = server.call("GET", f"/api/{name}/?page_size=100", token=token)
        assert status == 200
        assert page["count"] > 0
        listed.append((page["count"], page["results"]))
    return listed
