"""Sockets and REST together for as long as wanted: latencies, and whether memory stays.

python -m benchmarks.load.soak [--seconds 3600] [--clients 2000] [--events-per-second 10] [--keep]
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import orjson

from benchmarks.load.drawing import draw_soak
from benchmarks.load.fan import contender, our_command, raise_limit, resident_kib
from benchmarks.load.generator import Round, drive
from benchmarks.load.listeners import Delivery
from benchmarks.load.starting import CLIENT_CPU, ROOT

ASKERS, PAUSE_SECONDS = 20, 0.05
"""REST connections, and how long each waits before it asks again."""

REST_PATH = "/api/notifications/?page_size=20"
SAMPLES = 120
WARM = 0.25
"""What comes before this share of the time is warming up, and does not count as growth."""

MAX_GROWTH = 0.05
"""How much more memory than after warming up is still no growth."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The server's memory at a moment, and the slowest clients' deliveries since the sample before."""

    minutes: float
    resident_mib: float
    p99_ms: float


def ask(port: int, token: str, seconds: float) -> Round:
    """Ask over REST from a process of its own."""
    return asyncio.run(
        drive(port, REST_PATH, token, connections=ASKERS, seconds=seconds, pause_seconds=PAUSE_SECONDS)
    )


def grown(samples: list[Sample]) -> float:
    """Give the memory of the last tenth over that of the tenth after warming up, less 1."""
    tenth = max(1, len(samples) // 10)
    warm = int(WARM * len(samples))
    before = statistics.median(one.resident_mib for one in samples[warm : warm + tenth])
    return statistics.median(one.resident_mib for one in samples[-tenth:]) / before - 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--events-per-second", type=float, default=10)
    parser.add_argument("--keep", action="store_true", help="draw into benchmarks/plots")
    options = parser.parse_args()
    raise_limit()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CPU})
    samples: list[Sample] = []
    deliveries: list[Delivery] = []
    with tempfile.TemporaryDirectory(prefix="doorstep-soak-") as name:
        command, path = our_command(Path(name))
        with (
            contender(command, Path(name), options.clients, path) as ours,
            ProcessPoolExecutor(1, get_context("spawn")) as pool,
        ):
            token = orjson.loads((Path(name) / "tokens.json").read_bytes())[0]
            asking = pool.submit(ask, ours.listeners.port, token, options.seconds)
            started, sampled = time.monotonic(), 0
            while (spent := time.monotonic() - started) < options.seconds:
                fired_at = time.monotonic()
                deliveries.append(ours.listeners.fire(1))
                if spent >= len(samples) * options.seconds / SAMPLES:
                    slowest = statistics.median(one.p99_ms for one in deliveries[sampled:])
                    samples.append(Sample(spent / 60, resident_kib(ours.process.pid) / 1024, slowest))
                    sampled = len(deliveries)
                rest_seconds = 1 / options.events_per_second - (time.monotonic() - fired_at)
                ours.listeners.drain(max(0.0, rest_seconds))
            rest = asking.result()
    frames = len(deliveries) * options.clients
    print(f"\n{options.clients} sockets, {ASKERS} REST connections, {options.seconds:.0f} s")
    print(f"{'':<24}{'per s':>10}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    figures = [
        statistics.median(one.p50_ms for one in deliveries),
        statistics.median(one.p99_ms for one in deliveries),
        max(one.max_ms for one in deliveries),
    ]
    print(f"{'frames':<24}{frames / options.seconds:>10,.0f}{''.join(f'{one:>9.2f}' for one in figures)}")
    print(f"{'REST answers':<24}{rest.rate:>10,.0f}{rest.p50_ms:>9.2f}{rest.p99_ms:>9.2f}{rest.max_ms:>9.2f}")
    print(f"answers that were not 200: {rest.failures}")
    growth = grown(samples)
    print(f"memory: {samples[0].resident_mib:.0f} MiB at first, {samples[-1].resident_mib:.0f} MiB at last,")
    print(f"after warming up {100 * growth:+.1f} %, {'flat' if growth <= MAX_GROWTH else 'growing'}")
    if options.keep:
        folder = ROOT / "benchmarks" / "plots"
        columns = zip(*((one.minutes, one.resident_mib, one.p99_ms) for one in samples), strict=True)
        draw_soak(*columns, folder / "soak.svg")
    return 0 if growth <= MAX_GROWTH and not rest.failures else 1


if __name__ == "__main__":
    raise SystemExit(main())
