"""A-List in the shared suite."""

from collections.abc import Mapping
from random import Random
from typing import Any, Self

from handlers.alist.face import ALIST_FACE
from tests.faces.cast import PASSWORD, Cast
from tests.faces.folding import History
from tests.handlers.alist.documented import FIXTURES, is_refused
from tests.handlers.alist.histories import AListHistory
from tests.handlers.alist.people import PATH, People
from tests.handlers.alist.shops import open_shop
from tests.handlers.client import Account, Api, Reply
from tests.handlers.homeserve.changing import Travel


class AList(Cast):
    """The people of People, and a specialist."""

    face = ALIST_FACE
    fixtures = FIXTURES
    sign_up, sign_in = "/api/users/register/", "/api/users/token/"
    refresh, sign_out = "/api/users/token/refresh/", "/api/users/logout/"
    bookings = PATH
    asked, changed = "notification.new", "appointment.updated"

    def __init__(self, people: People, specialist: Account) -> None:
        self.api, self.other, self._people, self._count = people.api, people.other_client, people, 0
        self.narrowed = {"status": "REQUESTED", "appointment_date": people.day.isoformat()}
        self.people = {
            "client": people.client,
            "contractor": people.pro,
            "crew": people.crew,
            "specialist": specialist,
            "admin": people.admin,
        }

    @classmethod
    async def build(cls, api: Api) -> Self:
        people = await People.build(api)
        await open_shop(people)
        return cls(people, await api.account("sue", "specialist"))

    async def person(self, role: str) -> Account:
        self._count += 1
        somebody = await self.api.account(f"new{self._count}", role)
        if role == "contractor":
            await open_shop(self._people, somebody, business_name=f"Business {self._count}")
        return somebody

    def wish(self, which: int = 0) -> dict[str, Any]:
        start = 9 + 2 * which
        return self._people.wish(start_time=f"{start:02}:00:00", end_time=f"{start + 1:02}:00:00")

    async def agree(self, booking: Any) -> Reply:
        return await self._people.change(self.provider, booking["id"], status="CONFIRMED")

    def news(self, account: Account) -> str:
        return "/ws/notifications/"

    def subject(self, message: Any) -> Any:
        return message["data"].get("appointment_id") or message["data"]["id"]

    async def history(self, rng: Random, travel: Travel) -> History:
        return AListHistory(self._people, rng)

    def is_refusal(self, reply: Reply) -> bool:
        return is_refused(reply, reply.status)

    def newcomer(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        signing_in = {"email": f"{name}@example.com", "password": PASSWORD}
        return {**signing_in, "name": name, "role": "client", "password2": PASSWORD}, signing_in

    def tokens(self, signed_up: Any) -> Mapping[str, str]:
        return dict(signed_up["tokens"])
