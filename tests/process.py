"""Doorstep as its operator runs it: a process of its own, on a free port and a data folder of its own."""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from typing import Any

COMMAND = (sys.executable, "-m", "server")
START_SECONDS = 120
STOP_SECONDS = 60
LISTENS = re.compile(rb"Doorstep listens on http://[^:]+:(\d+)")


class Server:
    """A running server. `processes` are handles on it and on every process it had started."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """Start it and wait until it listens; fails with what it printed when it does not."""
        self._errors = (folder / "errors").open("ab")
        self._process = subprocess.Popen(
            [*COMMAND, "serve"],
            env=environment(folder, **variables),
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        self.pid = self._process.pid
        self.printed = b""
        self.port = self._read_port()
        self.processes = [os.pidfd_open(pid) for pid in (self.pid, *descendants(self.pid))]

    def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """Send one request on a connection of its own; gives status and parsed body."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, loads(answer.read() or b"null")
        finally:
            connection.close()

    def sign_in(self, username: str, password: str) -> str:
        """Give the access token of an account."""
        status, body = self.call("POST", "/auth/login/", {"username": username, "password": password})
        assert status == 200, body
        return str(body["access"])

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """Give the exit status once it has ended."""
        return self._process.wait(STOP_SECONDS)

    def all_ended(self, seconds: float = STOP_SECONDS) -> bool:
        """Say whether it and everything it had started when it listened ends in time."""
        return all(select.select([process], [], [], seconds)[0] for process in self.processes)

    def close(self) -> None:
        """Kill it if it still runs, and wait until nothing of it is left."""
        if self._process.poll() is None:
            self._process.kill()
            self.wait()
        assert self.all_ended(), "something outlived the server"
        for process in self.processes:
            os.close(process)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._errors.close()

    def _read_port(self) -> int:
        output = self._process.stdout
        assert output is not None
        while not (found := LISTENS.search(self.printed)):
            ready, _, _ = select.select([output], [], [], START_SECONDS)
            read = os.read(output.fileno(), 4096) if ready else b""
            if not read:
                self._process.kill()
                raise AssertionError(f"no start: {Path(self._errors.name).read_text()}")
            self.printed += read
        return int(found[1])


@contextmanager
def running(folder: Path, **variables: str) -> Iterator[Server]:
    """Give a server whose data is in `folder`; killed at the end if it still runs."""
    server = Server(folder, **variables)
    try:
        yield server
    finally:
        server.close()


def run(folder: Path, arguments: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the server to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Give a clean environment: nothing of the machine's own settings reaches the server."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder / "data"),
        "PORT": "0",
        **variables,
    }


def descendants(pid: int) -> list[int]:
    """Give the processes that a process has started, and theirs."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(status.parent.name)] = int(fields[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
