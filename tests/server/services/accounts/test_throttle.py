"""Rate limits: exact under concurrency, shared by processes, and still there without Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from structlog.testing import capture_logs

from server.embedded import Endpoints
from server.errors import TooMany
from server.services.accounts import throttle as module
from server.services.accounts.throttle import Throttle
from tests.server.realtime.valkey import Valkey

FIVE = RateLimitItemPerMinute(5, namespace="test")

Opener = Callable[..., Throttle]


@pytest_asyncio.fixture
async def throttle_at() -> AsyncIterator[Opener]:
    """Opens throttles of one deployment that are closed with the test."""
    opened: list[Throttle] = []
    namespace = uuid4().hex

    def throttle(redis_url: str, name: str = "") -> Throttle:
        opened.append(Throttle(redis_url, namespace + name))
        return opened[-1]

    yield throttle
    for one in opened:
        await one.close()


@pytest_asyncio.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    started = Valkey(tmp_path)
    await started.start()
    yield started
    await started.kill()


async def refusals(hits: list[Awaitable[None]]) -> list[TooMany]:
    """Carry all out at once and give the refusals; anything else that goes wrong is raised."""
    results = await asyncio.gather(*hits, return_exceptions=True)
    for one in results:
        if isinstance(one, BaseException) and not isinstance(one, TooMany):
            raise one
    return [one for one in results if isinstance(one, TooMany)]


async def test_two_processes_count_together(throttle_at: Opener, services: Endpoints) -> None:
    """Of forty hits at once from two processes exactly the limit passes, and each refusal says when."""
    both = [throttle_at(services.redis_url) for _ in range(2)]
    refused = await refusals([both[n % 2].hit(FIVE, "carla") for n in range(40)])
    assert len(refused) == 35
    assert all(1 <= one.facts["retry_after_seconds"] <= 60 for one in refused)


async def test_limits_names_and_deployments_are_apart(throttle_at: Opener, services: Endpoints) -> None:
    """Who is refused for one thing is not refused for another, nor is anybody else."""
    throttle = throttle_at(services.redis_url)
    assert len(await refusals([throttle.hit(FIVE, "carla") for _ in range(6)])) == 1
    await throttle.hit(FIVE, "dora")
    await throttle.hit(RateLimitItemPerMinute(5, namespace="another"), "carla")
    await throttle_at(services.redis_url, "other").hit(FIVE, "carla")


async def test_what_is_forgiven_does_not_count(throttle_at: Opener, services: Endpoints) -> None:
    """After `forgive` the whole limit is there again."""
    throttle = throttle_at(services.redis_url)
    await refusals([throttle.hit(FIVE, "carla") for _ in range(6)])
    await throttle.forgive(FIVE, "carla")
    assert await refusals([throttle.hit(FIVE, "carla") for _ in range(5)]) == []


@pytest.mark.parametrize("fault", ["dead", "hanging"])
async def test_without_redis_each_process_counts(
    throttle_at: Opener, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A Redis that died or hangs is logged; limits hold within the process, and forgiving works."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    throttle = throttle_at(valkey.url)
    await throttle.hit(FIVE, "carla")
    if fault == "dead":
        await valkey.kill()
    else:
        valkey.hang()
    with capture_logs() as lines:
        refused = await refusals([throttle.hit(FIVE, "carla") for _ in range(8)])
        assert len(refused) == 3
        await throttle.forgive(FIVE, "carla")
        await throttle.hit(FIVE, "carla")
    assert {line["event"] for line in lines} == {"redis is away, counting in this process alone"}


async def test_redis_counts_again_when_it_is_back(throttle_at: Opener, valkey: Valkey) -> None:
    """A restart of an empty Redis is survived without one's own."""
    throttle = throttle_at(valkey.url)
    await throttle.hit(FIVE, "carla")
    await valkey.kill()
    with capture_logs():
        await throttle.hit(FIVE, "carla")
    await valkey.start()
    with capture_logs() as lines:
        assert len(await refusals([throttle.hit(FIVE, "carla") for _ in range(6)])) == 1
    assert lines == []


async def test_a_network_is_counted_as_one_address(throttle_at: Opener, services: Endpoints) -> None:
    """Whoever has an IPv6 address has very many: another one starts no new count, a neighbour's does."""
    throttle, hourly = throttle_at(services.redis_url), RateLimitItemPerHour(5, namespace="test-network")
    for number in range(5):
        await throttle.hit_from(hourly, "alist", f"2001:db8:1:2:{number}::1")
    with pytest.raises(TooMany):
        await throttle.hit_from(hourly, "alist", "2001:db8:1:2:ffff::2")
    for other in ("2001:db8:1:3::1", "192.0.2.1", "not an address"):
        await throttle.hit_from(hourly, "alist", other)
    for number in range(10):
        await throttle.hit_from(hourly, "alist", f"::ffff:198.51.100.{number}")


async def test_what_costs_more_counts_more(throttle_at: Opener, services: Endpoints) -> None:
    """What is too much at once is refused whole, and leaves what is left to smaller things."""
    throttle, hourly = throttle_at(services.redis_url), RateLimitItemPerHour(5, namespace="test-cost")
    await throttle.hit(hourly, "carla", cost=3)
    with pytest.raises(TooMany):
        await throttle.hit(hourly, "carla", cost=3)
    await throttle.hit(hourly, "carla", cost=2)
    with pytest.raises(TooMany):
        await throttle.hit(hourly, "carla")
