"""Drives the server and its peer in turn from this process and prints medians and ratios.

python -m benchmarks.load.run [--seconds 4] [--rounds 5] [--connections 32]
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import uvloop
from tornado.httpclient import AsyncHTTPClient, HTTPError

from benchmarks.load.generator import Round, drive
from benchmarks.load.starting import CLIENT_CPU, SERVER_CPU, free_port, started

START_SECONDS = 90
TARGET_RATIO = 1.5
OURS = "Doorstep, price call, complete"
BARE = "FastAPI, uvicorn (asyncio, h11), bare"
TUNED = "FastAPI, uvicorn (uvloop, httptools)"
FASTAPI = ["uvicorn", "benchmarks.load.peer_fastapi:app", "--no-access-log", "--log-level", "warning"]
PEERS = {
    BARE: [*FASTAPI, "--loop", "asyncio", "--http", "h11", "--port"],
    TUNED: [*FASTAPI, "--loop", "uvloop", "--http", "httptools", "--port"],
}
"""What `pip install uvicorn` gives, and what its fastest parts give."""


async def answered(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers; raises SystemExit when its server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, HTTPError):
            await AsyncHTTPClient().fetch(url)
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


async def sign_in(port: int, username: str = "customer1") -> str:
    """Give a demo account's token."""
    body = orjson.dumps({"username": username, "password": "password123"})
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
        f"{name:<40}{median([r.rate for r in rounds]):>9.0f}{median([r.p50_ms for r in rounds]):>9.2f}"
        f"{median([r.p99_ms for r in rounds]):>9.2f}{max(r.max_ms for r in rounds):>9.1f}"
        f"{sum(r.failures for r in rounds):>10}"
    )


async def compare(options: argparse.Namespace, ours: int, peers: dict[str, int]) -> int:
    """Drive all in turn; gives 1 when ours misses the target ratio to the bare peer."""
    token = await sign_in(ours)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT06:00:00Z")
    path = f"/api/dynamic-pricing/?service_id=1&pincode=110001&scheduled_datetime={tomorrow}"
    results: dict[str, list[Round]] = {OURS: [], **{name: [] for name in peers}}
    for turn in range(options.rounds + 1):
        for name, port in ((OURS, ours), *peers.items()):
            measured = await drive(
                port, path, token, connections=options.connections, seconds=options.seconds
            )
            if turn:  # the first round warms all up
                results[name].append(measured)
    print(f"{'':<40}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'not 200':>10}")
    for name, rounds in results.items():
        print(row(name, rounds))
    ratios = {
        name: statistics.median(a.rate / b.rate for a, b in zip(results[OURS], results[name], strict=True))
        for name in peers
    }
    for name, ratio in ratios.items():
        print(f"ratio to {name}: {ratio:.2f}")
    print(f"target: {TARGET_RATIO} to {BARE} (medians of {options.rounds} rounds)")
    return 0 if ratios[BARE] >= TARGET_RATIO else 1


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-load-")))
        ours = free_port()
        demo = {"PORT": str(ours), "DATA_DIR": str(folder / "data"), "DEMO": "1"}
        serve = [sys.executable, "-m", "server", "serve"]
        server = stack.enter_context(started(serve, demo, folder / "server.log"))
        running, peers = [server], {}
        for name, module in PEERS.items():
            peers[name] = free_port()
            command = [sys.executable, "-m", *module, str(peers[name])]
            running.append(stack.enter_context(started(command, {}, folder / f"{peers[name]}.log")))
        await answered(f"http://127.0.0.1:{ours}/health/", server)
        for port, process in zip(peers.values(), running[1:], strict=True):
            await answered(f"http://127.0.0.1:{port}/docs", process)
        if (os.cpu_count() or 1) > 1:
            for process in running:
                os.sched_setaffinity(process.pid, {SERVER_CPU})
            os.sched_setaffinity(0, {CLIENT_CPU})
        return await compare(options, ours, peers)


if __name__ == "__main__":
    raise SystemExit(uvloop.run(main()))
