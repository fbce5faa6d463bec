"""One event to many clients, and bursts, on our server and its peers in turn; how much memory a client takes.

python -m benchmarks.load.fan [--clients 1000] [--rounds 15] [--idle 10000] [--keep]
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.load.drawing import Bar, draw
from benchmarks.load.listeners import Delivery, Listeners
from benchmarks.load.starting import CLIENT_CPU, ROOT, SERVER_CPU, free_port, started

OURS, NODE = "Doorstep", "Node ws"
FAN_PEERS = {"Tornado write_message": "tornado", "FastAPI": "fastapi", "websockets broadcast": "websockets"}
BURST = 10
START_SECONDS = 90
TARGETS = ((1, 1.0), (BURST, 3.0))
"""Events at once, and how many times Node's figure for one event ours must reach."""

MAX_CLIENT_KIB = 20
PAUSE_SECONDS = 0.02


@dataclass
class Contender:
    """A server with its clients, and what was measured on it, by the number of events at once."""

    process: subprocess.Popen[bytes]
    listeners: Listeners
    client_kib: float
    deliveries: dict[int, list[Delivery]] = field(default_factory=dict)
    busy_us: dict[int, list[float]] = field(default_factory=dict)
    """What a frame took of the server's core, microseconds."""

    def rate(self, events: int) -> float:
        return statistics.median(one.rate for one in self.deliveries[events])

    def median(self, events: int, figure: str) -> float:
        return statistics.median(getattr(one, figure) for one in self.deliveries[events])


def resident_kib(pid: int) -> int:
    """Give a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def raise_limit() -> int:
    """Let this process and its children have as many open files as allowed; gives how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def wait_until_connected(port: int, process: subprocess.Popen[bytes], path: Callable[[int], str]) -> None:
    """Return when a server takes a WebSocket; raises SystemExit when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            Listeners(port, 1, path).close()
        except (OSError, ValueError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{process.args!r} does not answer")


@contextmanager
def contender(
    command: list[str], folder: Path, clients: int, path: Callable[[int], str] = lambda number: "/"
) -> Iterator[Contender]:
    """Start a server on a core of its own and connect its clients."""
    port = free_port()
    command = [part.replace("{port}", str(port)) for part in command]
    with started(command, {}, folder / f"{port}.log") as process:
        wait_until_connected(port, process, path)
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(process.pid, {SERVER_CPU})
        before = resident_kib(process.pid)
        listeners = Listeners(port, clients, path)
        client_kib = (resident_kib(process.pid) - before) / clients
        yield Contender(process, listeners, client_kib)
        listeners.close()


def our_command(folder: Path) -> tuple[list[str], Callable[[int], str]]:
    """Give how ours is started, and each client's path, with a token once there are any."""
    tokens = folder / "tokens.json"

    def path(number: int) -> str:
        issued = orjson.loads(tokens.read_bytes())
        return f"/homeserve/fan?token={issued[number % len(issued)]}"

    return [sys.executable, "-m", "benchmarks.load.fan_ours", "{port}", str(tokens)], path


def node_command() -> list[str] | None:
    """Give how Node's ws is started, which npm installs the first time; None without Node or npm."""
    folder = ROOT / "benchmarks" / "load" / "node"
    if not shutil.which("node"):
        return None
    if not (folder / "node_modules" / "ws").exists():
        if not shutil.which("npm"):
            return None
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        if subprocess.run(install, cwd=folder, check=False).returncode:
            return None
    return ["node", str(folder / "fan_peer.js"), "{port}"]


def measure(contenders: Mapping[str, Contender], rounds: int) -> None:
    """Fire at all in turn, round by round; the first round warms all up."""
    for turn in range(rounds + 1):
        for events in (1, BURST):
            for one in contenders.values():
                one.listeners.drain(PAUSE_SECONDS)
                before = busy_ns(one.process.pid)
                delivery = one.listeners.fire(events)
                spent_us = (busy_ns(one.process.pid) - before) / 1000
                if turn:
                    one.busy_us.setdefault(events, []).append(spent_us / events / len(one.listeners))
                    one.deliveries.setdefault(events, []).append(delivery)


