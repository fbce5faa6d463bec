"""Deliveries: nothing piles up, nothing outlives the process's end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from server.gateways import deliveries as module
from server.gateways.deliveries import Deliveries


async def test_only_so_many_are_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than the bound is dropped and logged; there is room again when one has arrived."""
    monkeypatch.setattr(module, "MOST_UNDER_WAY", 2)
    deliveries, goes_on, arrived = Deliveries(), asyncio.Event(), []

    async def deliver(n: int) -> None:
        await goes_on.wait()
        arrived.append(n)

    with capture_logs() as lines:
        for n in range(3):
            deliveries.start(deliver(n))
    assert len(lines) == 1
    goes_on.set()
    await deliveries.finish()
    deliveries.start(deliver(3))
    await deliveries.finish()
    assert arrived == [0, 1, 3]


async def test_what_never_arrives_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end is not held up by a server that never answers."""
    monkeypatch.setattr(module, "LAST_SECONDS", 0.01)
    deliveries, given_up = Deliveries(), asyncio.Event()

    async def deliver() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    deliveries.start(deliver())
    await deliveries.finish()
    assert given_up.is_set()
