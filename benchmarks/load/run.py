"""Drives the server and its peer in turn from this process and prints medians and ratios.

python -m benchmarks.load.run [--seconds 4] [--rounds 5] [--connections 32]
"""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import uvloop
from tornado.httpclient import AsyncHTTPClient, HTTPError

from benchmarks.load.generator import Round, drive

SERVER_CPU, CLIENT_CPU = 0, 1
"""The server alone on one core; this process, and what the server starts, on the other."""

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
TARGET_RATIO = 1.5


def free_port() -> int:
    """Give a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server with its output in a file, and stop it at the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


async def answered(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers; raises SystemExit when its server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, HTTPError):
            await AsyncHTTPClient().fetch(url)
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


async def sign_in(port: int) -> str:
    """Give customer1's token."""
    body = orjson.dumps({"username": "customer1", "password": "password123"})
    reply = await AsyncHTTPClient().fetch(
        f"http://127.0.0.1:{port}/auth/login/",
        method="POST",
        body=body,
        headers={"Content-Type": "application/json"},
    )
    return str(orjson.loads(reply.body)["access"])


def row(name: str, rounds: list[Round]) -> str:
    """Give one line of the table: medians over the rounds."""

    def median(values: list[float]) -> float:
        return statistics.median(values)

    return (
        f"{name:<34}{median([r.rate for r in rounds]):>9.0f}{median([r.p50_ms for r in rounds]):>9.2f}"
        f"{median([r.p99_ms for r in rounds]):>9.2f}{max(r.max_ms for r in rounds):>9.1f}"
        f"{sum(r.failures for r in rounds):>10}"
    )


async def compare(options: argparse.Namespace, ours: int, peer: int) -> int:
    """Drive both in turn; gives 1 when ours misses the target ratio."""
    token = await sign_in(ours)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT06:00:00Z")
    path = f"/api/dynamic-pricing/?service_id=1&pincode=110001&scheduled_datetime={tomorrow}"
    results: dict[str, list[Round]] = {"ours": [], "peer": []}
    for turn in range(options.rounds + 1):
        for name, port in (("ours", ours), ("peer", peer)):
            measured = await drive(
                port, path, token, connections=options.connections, seconds=options.seconds
            )
            if turn:  # the first round warms both up
                results[name].append(measured)
    ratio = statistics.median(a.rate / b.rate for a, b in zip(results["ours"], results["peer"], strict=True))
    print(f"{'':<34}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'not 200':>10}")
    print(row("Doorstep, price call, complete", results["ours"]))
    print(row("FastAPI on uvicorn, bare", results["peer"]))
    print(f"ratio {ratio:.2f} (median of {options.rounds} rounds, target {TARGET_RATIO})")
    return 0 if ratio >= TARGET_RATIO else 1


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-load-")))
        ours, peer = free_port(), free_port()
        demo = {"PORT": str(ours), "DATA_DIR": str(folder / "data"), "DEMO": "1"}
        server = stack.enter_context(
            started([sys.executable, "-m", "server", "serve"], demo, folder / "server.log")
        )
        fastapi = [sys.executable, "-m", "uvicorn", "benchmarks.load.peer_fastapi:app", "--port", str(peer)]
        other = stack.enter_context(started([*fastapi, "--log-level", "warning"], {}, folder / "peer.log"))
        await answered(f"http://127.0.0.1:{ours}/health/", server)
        await answered(f"http://127.0.0.1:{peer}/openapi.json", other)
        if os.cpu_count() or 1 > 1:
            os.sched_setaffinity(server.pid, {SERVER_CPU})
            os.sched_setaffinity(other.pid, {SERVER_CPU})
            os.sched_setaffinity(0, {CLIENT_CPU})
        return await compare(options, ours, peer)


if __name__ == "__main__":
    raise SystemExit(uvloop.run(main()))
