"""Driving times of a routing service: a real server that speaks OSRM's protocol, well and badly."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from server.gateways import roads
from server.gateways.roads import Roads

Point = tuple[float, float]


class Osrm:
    """Answers a minute a hundredth of a degree, north and east counted apart, twice as long to the south."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, int]] = []
        self.answer: Any = None
        self.delay = asyncio.Event()
        self.delay.set()

    async def table(self, request: web.Request) -> web.StreamResponse:
        places = [tuple(map(float, pair.split(","))) for pair in request.match_info["places"].split(";")]
        sources = [places[int(one)] for one in request.query["sources"].split(";")]
        targets = [places[int(one)] for one in request.query["destinations"].split(";")]
        self.requests.append((len(sources), len(targets)))
        await self.delay.wait()
        if self.answer is not None:
            return (
                self.answer if isinstance(self.answer, web.StreamResponse) else web.json_response(self.answer)
            )
        return web.json_response(
            {"code": "Ok", "durations": [[seconds(a, b) for b in targets] for a in sources]}
        )


def seconds(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Of (lng, lat) pairs."""
    north = (b[1] - a[1]) * (1 if b[1] >= a[1] else -2)
    return 60 * 100 * (abs(b[0] - a[0]) + north)


@asynccontextmanager
async def serving(osrm: Osrm) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_get("/table/v1/driving/{places}", osrm.table)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/"
    finally:
        osrm.delay.set()
        await runner.cleanup()


def points(count: int) -> list[Point]:
    rng = np.random.default_rng(count)
    return [(28 + lat, 77 + lng) for lat, lng in np.round(rng.random((count, 2)) / 4, 6)]


@pytest.mark.parametrize("count", [2, 50, 51, 120])
async def test_tables_of_every_size_are_put_together(count: int) -> None:
    """Every pair has its own time, however many requests it takes; none has over a hundred places."""
    osrm = Osrm()
    async with serving(osrm) as url:
        service = Roads(url)
        places = points(count)
        found = await service.table(places)
        await service.close()
    assert found is not None
    expected = [[seconds(a[::-1], b[::-1]) / 60 for b in places] for a in places]
    assert np.allclose(found, expected, atol=1e-3)
    assert len(osrm.requests) == math.ceil(count / 50) ** 2
    assert max(map(sum, osrm.requests)) <= 100


async def test_a_pair_without_a_road_is_not_a_number() -> None:
    """null is kept apart from zero."""
    osrm = Osrm()
    osrm.answer = {"code": "Ok", "durations": [[0, None], [60, 0]]}
    async with serving(osrm) as url:
        service = Roads(url)
        found = await service.table(points(2))
        await service.close()
    assert found is not None
    assert np.isnan(found[0, 1])
    assert found[1, 0] == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "NoTable"},
        {"code": "Ok", "durations": [[0, 1]]},
        {"code": "Ok", "durations": [[0, -1], [1, 0]]},
        {"code": "Ok", "durations": [[0, 1e12], [1, 0]]},
        {"code": "Ok", "durations": [[0, "far"], [1, 0]]},
        {"code": "Ok", "durations": None},
        [],
        "garbage",
    ],
)
async def test_nonsense_is_no_answer_and_is_left_alone_for_a_while(answer: Any) -> None:
    """The caller falls back on its model, and the service is not asked again at once."""
    osrm = Osrm()
    osrm.answer = answer
    async with serving(osrm) as url:
        service = Roads(url)
        assert await service.table(points(2)) is None
        osrm.answer = None
        assert await service.table(points(2)) is None
        await service.close()
    assert len(osrm.requests) == 1


@pytest.mark.parametrize("status", [302, 400, 500])
async def test_a_refusal_is_no_answer(status: int) -> None:
    """Redirects are not followed: the operator named one address."""
    osrm = Osrm()
    osrm.answer = web.Response(status=status, headers={"Location": "http://127.0.0.1:9/"})
    async with serving(osrm) as url:
        service = Roads(url)
        assert await service.table(points(2)) is None
        await service.close()


async def test_a_service_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time-out covers all requests of a table."""
    monkeypatch.setattr(roads, "TIMEOUT_SECONDS", 0.2)
    osrm = Osrm()
    osrm.delay.clear()
    async with serving(osrm) as url:
        service = Roads(url)
        assert await service.table(points(60)) is None
        await service.close()


async def test_nobody_there_and_nobody_named() -> None:
    """A dead address is no error; without a setting nobody is asked."""
    service = Roads("http://127.0.0.1:9")
    assert await service.table(points(2)) is None
    await service.close()
    assert await Roads(None).table(points(2)) is None
