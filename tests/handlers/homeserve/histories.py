"""Random histories of a marketplace: people do what they may, and what they may not is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.changing import Travel, answer, cancel, move
from tests.handlers.homeserve.complaints import complain, resolve, say
from tests.handlers.homeserve.scene import AREA, Scene
from tests.handlers.homeserve.signing import RATING
from tests.handlers.homeserve.test_dispatch import apply, start, work

Action = Callable[[], Awaitable[Reply | None]]


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


class History:
    """Does one thing after another, chosen by a seeded generator among what makes some sense."""

    def __init__(self, scene: Scene, vendors: list[Account], rng: Random) -> None:
        self._scene, self._vendors, self._rng = scene, vendors, rng
        self.bookings: list[str] = []
        self.statuses: dict[str, set[int]] = {}
        self._disputes: list[str] = []

    async def step(self) -> None:
        """Do something; nothing may fail but by a refusal."""
        actions: list[tuple[int, Action]] = [
            (12, self.create),
            (10, self.accept),
            (5, self.begin),
            (6, self.complete),
            (3, self.cancel),
            (6, self.move),
            (4, self.answer),
            (4, self.annotate),
            (5, self.ask),
            (5, self.sign),
            (2, self.settle),
            (3, self.dispute),
            (2, self.talk),
            (2, self.resolve),
            (2, self.read),
            (3, self.dispatch),
        ]
        [action] = self._rng.choices([one for _, one in actions], [weight for weight, _ in actions])
        reply = await action()
        if reply is not None:
            assert reply.status < 500, (action.__name__, reply.json)
            self.statuses.setdefault(action.__name__, set()).add(reply.status)

    async def create(self) -> Reply:
        rng, vendors = self._rng, [vendor.id for vendor in self._vendors]
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
            self.bookings.append(reply.json["id"])
        return reply

    async def accept(self) -> Reply | None:
        booking = await self._some("pending")
        return booking and await self._post(booking, "accept_booking", self._vendor_of(booking))

    async def begin(self) -> Reply | None:
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
        when = self._scene.at(self._rng.randrange(9, 17))
        return booking and await move(self._scene, booking, self._side(booking), when, reason="Late")

    async def answer(self) -> Reply | None:
        booking = await self._some("pending", "confirmed", having="reschedule_proposal")
        verb = self._rng.choice(["accept", "accept", "decline"])
        return booking and await answer(self._scene, booking, self._side(booking), verb)

    async def annotate(self) -> Reply | None:
        booking = await self._some()
        notes = {"customer_notes": f"Ring twice {self._rng.random()}"}
        return booking and await self._patch(booking, self._customer_of(booking), **notes)

    async def ask(self) -> Reply | None:
        booking = await self._some("completed")
        return booking and await self._post(booking, "request_signature", self._vendor_of(booking))

    async def sign(self) -> Reply | None:
        customer = self._rng.choice([self._scene.customer, self._scene.other])
        query = {"token": customer.token, "status": "pending"}
        found = (await self._scene.api.get("/api/signatures/", **query)).json["results"]
        if not found:
            return None
        path = f"/api/signatures/{self._rng.choice(found)['id']}/"
        if self._rng.random() < 0.3:
            body: dict[str, Any] = {"reason": "It leaks", "open_dispute": self._rng.random() < 0.5}
            return await self._scene.api.post(f"{path}refuse/", json=body, token=customer.token)
        return await self._scene.api.post(f"{path}sign/", json=RATING, token=customer.token)

    async def settle(self) -> Reply | None:
        """Pay by hand, or pay an earning out."""
        ops, by_hand = self._scene.ops.token, self._rng.random() < 0.5
        name, verb = ("payments", "process_manual_payment") if by_hand else ("earnings", "release_payment")
        found = (await self._scene.api.get(f"/api/{name}/", token=ops, status="pending")).json["results"]
        path = f"/api/{name}/{self._rng.choice(found)['id']}/{verb}/" if found else ""
        return await self._scene.api.post(path, token=ops) if found else None

    async def dispute(self) -> Reply | None:
        booking = await self._some("in_progress", "completed")
        if not booking:
            return None
        reply = await complain(self._scene, booking, self._side(booking))
        if reply.status == 201:
            self._disputes.append(reply.json["id"])
        return reply

    async def talk(self) -> Reply | None:
        dispute = {"id": self._rng.choice(self._disputes)} if self._disputes else None
        return dispute and await say(self._scene, dispute, self._scene.ops)

    async def resolve(self) -> Reply | None:
        dispute = {"id": self._rng.choice(self._disputes)} if self._disputes else None
        return dispute and await resolve(self._scene, dispute)

    async def read(self) -> Reply:
        """Read one notification, or all."""
        reader = self._rng.choice([self._scene.customer, self._scene.other, *self._vendors])
        found = (await self._scene.api.get("/api/notifications/", token=reader.token)).json["results"]
        is_one = found and self._rng.random() < 0.7
        what = f"{self._rng.choice(found)['id']}/read" if is_one else "read-all"
        return await self._scene.api.post(f"/api/notifications/{what}/", token=reader.token)

    async def dispatch(self) -> Reply | None:
        """Plan the day afresh; apply the plan, or call it off."""
        asked = await start(self._scene, may_reassign=True, move_penalty_minutes=0)
        if asked.status == 202 and await work(self._scene, asked.json["id"]) != "cancelled":
            if self._rng.random() < 0.8:
                return await apply(self._scene, asked.json["id"])
            path = f"/api/dispatch/{asked.json['id']}/cancel/"
            return await self._scene.api.post(path, token=self._scene.ops.token)
        return asked

    async def _some(self, *states: str, having: str | None = None) -> Any:
        """Give one of the bookings in these states, None when there is none."""
        for booking_id in self._rng.sample(self.bookings, len(self.bookings)):
            path = f"/api/bookings/{booking_id}/"
            booking = (await self._scene.api.get(path, token=self._scene.ops.token)).json
            if (not states or booking["status"] in states) and (having is None or booking[having]):
                return booking
        return None

    def _vendor_of(self, booking: Any) -> Account:
        known = {vendor.id: vendor for vendor in self._vendors}
        return known.get(booking["vendor"]) or self._rng.choice(self._vendors)

    def _customer_of(self, booking: Any) -> Account:
        scene = self._scene
        return scene.customer if booking["customer"] == scene.customer.id else scene.other

    def _side(self, booking: Any) -> Account:
        return self._rng.choice([self._customer_of(booking), self._vendor_of(booking)])

    async def _post(self, booking: Any, verb: str, account: Account) -> Reply:
        return await self._scene.api.post(f"/api/bookings/{booking['id']}/{verb}/", token=account.token)

    async def _patch(self, booking: Any, account: Account, **body: Any) -> Reply:
        path = f"/api/bookings/{booking['id']}/"
        return await self._scene.api.patch(path, json=body, token=account.token)
