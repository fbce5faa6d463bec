"""Calling bookings off and moving them, as clients do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.scene import Scene

Travel = Callable[[datetime], None]


async def soon(scene: Scene, travel: Travel, hours: float, **wish: Any) -> Any:
    """Give a confirmed booking, and set the clock to so many hours before its start."""
    booking = await scene.confirmed(**wish)
    travel(datetime.fromisoformat(booking["scheduled_date"]) - timedelta(hours=hours))
    return booking


async def cancel(scene: Scene, booking: Any, account: Account, **body: Any) -> Reply:
    return await scene.api.post(f"/api/bookings/{booking['id']}/cancel/", json=body, token=account.token)


async def move(scene: Scene, booking: Any, account: Account, when: str, **more: Any) -> Reply:
    """Ask for another time."""
    path = f"/api/bookings/{booking['id']}/reschedule/"
    return await scene.api.post(path, json={"scheduled_date": when, **more}, token=account.token)


async def answer(scene: Scene, booking: Any, account: Account, verb: str) -> Reply:
    """Accept or decline a proposal."""
    return await scene.api.post(f"/api/bookings/{booking['id']}/reschedule/{verb}/", token=account.token)


async def shown(scene: Scene, booking: Any) -> Any:
    """Give a booking as its customer sees it."""
    return (await scene.api.get(f"/api/bookings/{booking['id']}/", token=scene.customer.token)).json


async def told(scene: Scene, account: Account, kind: str) -> list[Any]:
    """Give what an account was told of one kind, newest first."""
    found = await scene.api.get("/api/notifications/", token=account.token, kind=kind)
    return list(found.json["results"])


async def held(scene: Scene) -> dict[str, str]:
    """Give the starts that the vendor's day holds, by booking; a booking held twice fails."""
    day = await scene.api.market.stores.days.of(scene.vendor.id, scene.day.isoformat())
    starts = {hold.booking_id: hold.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ") for hold in day.holds}
    assert len(starts) == len(day.holds)
    return starts