def report(contenders: Mapping[str, Contender], clients: int) -> bool:
    """Print the tables and what was demanded; gives whether all of it was met."""
    ours, met = contenders[OURS], True
    for events in (1, BURST):
        print(f"\n{events} event{'s' if events > 1 else ''} of 300 bytes to {clients} clients")
        print(f"{'':<24}{'frames/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'CPU us':>9}{'ours is':>9}")
        for name, one in contenders.items():
            figures = "".join(f"{one.median(events, each):>9.2f}" for each in ("p50_ms", "p99_ms", "max_ms"))
            ratio = statistics.median(
                a.rate / b.rate for a, b in zip(ours.deliveries[events], one.deliveries[events], strict=True)
            )
            print(
                f"{name:<24}{one.rate(events):>10,.0f}{figures}{statistics.median(one.busy_us[events]):>9.2f}{ratio:>8.2f}x"
            )
    print(f"\nmemory a client: {', '.join(f'{n} {c.client_kib:.1f} KiB' for n, c in contenders.items())}")
    checks = [
        ("memory a client, KiB, at most", ours.client_kib, MAX_CLIENT_KIB, ours.client_kib <= MAX_CLIENT_KIB)
    ]
    if NODE in contenders:
        single = contenders[NODE].rate(1)
        for events, factor in TARGETS:
            reached = ours.rate(events) / single
            name = f"{events} at once, times Node's ws on one event, at least"
            checks.append((name, reached, factor, reached >= factor))
    for name, reached, wanted, is_met in checks:
        print(f"{name} {wanted}: {reached:.2f}, {'met' if is_met else 'missed'}")
        met = met and is_met
    return met


def idle(count: int, folder: Path) -> None:
    """Connect so many, and say what they cost while nothing happens, and when something does."""
    command, path = our_command(folder)
    with contender(command, folder, count, path) as ours:
        print(f"\n{count} idle connections on one process")
        print(f"connected in {ours.listeners.connect_seconds:.1f} s, {ours.client_kib:.1f} KiB each")
        seconds = 30.0
        before, started_at = cpu_seconds(ours.process.pid), time.monotonic()
        ours.listeners.drain(seconds)
        spent = cpu_seconds(ours.process.pid) - before
        share = spent / (time.monotonic() - started_at)
        print(f"idle for {seconds:.0f} s: {100 * share:.1f} % of a core (pings, leases)")
        delivery = ours.listeners.fire(1)
        print(f"one event to all: last client after {delivery.max_ms:.0f} ms, {delivery.rate:,.0f} frames/s")


def busy_ns(pid: int) -> int:
    """Give how long a process's main thread, which is its event loop, has run."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def cpu_seconds(pid: int) -> float:
    """Give how much of a core's time a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--idle", type=int, default=10_000, help="0 leaves it out")
    parser.add_argument("--keep", action="store_true", help="draw into benchmarks/plots")
    options = parser.parse_args()
    most = raise_limit()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CPU})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-fan-")))
        command, path = our_command(folder)
        contenders = {OURS: stack.enter_context(contender(command, folder, options.clients, path))}
        commands = {
            name: [sys.executable, "-m", "benchmarks.load.fan_peers", module, "{port}"]
            for name, module in FAN_PEERS.items()
        }
        if (node := node_command()) is not None:
            commands[NODE] = node
        else:
            print("Node's ws is left out: no node, or no npm that could install it")
        for name, command in commands.items():
            contenders[name] = stack.enter_context(contender(command, folder, options.clients))
        measure(contenders, options.rounds)
        met = report(contenders, options.clients)
        if options.keep:
            bars = [Bar(name, one.rate(1), one.rate(BURST)) for name, one in contenders.items()]
            draw(bars, ROOT / "benchmarks" / "plots" / "fan_out.svg", options.clients, BURST)
    if options.idle:
        with tempfile.TemporaryDirectory(prefix="doorstep-idle-") as name:
            idle(min(options.idle, most - 200), Path(name))
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
