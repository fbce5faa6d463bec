"""HomeServe's sockets as clients see them that fetch once and then only listen."""

from dataclasses import dataclass
from typing import Any

from tests.faces.folding import Known, View, listed
from tests.handlers.client import Account, Api, heard
from tests.handlers.homeserve.scene import Scene

LISTED = ("bookings", "notifications", "signatures", "payments", "disputes", "photos")
OF_VENDORS = ("earnings",)
OF_CUSTOMERS = ("addresses",)


@dataclass(frozen=True)
class HomeView(View):
    """What it is is said by `name`: notifications, bookings, status or admin; `role` is the listener's."""

    name: str
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

    async def fetch(self, api: Api) -> Known | None:
        if self.name == "notifications":
            return await known_to(api, self.account, self.role)
        if self.name == "bookings":
            booking = await booking_of(api, self.account, self.booking_id)
            if booking is None:
                return None
            photos = await listed(api, self.account, "/api/photos/", booking=self.booking_id)
            return {"bookings": {self.booking_id: booking}, "photos": photos}
        if self.name == "admin":
            return {"dispatches": await listed(api, self.account, "/api/dispatch/")}
        return {"people": await self._greeting(api)}

    async def _greeting(self, api: Api) -> dict[int, Any]:
        """Give who is there: what a status socket is greeted with, which no row shows."""
        company = await api.market.company.of(self.account.id)
        socket = await api.connect(
            f"ws://localhost:{api.port}{api.prefix}{self.path}?token={self.account.token}"
        )
        found: dict[int, Any] = {}
        while not found.keys() >= set(company):
            told = (await heard(socket, "status_update"))["data"]
            found[told["user_id"]] = told
        socket.close()
        return {user_id: found[user_id] for user_id in company}


def views_of(scene: Scene, vendors: list[Account]) -> list[View]:
    """Give the sockets that are there from the beginning."""
    customers = [HomeView(one, "notifications", "customer") for one in (scene.customer, scene.other)]
    return [
        *customers,
        *(HomeView(one, "notifications", "vendor") for one in vendors),
        HomeView(scene.ops, "notifications", "ops_manager"),
        HomeView(scene.admin, "notifications", "super_admin"),
        HomeView(scene.onboarder, "notifications", "onboard_manager"),
        HomeView(scene.ops, "admin", "ops_manager"),
        HomeView(scene.customer, "status", "customer"),
        HomeView(scene.vendor, "status", "vendor"),
    ]


def there(scene: Scene, vendors: list[Account]) -> list[View]:
    """Give the sockets of those who are there all the time."""
    people = (*vendors, scene.customer, scene.other, scene.ops, scene.admin)
    return [HomeView(one, "notifications", "") for one in people]


async def known_to(api: Api, account: Account, role: str) -> Known:
    """Fetch everything that a user's notification socket speaks of."""
    roles = {"vendor": (*LISTED, *OF_VENDORS), "customer": (*LISTED, *OF_CUSTOMERS)}
    known = {
        name: await listed(api, account, f"/api/{name}/") for name in roles.get(role, ("notifications",))
    }
    known["accounts"] = {account.id: (await api.get(f"/api/users/{account.id}/", token=account.token)).json}
    if role == "vendor":
        known["availability"] = await listed(api, account, "/api/vendor-availability/")
    for booking_id in known.get("bookings", {}):
        known["bookings"][booking_id] = await booking_of(api, account, booking_id)
    if "disputes" in known:
        known["dispute_messages"] = {}
        for dispute_id in known["disputes"]:
            said = await listed(api, account, f"/api/disputes/{dispute_id}/messages/", "messages")
            known["dispute_messages"] |= {id: row | {"dispute": dispute_id} for id, row in said.items()}
    if role in ("customer", "onboard_manager", "super_admin"):
        known["applications"] = await listed(api, account, "/api/vendor-applications/")
    return known


async def booking_of(api: Api, account: Account, booking_id: str) -> Any:
    """Fetch a booking by itself; None when it is not the account's to see."""
    reply = await api.get(f"/api/bookings/{booking_id}/", token=account.token)
    return reply.json if reply.status == 200 else None
