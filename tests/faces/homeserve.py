"""HomeServe in the shared suite."""

from random import Random
from typing import Any, Self

from handlers.homeserve.face import HOMESERVE_FACE
from tests.faces.cast import PASSWORD, Cast
from tests.faces.folding import History
from tests.handlers.client import Account, Api, Reply
from tests.handlers.homeserve.changing import Travel
from tests.handlers.homeserve.documented import FIXTURES
from tests.handlers.homeserve.histories import HomeHistory
from tests.handlers.homeserve.scene import Scene


class HomeServe(Cast):
    """The people of a Scene."""

    face = HOMESERVE_FACE
    fixtures = FIXTURES
    sign_up, sign_in = "/auth/register/", "/auth/login/"
    refresh, sign_out = "/auth/refresh/", "/auth/logout/"
    bookings = "/api/bookings/"
    asked, changed = "booking_request", "booking_status_change"

    def __init__(self, scene: Scene) -> None:
        self.api, self.other, self._scene, self._count = scene.api, scene.other, scene, 0
        self.narrowed = {"status": "pending", "pincode": "110001"}
        self.people = {
            "customer": scene.customer,
            "vendor": scene.vendor,
            "onboard_manager": scene.onboarder,
            "ops_manager": scene.ops,
            "super_admin": scene.admin,
        }

    @classmethod
    async def build(cls, api: Api) -> Self:
        return cls(await Scene.build(api))

    async def person(self, role: str) -> Account:
        self._count += 1
        name = f"new{self._count}"
        is_vendor = role == "vendor"
        return await (self._scene.make_vendor(name) if is_vendor else self.api.account(name, role))

    def wish(self, which: int = 0) -> dict[str, Any]:
        return {
            "service": self._scene.short.id,
            "pincode": "110001",
            "scheduled_date": self._scene.at(10 + 2 * which),
            "vendor": self.provider.id,
        }

    async def agree(self, booking: Any) -> Reply:
        path = f"{self.bookings}{booking['id']}/accept_booking/"
        return await self.api.post(path, token=self.provider.token)

    def news(self, account: Account) -> str:
        return f"/ws/notifications/{account.id}/"

    def subject(self, message: Any) -> Any:
        return message["data"]["booking_id"]

    async def history(self, rng: Random, travel: Travel) -> History:
        return await HomeHistory.begin(self._scene, rng, travel)

    def is_refusal(self, reply: Reply) -> bool:
        return len(reply.json.keys() & {"error", "detail"}) == 1

    def newcomer(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        signing_in = {"username": name, "password": PASSWORD}
        return {**signing_in, "email": f"{name}@example.com"}, signing_in
