"""A booking's life over REST: asked for openly, accepted, completed, listed; then many asked for at once.

python -m benchmarks.load.life [--rounds 20] [--clients 16] [--beside CHECKOUT]
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import uvloop
from tornado.httpclient import AsyncHTTPClient

from benchmarks.load.run import answered, sign_in
from benchmarks.load.starting import CLIENT_CPU, ROOT, SERVER_CPU, free_port, started

HERE, BESIDE = "this checkout", "the one beside"
PINCODE = "110001"
SERVICE = "AC Repair"
LISTED = 20
CREATES = 48
"""Bookings asked for at once in one round."""

AT_ONCE = "asked for at once, per s"


@dataclass
class Contender:
    """A server with demo data, its people, and milliseconds (or a rate) by what was measured."""

    port: int
    tokens: dict[str, str] = field(default_factory=dict)
    vendor_id: int = 0
    service_id: int = 0
    figures: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def call(self, who: str, path: str, body: Any = None) -> Any:
        """Ask the server, GET without a body, and give its answer; raises HTTPError when it refuses."""
        reply = await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{self.port}{path}",
            method="GET" if body is None else "POST",
            body=None if body is None else orjson.dumps(body),
            headers={"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"},
        )
        return orjson.loads(reply.body)

    async def prepare(self) -> None:
        """Sign both sides in, and find out whom and what to ask for."""
        for user in ("customer1", "vendor1"):
            self.tokens[user] = await sign_in(self.port, user)
        services = (await self.call("customer1", "/api/services/?page_size=100"))["results"]
        self.service_id = next(one["id"] for one in services if one["name"] == SERVICE)
        hours = (await self.call("vendor1", "/api/vendor-availability/"))["results"]
        self.vendor_id = hours[0]["vendor"]

    async def timed(self, name: str, who: str, path: str, body: Any = None) -> Any:
        began = time.perf_counter()
        answer = await self.call(who, path, body)
        self.figures[name].append(1000 * (time.perf_counter() - began))
        return answer

    async def slot(self, day: str) -> str | None:
        """Give a time at which vendor1 is free on a day, None when there is none."""
        whom = f"vendor_id={self.vendor_id}&service_id={self.service_id}"
        path = f"/api/smart-scheduling/?{whom}&customer_pincode={PINCODE}&preferred_date={day}"
        found = (await self.call("customer1", path))["available_slots"]
        return str(found[len(found) // 2]["start_time"]) if found else None

    async def live(self, starts_at: str) -> None:
        """Time each step of one booking's life, and both sides' lists."""
        wish = {"service": self.service_id, "pincode": PINCODE, "scheduled_date": starts_at}
        booking = (await self.timed("asked for", "customer1", "/api/bookings/", wish))["id"]
        await self.timed("accepted", "vendor1", f"/api/bookings/{booking}/accept_booking/", {})
        await self.timed("completed", "vendor1", f"/api/bookings/{booking}/complete_booking/", {})
        for who in ("customer1", "vendor1"):
            await self.timed(f"{LISTED} listed by {who[:-1]}", who, f"/api/bookings/?page_size={LISTED}")

    async def crowd(self, starts_at: str, clients: int) -> None:
        """Have so many clients ask for bookings at once."""
        wish = {"service": self.service_id, "pincode": PINCODE, "scheduled_date": starts_at}
        due = iter(range(CREATES))

        async def client() -> None:
            for _ in due:
                await self.call("customer1", "/api/bookings/", wish)

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        self.figures[AT_ONCE].append(CREATES / (time.perf_counter() - began))


async def measure(contenders: dict[str, Contender], rounds: int, clients: int) -> None:
    """Have all take turns, day by day, and print medians; the first round warms all up."""
    for one in contenders.values():
        await one.prepare()
    day, done = date.today() + timedelta(days=1), 0
    while done <= rounds:
        day += timedelta(days=1)
        slots = {name: await one.slot(day.isoformat()) for name, one in contenders.items()}
        if None in slots.values():
            continue
        for name, one in contenders.items():
            await one.live(str(slots[name]))
            await one.crowd(str(slots[name]), clients)
            if not done:
                one.figures.clear()
        done += 1
    report(contenders)


def report(contenders: dict[str, Contender]) -> None:
    """Print medians, and beside another checkout the median of how many times faster this one is."""
    names = list(contenders)
    print(f"{'':<30}" + "".join(f"{name:>18}" for name in names))
    for what in contenders[HERE].figures:
        values = [contenders[name].figures[what] for name in names]
        line = f"{what:<30}" + "".join(f"{statistics.median(each):>18.1f}" for each in values)
        print(line + (f"{faster(what, *values):>8.2f} x" if len(values) > 1 else ""))


def faster(what: str, here: Sequence[float], beside: Sequence[float]) -> float:
    pairs = zip(here, beside, strict=True)
    return statistics.median(ours / other if what == AT_ONCE else other / ours for ours, other in pairs)


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument(
        "--beside", type=Path, help="another checkout, built, whose server takes turns with ours"
    )
    options = parser.parse_args()
    AsyncHTTPClient.configure(None, max_clients=1000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-life-")))
        roots = {HERE: ROOT} | ({BESIDE: options.beside.resolve()} if options.beside else {})
        contenders = {}
        for name, root in roots.items():
            port = free_port()
            demo = {"PORT": str(port), "DATA_DIR": str(folder / str(port)), "DEMO": "1"}
            serve = [sys.executable, "-m", "server", "serve"]
            process = stack.enter_context(started(serve, demo, folder / f"{port}.log", root))
            await answered(f"http://127.0.0.1:{port}/health/", process)
            if (os.cpu_count() or 1) > 1:
                os.sched_setaffinity(process.pid, {SERVER_CPU})
            contenders[name] = Contender(port)
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(0, {CLIENT_CPU})
        await measure(contenders, options.rounds, options.clients)
    return 0


if __name__ == "__main__":
    raise SystemExit(uvloop.run(main()))
