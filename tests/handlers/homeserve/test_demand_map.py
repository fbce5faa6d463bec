"""The live map of demand: whole at first, then what changed, at most once a second in every process."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.domain.events import Event, demand_topic
from server.embedded import Endpoints
from server.market import Market
from server.realtime.hub import Hub
from server.services.prices.demand_map import AFRESH, DemandMap, PlaceDemand
from server.settings import Settings
from tests.handlers.client import Account, heard
from tests.handlers.homeserve.beside import beside
from tests.handlers.homeserve.scene import AREA, Scene
from tests.handlers.homeserve.test_sockets import closed
from tests.server.realtime.ear import Ear

PATH = "/ws/admin/pincodes/"


class Watcher(Ear):
    """Keeps the rows of the map instead of frames."""

    def __init__(self) -> None:
        super().__init__(speller=self._keep)
        self._rows: list[PlaceDemand] = []

    def told(self) -> list[PlaceDemand]:
        """Give what was told since this was asked last."""
        told, self._rows = self._rows, []
        return told

    def _keep(self, event: Event) -> None:
        self._rows += event.data["rows"]


def a_map(market: Market) -> tuple[DemandMap, Watcher]:
    """Give a map that looks when it is told to, and somebody who watches it."""
    running, hub, watcher = market.demand_map, Hub(), Watcher()
    hub.join(watcher, demand_topic())
    return DemandMap(market.meaning, running._demand, running._scaling, running._places, hub), watcher


async def whole(scene: Scene, account: Account | None = None) -> dict[str, Any]:
    """Give the map that a client is greeted with."""
    socket = await scene.api.listen(PATH, (account or scene.ops).token)
    told = await heard(socket, "pincode_demand")
    socket.close()
    return {row["pincode"]: row for row in told["data"]["pincodes"]}


async def test_only_admins_see_the_map(scene: Scene) -> None:
    """Everybody else is closed as forbidden, a visitor as unauthorised."""
    for account in (scene.customer, scene.vendor, scene.onboarder):
        assert await closed(await scene.api.listen(PATH, account.token)) == 4003
    assert await closed(await scene.api.listen(PATH, "")) == 4001
    for account in (scene.ops, scene.admin):
        assert await whole(scene, account) == {}


async def test_the_map_says_what_the_pages_say(scene: Scene) -> None:
    """A pincode's row is that of the scaling page, with the demand that the vendor search shows."""
    for pincode in AREA:
        await scene.book(pincode=pincode)
    path = "/admin-dashboard/pincode-scaling/data/"
    page = (await scene.api.get(path, token=scene.ops.token)).json["data"]
    rows = await whole(scene)
    assert rows.keys() == set(AREA)
    for zone in page:
        row = rows[zone["pincode"]]
        assert {name: row[name] for name in zone} == zone
        query = {"token": scene.ops.token, "pincode": zone["pincode"]}
        found = (await scene.api.get("/api/vendor-search/", **query)).json
        assert row["demand_index"] == found["demand_index"]


async def test_a_client_that_folds_the_updates_has_the_map(scene: Scene) -> None:
    """Greeting and updates come to what the next client is greeted with."""
    await scene.book(pincode=AREA[0])
    socket = await scene.api.listen(PATH, scene.ops.token)
    rows: dict[str, Any] = {}
    booking = (await scene.book(pincode=AREA[1])).json
    await scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token)
    await scene.api.post(f"/api/bookings/{booking['id']}/complete_booking/", token=scene.vendor.token)
    while rows.get(AREA[1], {}).get("completed_bookings") != 1:
        told = (await heard(socket, "pincode_demand"))["data"]
        rows |= {row["pincode"]: row for row in told["pincodes"]}
    assert rows == await whole(scene)


async def test_at_most_one_update_a_second(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many bookings change and however often it looks; and none when nothing has changed."""
    present = [clock.now().replace(minute=30)]
    watched, watcher = a_map(scene.api.market)
    monkeypatch.setattr(clock, "now", lambda: present[0])
    assert await watched.known() == []
    for hour in (9, 10, 11, 12, 13, 14, 15):
        await scene.book(pincode=AREA[0], when=scene.at(hour), service=scene.short.id)
        await watched.look()
    [first] = watcher.told()
    assert (first.zone.pincode, first.zone.total) == (AREA[0], 1)
    present[0] += timedelta(seconds=0.99)
    await watched.look()
    assert watcher.told() == []
    present[0] += timedelta(seconds=0.01)
    await watched.look()
    [second] = watcher.told()
    assert second.zone.total == 7
    for _ in range(5):
        present[0] += timedelta(seconds=2)
        await watched.look()
    present[0] += AFRESH
    await watched.look()
    assert watcher.told() == []


async def test_a_new_hour_changes_the_map(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its own demand and price, though no booking has changed."""
    begins = datetime.fromisoformat(scene.at(10))
    await scene.book()
    watched, watcher = a_map(scene.api.market)
    monkeypatch.setattr(clock, "now", lambda: begins - timedelta(seconds=1))
    [before] = await watched.known()
    monkeypatch.setattr(clock, "now", lambda: begins)
    await watched.look()
    [after] = watcher.told()
    assert (before.supply.booked, after.supply.booked) == (0, 1)


async def test_without_watchers_nothing_is_counted(scene: Scene) -> None:
    """Who comes then is greeted with what is."""
    watched, watcher = a_map(scene.api.market)
    await watched.known()
    watched._hub.leave(watcher)
    await watched.look()
    await scene.book()
    assert (watched._rows, watched._changed) == (None, set())
    watched._hub.join(watcher, demand_topic())
    assert [row.zone.total for row in await watched.known()] == [1]


async def test_many_pincodes_are_counted_as_each_by_itself(scene: Scene) -> None:
    """The map's supply is that of quotes and searches, everywhere and at every hour."""
    await scene.make_vendor("vendor2", base="110003", area=AREA[1:])
    for hour, pincode in ((10, AREA[0]), (12, AREA[1]), (14, AREA[2])):
        booking = await scene.book(
            when=scene.at(hour), pincode=pincode, vendor=scene.vendor.id, service=scene.short.id
        )
        assert booking.status == 201
    demand, places = scene.api.market.demand_map._demand, [*AREA, "110005", "400001"]
    for hour in range(8, 20):
        at = datetime.fromisoformat(scene.at(hour))
        each = {pincode: await demand.around(pincode, None, at) for pincode in places}
        assert await demand.of_all(places, at) == each


async def test_changes_in_all_processes_come_together(
    scene: Scene, settings: Settings, services: Endpoints
) -> None:
    """A process is told by the bus what changed in another, and tells its clients once of both."""
    async with beside(scene, settings, services) as other:
        watched, watcher = a_map(other.market)
        await watched.known()
        heard_of: set[str] = set()

        def note(pincodes: Collection[str]) -> None:
            heard_of.update(pincodes)

        other.market.demand_map._demand.watch(note)
        body = {"service": scene.service.id, "pincode": AREA[1], "scheduled_date": scene.at(10)}
        await other.post("/api/bookings/", json=body, token=scene.customer.token)
        while heard_of != {AREA[0], AREA[1]}:
            await scene.book(pincode=AREA[0])
        await watched.look()
        assert {row.zone.pincode for row in watcher.told()} == {AREA[0], AREA[1]}
