"""Speeds fitted from finished trips: learned by a job, used from then on, by city."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from server import clock
from server.domain.tasks import Task, TaskState
from server.jobs import JOBS
from server.places.globe import great_circle_km
from tests.handlers.homeserve.scene import Scene

MINUTES_A_KM = 9.0
"""Slower than anybody drives there by the marketplace's own figures."""
TRAVEL = "/api/travel-time/"


async def fit(scene: Scene) -> str:
    async def ignore(done: int, total: int | None) -> None:
        return None

    task = Task("fit_speeds", "fit_speeds", TaskState.RUNNING, None, clock.now(), due_at=None)
    return await JOBS["fit_speeds"].run(scene.api.market, task, ignore)


async def drive(scene: Scene, pairs: int, *, hour: int = 9, late: bool = True) -> None:
    """Write finished visits: on each of many days two of one vendor, the second begun after a slow way."""
    stores = scene.api.market.stores
    booked = await stores.bookings.get((await scene.confirmed(when=scene.at(hour)))["id"])
    assert booked is not None
    morning = clock.now().replace(hour=6, minute=0, second=0, microsecond=0)
    for index in range(pairs):
        day = morning - timedelta(days=1 + index % 50)
        left = day + timedelta(minutes=30)
        there = (booked.lat + 0.03, booked.lng + 0.04)
        way = timedelta(minutes=5 + MINUTES_A_KM * great_circle_km((booked.lat, booked.lng), there))
        arrived = left + way
        common = {
            "state": "completed",
            "provider_id": 1000 + 10 * hour + index // 50,
            "date": day.date().isoformat(),
            "revision": 0,
        }
        first = replace(booked, id=str(uuid4()), starts_at=day, started_at=day, completed_at=left, **common)
        due = arrived - timedelta(minutes=10) if late else arrived + timedelta(minutes=10)
        second = replace(
            booked,
            id=str(uuid4()),
            lat=there[0],
            lng=there[1],
            starts_at=due,
            started_at=arrived,
            completed_at=arrived + timedelta(minutes=20),
            **common,
        )
        await stores.bookings.insert(first)
        await stores.bookings.insert(second)


async def minutes(scene: Scene) -> int:
    query = {"from_pincode": "110001", "to_pincode": "110020"}
    return int((await scene.api.get(TRAVEL, token=scene.customer.token, **query)).json["duration_minutes"])


async def test_slow_trips_make_the_city_slower_and_leave_a_trace(scene: Scene) -> None:
    """Travel in that city takes longer from then on; the fit is kept and in the audit."""
    before = await minutes(scene)
    await drive(scene, 60)
    assert await fit(scene) == "1 cities"
    assert await minutes(scene) > before
    (kept,) = await scene.api.market.traffic.fitted()
    assert kept.trips == 60
    assert kept.error_minutes < kept.prior_error_minutes
    (change,) = await scene.api.market.stores.changes.find({"subject": "CitySpeeds"})
    assert (change.subject_id, change.role, change.action) == (kept.id, "system", "create")


async def test_a_few_trips_change_nothing(scene: Scene) -> None:
    """Nor do trips of vendors who may have waited: they began no later than booked."""
    before = await minutes(scene)
    await drive(scene, 10)
    await drive(scene, 60, hour=14, late=False)
    assert await fit(scene) == "0 cities"
    assert await minutes(scene) == before
