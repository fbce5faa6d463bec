"""Random histories of A-List: appointments, payments, talk, and what professionals show."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faces.folding import Action, History, Known, View, listed
from tests.handlers.alist.paying import PAYMENTS
from tests.handlers.alist.people import PATH, People
from tests.handlers.alist.shops import PORTFOLIO, PROFILES, open_shop, reviews_of, send_form
from tests.handlers.alist.test_messaging import CONVERSATIONS
from tests.handlers.client import Account, Api, Reply
from tests.handlers.homeserve.forms import picture

NOTIFICATIONS, ADDRESSES, ME = "/api/notifications/", "/api/users/addresses/", "/api/users/me/"
SLOTS = "/api/scheduling/availability-slots/"
STATUSES = ("CONFIRMED", "CONFIRMED", "COMPLETED", "CANCELLED")


@dataclass(frozen=True)
class AListView(View):
    """Somebody's news; a contractor also has a business."""

    is_pro: bool = False

    @property
    def path(self) -> str:
        return "/ws/notifications/"

    async def fetch(self, api: Api) -> Known:
        known = {
            "appointments": await listed(api, self.account, PATH),
            "payments": await listed(api, self.account, PAYMENTS),
            "notifications": await listed(api, self.account, NOTIFICATIONS),
            "addresses": await listed(api, self.account, ADDRESSES),
            "accounts": {self.account.id: (await api.get(ME, token=self.account.token)).json},
            "messages": {},
        }
        for id in await listed(api, self.account, CONVERSATIONS):
            said = await listed(api, self.account, f"{CONVERSATIONS}{id}/messages/")
            known["messages"] |= {one: row | {"conversation": id} for one, row in said.items()}
        known["conversations"] = await listed(api, self.account, CONVERSATIONS)
        return known | (await self._business(api) if self.is_pro else {})

    async def _business(self, api: Api) -> Known:
        slots = await listed(api, self.account, SLOTS, contractor=self.account.id)
        return {"availability_slots": slots, **await self._shop(api)}

    async def _shop(self, api: Api) -> Known:
        profile = await api.get(f"{PROFILES}{self.account.id}/")
        if profile.status == 404:
            return {"profiles": {}, "portfolio_items": {}, "reviews": {}}
        return {
            "profiles": {profile.json["id"]: profile.json},
            "portfolio_items": await listed(api, self.account, PORTFOLIO),
            "reviews": await listed(api, self.account, reviews_of(self.account)),
        }


