"""Sockets as a reconnecting client sees them: where it was, what it missed, and whether that is enough."""

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import orjson

from tests.handlers.client import Account, heard
from tests.handlers.homeserve.fold import Known, booking_of, fold, known_to, listed
from tests.handlers.homeserve.scene import Scene


@dataclass(frozen=True)
class View:
    """A socket, and who listens on it as what: `name` is notifications, bookings, status or admin."""

    name: str
    account: Account
    role: str
    booking_id: str = ""

    @property
    def path(self) -> str:
        paths = {
            "notifications": f"/ws/notifications/{self.account.id}/",
            "bookings": f"/ws/bookings/{self.booking_id}/",
            "status": f"/ws/status/{self.account.id}/{self.role}/",
            "admin": "/ws/admin/",
        }
        return paths[self.name]

    async def connect(self, scene: Scene, since: int, epoch: str = "") -> Any:
        query = f"?token={self.account.token}&updates=1&since={since}&epoch={epoch}"
        return await scene.api.connect(f"ws://localhost:{scene.api.port}{self.path}{query}")

    async def place(self, scene: Scene) -> tuple[int, str]:
        """Give the socket's last event."""
        socket = await self.connect(scene, 0)
        told = await heard(socket, "resync")
        socket.close()
        return told["seq"], told["epoch"]

    async def fetch(self, scene: Scene) -> Known:
        """Give what the socket speaks of, fetched afresh."""
        if self.name == "notifications":
            return await known_to(scene, self.account, self.role)
        if self.name == "bookings":
            booking = await booking_of(scene, self.account, self.booking_id)
            return {"bookings": {} if booking is None else {booking["id"]: booking}}
        if self.name == "admin":
            return {"dispatches": await listed(scene, self.account, "dispatch")}
        return {"people": await self._greeting(scene)}

    async def missed(self, scene: Scene, place: tuple[int, str], last: int) -> list[Any]:
        """Give what came after a place, up to a number."""
        socket, messages = await self.connect(scene, *place), []
        seq = place[0]
        while seq < last:
            message = orjson.loads(await socket.read_message())
            if "seq" in message:  # a greeting has none
                assert message["seq"] == seq + 1, "a hole"
                seq = message["seq"]
                messages.append(message)
        socket.close()
        return messages

    async def _greeting(self, scene: Scene) -> dict[int, Any]:
        """Give who is there: what a status socket is greeted with, which no row shows."""
        company = await scene.api.market.company.of(self.account.id)
        socket = await scene.api.connect(
            f"ws://localhost:{scene.api.port}{self.path}?token={self.account.token}"
        )
        found: dict[int, Any] = {}
        while not found.keys() >= set(company):
            told = (await heard(socket, "status_update"))["data"]
            found[told["user_id"]] = told
        socket.close()
        return {user_id: found[user_id] for user_id in company}


@dataclass
class Cut:
    """What a client knew at a moment, and the last event before it began to ask."""

    view: View
    place: tuple[int, str]
    known: Known

    def by(self, scene: Scene) -> "Cut":
        """Give it for a client that has signed in again."""
        people = (scene.customer, scene.other, scene.vendor, scene.ops, scene.admin, scene.onboarder)
        fresh = {one.id: one for one in people}
        return replace(self, view=replace(self.view, account=fresh[self.view.account.id]))

    @classmethod
    async def make(cls, scene: Scene, view: View) -> "Cut":
        place = await view.place(scene)
        return cls(view, place, await view.fetch(scene))


def views_of(scene: Scene, vendors: list[Account]) -> list[View]:
    """Give the sockets that are there from the beginning."""
    customers = [View("notifications", one, "customer") for one in (scene.customer, scene.other)]
    return [
        *customers,
        *(View("notifications", one, "vendor") for one in vendors),
        View("notifications", scene.ops, "ops_manager"),
        View("notifications", scene.admin, "super_admin"),
        View("notifications", scene.onboarder, "onboard_manager"),
        View("admin", scene.ops, "ops_manager"),
        View("status", scene.customer, "customer"),
        View("status", scene.vendor, "vendor"),
    ]


async def settled(scene: Scene) -> None:
    """Return once everything that was committed has been announced: an event that came last is heard."""
    view = View("notifications", scene.onboarder, "onboard_manager")
    seq, epoch = await view.place(scene)
    market = scene.api.market
    await market.database.together(
        lambda: market.notifications.notify([scene.onboarder.id], "bonus_alert", "The end")
    )
    await view.missed(scene, (seq, epoch), seq + 1)


async def check(scene: Scene, cut: Cut) -> list[Any]:
    """Fold what came after a cut into what was known, compare with what is fetched, give what came."""
    if cut.view.name == "bookings" and not (await cut.view.fetch(scene))["bookings"]:
        socket = await cut.view.connect(scene, 0)
        assert await socket.read_message() is None, "somebody else's booking"
        return []
    last, epoch = await cut.view.place(scene)
    assert epoch == cut.place[1]
    messages = await cut.view.missed(scene, cut.place, last)
    folded, fresh = deepcopy(cut.known), await cut.view.fetch(scene)
    for message in messages:
        fold(folded, message)
    for kind, rows in fresh.items():
        found = folded.get(kind, {})
        if kind == "people":  # who left one's company is not heard of any more
            found = {user_id: found.get(user_id) for user_id in rows}
        assert found == rows, (cut.view.path, kind, [message["type"] for message in messages])
    return messages


async def all_there(scene: Scene, people: list[Account]) -> None:
    """Have everybody keep a socket, so that those which a test opens and closes say nothing of presence."""
    for one in people:
        await scene.api.listen(f"/ws/notifications/{one.id}/", one.token)
