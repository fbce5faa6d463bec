"""Random histories of a marketplace: people do what they may, and what they may not is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.faces.folding import Action, History, View, all_there
from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.changing import Travel, answer, cancel, move
from tests.handlers.homeserve.complaints import complain, resolve, say
from tests.handlers.homeserve.forms import PDF, picture, post_form
from tests.handlers.homeserve.scene import AREA, Scene
from tests.handlers.homeserve.signing import RATING
from tests.handlers.homeserve.test_applications import ALL, told
from tests.handlers.homeserve.test_dispatch import apply as apply_plan
from tests.handlers.homeserve.test_dispatch import start, work
from tests.handlers.homeserve.test_photos import upload
from tests.handlers.homeserve.watching import HomeView, booking_of, there, views_of


async def near(scene: Scene, travel: Travel) -> Scene:
    """Give the scene half a day before its day, everybody signed in then: moves of the day need consent."""
    travel(datetime.fromisoformat(scene.at(9)) - timedelta(hours=12))
    return await all_signed_in(scene)


async def all_signed_in(scene: Scene) -> Scene:
    """Give the scene with everybody signed in now."""
    names = ("customer", "other", "vendor", "ops", "admin", "onboarder")
    return replace(scene, **{name: await signed_in(scene, getattr(scene, name)) for name in names})


async def signed_in(scene: Scene, account: Account) -> Account:
    """Give an account with fresh tokens."""
    user = await scene.api.market.stores.users.get(account.id)
    assert user is not None
    pair = await scene.api.market.tokens.issue(user)
    return Account(user.id, pair.access, pair.refresh)


class HomeHistory(History):
    """Visits from the request to the payment, quarrels, pictures, an application, and the day planned afresh.

    The last vendor comes and goes as the test listens in their name; the others are there all the time.
    """

    types = frozenset({"booking_request", "booking_status_change", "update", "status_update"})

    def __init__(self, scene: Scene, vendors: list[Account], rng: Random) -> None:
        super().__init__(scene.api, rng)
        self._scene, self._vendors = scene, vendors
        self.views = views_of(scene, vendors)
        self.late = there(scene, vendors[2:])
        self._bookings: list[str] = []

    @classmethod
    async def begin(cls, scene: Scene, rng: Random, travel: Travel) -> "HomeHistory":
        """Begin half a day before the scene's, with three vendors."""
        others = [await scene.make_vendor(f"vendor{number}", base="110003") for number in (2, 3)]
        scene = await near(scene, travel)
        vendors = [scene.vendor, *[await signed_in(scene, one) for one in others]]
        await all_there(scene.api, there(scene, vendors[:2]))
        return cls(scene, vendors, rng)

    async def a_view(self) -> View:
        """Give one of the sockets, or one of a booking for somebody who may watch it."""
        if not self._bookings or self.rng.random() < 0.6:
            return self.rng.choice(self.views)
        booking = await booking_of(self.api, self._scene.ops, self.rng.choice(self._bookings))
        vendors = {vendor.id: vendor for vendor in self._vendors}
        sides = [(self._customer_of(booking), "customer")]
        sides += [(vendors[booking["vendor"]], "vendor")] if booking["vendor"] else []
        account, role = self.rng.choice(sides)
        return HomeView(account, "bookings", role, booking["id"])

    def actions(self) -> Sequence[tuple[int, Action]]:
        return [
            (12, self.create),
            (10, self.accept),
            (5, self.begin_work),
            (6, self.complete),
            (3, self.cancel),
            (6, self.move),
            (4, self.answer),
            (4, self.annotate),
            (4, self.photograph),
            (2, self.remove_photo),
            (5, self.ask),
            (5, self.sign),
            (2, self.settle),
            (3, self.dispute),
            (4, self.talk),
            (3, self.listen),
            (2, self.resolve),
            (2, self.read),
            (3, self.apply),
            (3, self.dispatch),
            (3, self.work_elsewhere),
            (3, self.live_elsewhere),
        ]

    async def create(self) -> Reply:
        rng, vendors = self.rng, [vendor.id for vendor in self._vendors]
        wish: dict[str, Any] = {"vendor": rng.choice(vendors)} if rng.random() < 0.5 else {}
        hour = rng.randrange(9, 17)
        window = {"start": self._scene.at(hour), "end": self._scene.at(hour + 2)}
        reply = await self._scene.book(
            rng.choice([self._scene.customer, self._scene.other]),
            when=self._scene.at(hour, rng.choice([0, 30])),
            service=self._scene.short.id,
            pincode=rng.choice(AREA),
            arrival_window=window,
            **wish,
        )
        if reply.status == 201:
            self._bookings.append(reply.json["id"])
        return reply

    async def accept(self) -> Reply | None:
        booking = await self._some("pending")
        return booking and await self._post(booking, "accept_booking", self._vendor_of(booking))

    async def begin_work(self) -> Reply | None:
        booking = await self._some("confirmed")
        return booking and await self._patch(booking, self._vendor_of(booking), status="in_progress")

    async def complete(self) -> Reply | None:
        booking = await self._some("confirmed", "in_progress")
        return booking and await self._post(booking, "complete_booking", self._vendor_of(booking))

    async def cancel(self) -> Reply | None:
        booking = await self._some("pending", "confirmed")
        return booking and await cancel(self._scene, booking, self._side(booking), reason="Rain")

    async def move(self) -> Reply | None:
        booking = await self._some("pending", "confirmed")
        when = self._scene.at(self.rng.randrange(9, 17))
        return booking and await move(self._scene, booking, self._side(booking), when, reason="Late")

    async def answer(self) -> Reply | None:
        booking = await self._some("pending", "confirmed", having="reschedule_proposal")
        verb = self.rng.choice(["accept", "accept", "decline"])
        return booking and await answer(self._scene, booking, self._side(booking), verb)

    async def annotate(self) -> Reply | None:
        booking = await self._some()
        notes = {"customer_notes": f"Ring twice {self.rng.random()}"}
        return booking and await self._patch(booking, self._customer_of(booking), **notes)

    async def photograph(self) -> Reply | None:
        booking = await self._some()
        return booking and await upload(self._scene, booking, self._side(booking), content=picture(8, 8))

    async def remove_photo(self) -> Reply | None:
        """By an admin, or by a side, which is refused when the other one took it."""
        who = self.rng.choice([self._scene.ops, self._scene.customer, *self._vendors])
        found = (await self.api.get("/api/photos/", token=who.token)).json["results"]
        path = f"/api/photos/{self.rng.choice(found)['id']}/" if found else ""
        return await self.api.delete(path, token=who.token) if found else None

    async def ask(self) -> Reply | None:
        booking = await self._some("completed")
        return booking and await self._post(booking, "request_signature", self._vendor_of(booking))

    async def sign(self) -> Reply | None:
        customer = self.rng.choice([self._scene.customer, self._scene.other])
        query = {"token": customer.token, "status": "pending"}
        found = (await self.api.get("/api/signatures/", **query)).json["results"]
        if not found:
            return None
        path = f"/api/signatures/{self.rng.choice(found)['id']}/"
        if self.rng.random() < 0.3:
            body: dict[str, Any] = {"reason": "It leaks", "open_dispute": self.rng.random() < 0.5}
            return await self.api.post(f"{path}refuse/", json=body, token=customer.token)
        return await self.api.post(f"{path}sign/", json=RATING, token=customer.token)

    async def settle(self) -> Reply | None:
        """Pay by hand, or pay an earning out."""
        ops, by_hand = self._scene.ops.token, self.rng.random() < 0.5
        name, verb = ("payments", "process_manual_payment") if by_hand else ("earnings", "release_payment")
        found = (await self.api.get(f"/api/{name}/", token=ops, status="pending")).json["results"]
        path = f"/api/{name}/{self.rng.choice(found)['id']}/{verb}/" if found else ""
        return await self.api.post(path, token=ops) if found else None

    async def dispute(self) -> Reply | None:
        booking = await self._some("in_progress", "completed")
        return booking and await complain(self._scene, booking, self._side(booking))

    async def talk(self) -> Reply | None:
        dispute = await self._a_dispute()
        return dispute and await say(self._scene, dispute, await self._talker(dispute))

    async def listen(self) -> Reply | None:
        """Read what was said."""
        dispute = await self._a_dispute()
        if not dispute:
            return None
        reader = await self._talker(dispute)
        return await self.api.get(f"/api/disputes/{dispute['id']}/messages/", token=reader.token)

    async def resolve(self) -> Reply | None:
        dispute = await self._a_dispute()
        return dispute and await resolve(self._scene, dispute)

    async def read(self) -> Reply:
        """Read one notification, or all."""
        reader = self.rng.choice([self._scene.customer, self._scene.other, *self._vendors])
        found = (await self.api.get("/api/notifications/", token=reader.token)).json["results"]
        is_one = found and self.rng.random() < 0.7
        what = f"{self.rng.choice(found)['id']}/read" if is_one else "read-all"
        return await self.api.post(f"/api/notifications/{what}/", token=reader.token)

    async def apply(self) -> Reply | None:
        """Begin an application, and show and take back documents."""
        token = self._scene.other.token
        found = (await self.api.get(ALL, token=token)).json["results"]
        if not found:
            return await self.api.post(ALL, json=told(self._scene), token=token)
        documents, path = found[0]["documents"], f"{ALL}{found[0]['id']}/documents/"
        if documents and self.rng.random() < 0.5:
            return await self.api.delete(f"{path}{self.rng.choice(documents)['id']}/", token=token)
        kind = {"document_type": "identity"}
        return await post_form(self.api, path, self._scene.other, kind, file=("id.pdf", PDF))

    async def dispatch(self) -> Reply | None:
        """Plan the day afresh; apply the plan, or call it off."""
        asked = await start(self._scene, may_reassign=True, move_penalty_minutes=0)
        if asked.status == 202 and await work(self._scene, asked.json["id"]) != "cancelled":
            if self.rng.random() < 0.8:
                return await apply_plan(self._scene, asked.json["id"])
            path = f"/api/dispatch/{asked.json['id']}/cancel/"
            return await self.api.post(path, token=self._scene.ops.token)
        return asked

    async def _some(self, *states: str, having: str | None = None) -> Any:
        """Give one of the bookings in these states, None when there is none."""
        for booking_id in self.rng.sample(self._bookings, len(self._bookings)):
            path = f"/api/bookings/{booking_id}/"
            booking = (await self.api.get(path, token=self._scene.ops.token)).json
            if (not states or booking["status"] in states) and (having is None or booking[having]):
                return booking
        return None

    async def work_elsewhere(self) -> Reply:
        """Other hours at other places, at which other bookings are open."""
        token = self.rng.choice(self._vendors).token
        base, *area = self.rng.sample(AREA, self.rng.choice([1, 2, 3]))
        hours = {"start_time": "08:00:00", "end_time": "19:00:00"}
        where = {"primary_pincode": base, "service_area_pincodes": area}
        for weekday in range(1, 8):
            body = {"day_of_week": weekday, **hours, **where}
            reply = await self.api.post("/api/vendor-availability/", json=body, token=token)
        return reply

    async def live_elsewhere(self) -> Reply:
        """A new address, another default one, or none."""
        token, path = self._scene.customer.token, "/api/addresses/"
        found = (await self.api.get(path, token=token)).json["results"]
        if len(found) < 2:
            body = {"address_line": "1 Main Road", "pincode": "110001", "is_default": self.rng.random() < 0.5}
            return await self.api.post(path, json=body, token=token)
        one = f"{path}{self.rng.choice(found)['id']}/"
        if self.rng.random() < 0.3:
            return await self.api.delete(one, token=token)
        return await self.api.post(f"{one}set_default/", token=token)

    async def _a_dispute(self) -> Any:
        """Give one of the disputes, None when there is none."""
        token = self._scene.ops.token
        found = (await self.api.get("/api/disputes/", token=token)).json["results"]
        return self.rng.choice(found) if found else None

    async def _talker(self, dispute: Any) -> Account:
        """Give one of those who may write in a dispute."""
        path = f"/api/bookings/{dispute['booking']}/"
        booking = (await self.api.get(path, token=self._scene.ops.token)).json
        return self.rng.choice([self._side(booking), self._side(booking), self._scene.ops])

    def _vendor_of(self, booking: Any) -> Account:
        known = {vendor.id: vendor for vendor in self._vendors}
        return known.get(booking["vendor"]) or self.rng.choice(self._vendors)

    def _customer_of(self, booking: Any) -> Account:
        scene = self._scene
        return scene.customer if booking["customer"] == scene.customer.id else scene.other

    def _side(self, booking: Any) -> Account:
        return self.rng.choice([self._customer_of(booking), self._vendor_of(booking)])

    async def _post(self, booking: Any, verb: str, account: Account) -> Reply:
        return await self.api.post(f"/api/bookings/{booking['id']}/{verb}/", token=account.token)

    async def _patch(self, booking: Any, account: Account, **body: Any) -> Reply:
        path = f"/api/bookings/{booking['id']}/"
        return await self.api.patch(path, json=body, token=account.token)