class AListHistory(History):
    """Two clients, two contractors, of whom the first has a business from the beginning, and a crew."""

    types = frozenset({"appointment.updated", "notification.new", "update"})

    def __init__(self, people: People, rng: Random) -> None:
        super().__init__(people.api, rng)
        self._people = people
        self._clients, self._pros = (people.client, people.other_client), (people.pro, people.other_pro)
        self._everybody = (*self._clients, *self._pros, people.crew)
        self.views = [AListView(one, one in self._pros) for one in self._everybody]

    def actions(self) -> Sequence[tuple[int, Action]]:
        return [
            (10, self.ask),
            (10, self.change),
            (4, self.move),
            (3, self.annotate),
            (6, self.pay),
            (6, self.complete_payment),
            (3, self.begin_talk),
            (2, self.rename_talk),
            (10, self.say),
            (6, self.listen),
            (3, self.read),
            (4, self.review),
            (3, self.change_review),
            (2, self.take_back_review),
            (4, self.show_work),
            (3, self.change_work),
            (2, self.remove_work),
            (3, self.tell_of_business),
            (3, self.change_name),
            (3, self.live_elsewhere),
            (3, self.work_otherwise),
        ]

    async def ask(self) -> Reply:
        hour, pro = self.rng.randrange(8, 17), self.rng.choice(self._pros)
        times = {"start_time": f"{hour:02}:00:00", "end_time": f"{hour + 1:02}:00:00"}
        return await self._people.ask(self.rng.choice(self._clients), contractor=pro.id, **times)

    async def change(self) -> Reply | None:
        return await self._patch(status=self.rng.choice(STATUSES))

    async def move(self) -> Reply | None:
        hour = self.rng.randrange(8, 17)
        return await self._patch(start_time=f"{hour:02}:30:00", end_time=f"{hour + 1:02}:30:00")

    async def annotate(self) -> Reply | None:
        return await self._patch(notes=f"Ring twice {self.rng.random()}", estimated_cost="120.50")

    async def pay(self) -> Reply:
        wish = {"alistpro_id": self.rng.choice(self._pros).id, "amount": "150.00", "description": "A new tap"}
        return await self._post(f"{PAYMENTS}create/", self.rng.choice(self._clients), wish)

    async def complete_payment(self) -> None:
        """Have the gateway say that a payment was made."""
        market = self.api.market
        found = await market.stores.payments.find({"status": "pending"})
        if found:
            one = self.rng.choice(found)
            await market.database.together(lambda: market.payments.complete(None, one, one.kind, "ch_1"))

    async def begin_talk(self) -> Reply:
        who, *others = self.rng.sample(self._everybody, self.rng.choice([2, 3]))
        ids = [one.id for one in others]
        return await self._post(CONVERSATIONS, who, {"participants": ids, "title": "The kitchen"})

    async def rename_talk(self) -> Reply | None:
        who, path = await self._a_talk()
        one, title = path.removesuffix("messages/"), f"The bath {self.rng.random()}"
        return await self.api.patch(one, json={"title": title}, token=who.token) if path else None

    async def say(self) -> Reply | None:
        who, path = await self._a_talk()
        return await self._post(path, who, {"content": f"Hello {self.rng.random()}"}) if path else None

    async def listen(self) -> Reply | None:
        """Read what was said, or a part of it."""
        who, path = await self._a_talk()
        size = self.rng.choice([2, 100])
        return await self.api.get(path, token=who.token, page_size=size) if path else None

    async def read(self) -> Reply | None:
        who = self.rng.choice(self._everybody)
        found = await self._listed(NOTIFICATIONS, who)
        path = f"{NOTIFICATIONS}{self.rng.choice(found)['id']}/read/" if found else ""
        return await self._post(path, who) if found else None

    async def review(self) -> Reply:
        body = {"rating": self.rng.randrange(1, 6), "comment": "Well done"}
        return await self._post(reviews_of(self.rng.choice(self._pros)), self.rng.choice(self._clients), body)

    async def change_review(self) -> Reply | None:
        path, who = await self._a_review()
        return await self.api.patch(path, json={"rating": 2, "comment": "Well"}, token=who.token)

    async def take_back_review(self) -> Reply | None:
        path, who = await self._a_review()
        return await self.api.delete(path, token=who.token)

    async def _a_review(self) -> tuple[str, Account]:
        """Give the path of some review, and a client whose it may be."""
        path = reviews_of(self.rng.choice(self._pros))
        found = (await self.api.get(path)).json.get("results", [])
        return f"{path}{self.rng.choice(found)['id'] if found else 0}/", self.rng.choice(self._clients)

    async def change_work(self) -> Reply | None:
        pro = self.rng.choice(self._pros)
        found = await self._listed(PORTFOLIO, pro)
        path = f"{PORTFOLIO}{self.rng.choice(found)['id']}/" if found else ""
        return await self.api.patch(path, json={"title": "A bath"}, token=pro.token) if found else None

    async def show_work(self) -> Reply:
        fields, image = {"title": "A kitchen"}, ("kitchen.jpg", picture(8, 8))
        return await send_form(self.api, "POST", PORTFOLIO, self.rng.choice(self._pros), fields, image=image)

    async def remove_work(self) -> Reply | None:
        pro = self.rng.choice(self._pros)
        found = await self._listed(PORTFOLIO, pro)
        path = f"{PORTFOLIO}{self.rng.choice(found)['id']}/" if found else ""
        return await self.api.delete(path, token=pro.token) if found else None

    async def tell_of_business(self) -> Reply:
        """Make a profile, or change it."""
        pro, name = self.rng.choice(self._pros), f"Plumbing {self.rng.random()}"
        if (await self.api.get(f"{PROFILES}{pro.id}/")).status == 404:
            return await open_shop(self._people, pro, business_name=name)
        image = ("face.jpg", picture(8, 8))
        path, fields = f"{PROFILES}update/", {"business_name": name}
        return await send_form(self.api, "PUT", path, pro, fields, profile_image=image)

    async def change_name(self) -> Reply:
        body = {"name": f"Somebody {self.rng.random()}"}
        return await self.api.patch(ME, json=body, token=self.rng.choice(self._everybody).token)

    async def live_elsewhere(self) -> Reply:
        """A new address, or one that becomes the primary one, or goes."""
        who = self.rng.choice(self._clients)
        found = await self._listed(ADDRESSES, who)
        if len(found) < 2:
            body = {"street_address": "1 Main St", "city": "Springfield", "zip_code": "62701"}
            return await self._post(ADDRESSES, who, body)
        one = f"{ADDRESSES}{self.rng.choice(found)['id']}/"
        if self.rng.random() < 0.3:
            return await self.api.delete(one, token=who.token)
        return await self.api.patch(one, json={"is_primary": True}, token=who.token)

    async def work_otherwise(self) -> Reply:
        """Add hours, or remove some."""
        pro = self.rng.choice(self._pros)
        found = (await self.api.get(SLOTS, token=pro.token, contractor=pro.id)).json["results"]
        if found and self.rng.random() < 0.5:
            return await self.api.delete(f"{SLOTS}{self.rng.choice(found)['id']}/", token=pro.token)
        hours = {"start_time": "09:00:00", "end_time": "17:00:00"}
        return await self._post(SLOTS, pro, {"day_of_week": self.rng.randrange(7), **hours})

    async def _patch(self, **changes: Any) -> Reply | None:
        who = self.rng.choice([*self._clients, *self._pros])
        found = await self._listed(PATH, who)
        return await self._people.change(who, self.rng.choice(found)["id"], **changes) if found else None

    async def _a_talk(self) -> tuple[Account, str]:
        """Give somebody, and the path of what was said in one of their conversations; "" for none."""
        who = self.rng.choice(self._everybody)
        found = await self._listed(CONVERSATIONS, who)
        return who, f"{CONVERSATIONS}{self.rng.choice(found)['id']}/messages/" if found else ""

    async def _listed(self, path: str, who: Account) -> list[Any]:
        found: list[Any] = (await self.api.get(path, token=who.token)).json["results"]
        return found

    async def _post(self, path: str, who: Account, body: Any = None) -> Reply:
        return await self.api.post(path, json=body, token=who.token)
