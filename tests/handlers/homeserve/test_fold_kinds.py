"""State before + events = state fetched afresh, for every kind of event and of notification."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from server import clock
from server.domain import events
from server.domain.notifications import Kind
from server.domain.payments import PaymentState
from tests.faces.folding import Cut, all_there, check, settled
from tests.handlers.client import Reply
from tests.handlers.homeserve.changing import Travel, answer, cancel, move
from tests.handlers.homeserve.complaints import complain, resolve, say, talk
from tests.handlers.homeserve.forms import PDF, picture, post_form
from tests.handlers.homeserve.histories import all_signed_in
from tests.handlers.homeserve.scene import Scene
from tests.handlers.homeserve.signing import requested, run_out
from tests.handlers.homeserve.test_applications import ALL, begun, review, submit
from tests.handlers.homeserve.test_photos import upload
from tests.handlers.homeserve.watching import HomeView, there, views_of

Story = Callable[[Scene, Travel], Awaitable[Any]]

STATELESS = {"bonus_alert", "booking_timeout"}
"""Kinds of notification that tell of no change: a sum to come, a booking as it has been."""

ELSEWHERE = {"review_received", "appointment_requested"}
"""Kinds of notification of another marketplace."""


def hearing(scene: Scene) -> HomeView:
    """Give the socket on which the end of it all is heard."""
    return HomeView(scene.admin, "notifications", "")


async def pass_time(scene: Scene, travel: Travel, **ahead: int) -> None:
    """Let time pass, once all that happened is announced: what is announced a day late begins anew."""
    await settled(scene.api, hearing(await all_signed_in(scene)))
    travel(clock.now() + timedelta(**ahead))


async def moving(scene: Scene, travel: Travel) -> None:
    """A move at once; then, near the start, proposals that are accepted, declined, withdrawn, forgotten."""
    booking = await scene.confirmed()
    assert (await move(scene, booking, scene.customer, scene.at(14))).json["requires_consent"] is False
    await settled(scene.api, hearing(scene))
    travel(datetime.fromisoformat(scene.at(14)) - timedelta(hours=20))
    for verb, by, hour in (("accept", scene.vendor, 13), ("decline", scene.vendor, 15)):
        await move(scene, booking, scene.customer, scene.at(hour))
        assert (await answer(scene, booking, by, verb)).status == 200
    await move(scene, booking, scene.customer, scene.at(15))
    assert (await answer(scene, booking, scene.customer, "decline")).status == 200
    await move(scene, booking, scene.vendor, scene.at(15))
    await pass_time(scene, travel, hours=13)
    assert await scene.api.market.rescheduling.lapse_due() == 1


async def calling_off(scene: Scene, travel: Travel) -> None:
    """Late, so that it costs a fee, which is paid."""
    other, booking = await scene.confirmed(when=scene.at(14)), await scene.confirmed()
    await settled(scene.api, hearing(scene))
    travel(datetime.fromisoformat(scene.at(7)))
    assert (await cancel(scene, booking, scene.vendor, reason="Ill")).status == 200
    assert (await cancel(scene, other, scene.customer)).json["fee"] > 0


async def paying(scene: Scene, travel: Travel) -> None:
    """Signed, paid, released; and signatures that are not given in time."""
    await scene.signed()
    await requested(scene, when=scene.at(13), service=scene.short.id)
    await run_out(scene, (await requested(scene, when=scene.at(15), service=scene.short.id))[1])
    assert await scene.api.market.signatures.expire_due() == 1
    await pass_time(scene, travel, days=6)
    assert await scene.api.market.signatures.expire_due() == 1
    assert await scene.api.market.earnings.release_due() == 1


async def failing(scene: Scene, travel: Travel) -> None:
    """A payment that does not go through."""
    await scene.completed()
    market = scene.api.market
    [payment] = await market.stores.payments.find({})
    failed = replace(payment, status=PaymentState.FAILED)
    await market.database.together(lambda: market.hearing._fail(payment, failed))


async def quarrelling(scene: Scene, travel: Travel) -> None:
    """A dispute from its opening to the refund, and one that drags on."""
    dispute = (await complain(scene, await scene.signed())).json
    for talker in (scene.vendor, scene.customer, scene.ops):
        assert (await say(scene, dispute, talker)).status == 201
    assert (await talk(scene, dispute, scene.vendor))["total_count"] == 3
    path = f"/api/disputes/{dispute['id']}/assign/"
    body = {"mediator_id": scene.admin.id}
    assert (await scene.api.post(path, json=body, token=scene.ops.token)).status == 200
    assert (await resolve(scene, dispute)).status == 200
    _, signature_id = await requested(scene, when=scene.at(13), service=scene.short.id)
    refuse = f"/api/signatures/{signature_id}/refuse/"
    body = {"reason": "It leaks", "open_dispute": True}
    assert (await scene.api.post(refuse, json=body, token=scene.customer.token)).status == 200
    grave = await scene.completed(when=scene.at(15), service=scene.short.id)
    evidence = {"photos": ["a"], "notes": ""}
    assert (await complain(scene, grave, dispute_type="damage", evidence=evidence)).status == 201
    await pass_time(scene, travel, days=8)
    assert await scene.api.market.escalating.escalate_due() == 2


async def crossing(scene: Scene, travel: Travel) -> None:
    """Both sides of a dispute write and read at once; pictures come and go while a booking is taken."""
    dispute = (await complain(scene, await scene.completed())).json
    sides = (scene.vendor, scene.customer)
    for hour in (13, 15):
        booking = (await scene.book(when=scene.at(hour), service=scene.short.id)).json
        photo = (await upload(scene, booking, scene.customer, picture(8, 8))).json
        replies = await asyncio.gather(
            *(say(scene, dispute, one) for one in sides),
            *(talk(scene, dispute, one) for one in sides),
            upload(scene, booking, scene.customer, picture(8, 8)),
            scene.api.delete(f"/api/photos/{photo['id']}/", token=scene.customer.token),
            scene.api.post(f"/api/bookings/{booking['id']}/accept_booking/", token=scene.vendor.token),
        )
        answers = [reply for reply in replies if isinstance(reply, Reply)]
        assert [one.status for one in answers] == [201, 201, 201, 204, 200], answers[-1].json


async def applying(scene: Scene, travel: Travel) -> None:
    """An application whose documents are changed, and that is handed in and refused."""
    application = await begun(scene)
    one = f"{ALL}{application['id']}/"
    [document, *_] = (await scene.api.get(one, token=scene.other.token)).json["documents"]
    removed = await scene.api.delete(f"{one}documents/{document['id']}/", token=scene.other.token)
    kind = {"document_type": document["document_type"]}
    added = await post_form(scene.api, f"{one}documents/", scene.other, kind, file=("id.pdf", PDF))
    assert (removed.status, added.status) == (204, 201)
    assert (await submit(scene, application)).status == 200
    assert (await review(scene, application, decision="reject")).status == 200


async def picturing(scene: Scene, travel: Travel) -> None:
    """Photos before and after somebody takes the booking; both sides see them, until they are removed."""
    booking = (await scene.book()).json
    first = (await upload(scene, booking, scene.customer)).json
    path = f"/api/bookings/{booking['id']}/accept_booking/"
    assert (await scene.api.post(path, token=scene.vendor.token)).status == 200
    assert (await upload(scene, booking, scene.vendor)).status == 201
    removed = await scene.api.delete(f"/api/photos/{first['id']}/", token=scene.customer.token)
    assert removed.status == 204


async def working_elsewhere(scene: Scene, travel: Travel) -> None:
    """A vendor who does not work at a booking's pincode any more, on any day, does not see it; and again."""
    here, there = (await scene.book(pincode="110001")).json, (await scene.book(pincode="110002")).json
    assert (here["vendor"], there["vendor"]) == (None, None)
    seen = []
    for base, area in (("110003", []), ("110001", ["110002"]), ("110001", [])):
        for weekday in range(1, 8):
            hours = {"day_of_week": weekday, "start_time": "08:00:00", "end_time": "19:00:00"}
            body = {**hours, "primary_pincode": base, "service_area_pincodes": area}
            set_to = await scene.api.post("/api/vendor-availability/", json=body, token=scene.vendor.token)
            assert set_to.status == 201, set_to.json
        listed = (await scene.api.get("/api/bookings/", token=scene.vendor.token)).json["results"]
        seen.append({booking["id"] for booking in listed})
    assert seen == [set(), {here["id"], there["id"]}, {here["id"]}]


async def reading(scene: Scene, travel: Travel) -> None:
    """Notifications read one by one and all at once, on another device."""
    booking = await scene.confirmed()
    for hour in (13, 14, 15):
        await move(scene, booking, scene.customer, scene.at(hour))
    found = (await scene.api.get("/api/notifications/", token=scene.vendor.token)).json["results"]
    for what in (f"{found[0]['id']}/read", "read-all", "read-all"):
        assert (await scene.api.post(f"/api/notifications/{what}/", token=scene.vendor.token)).status == 200


TOLD = {
    moving: {
        *(Kind.RESCHEDULE_DONE, Kind.RESCHEDULE_REQUEST, Kind.RESCHEDULE_ACCEPTED),
        *(Kind.RESCHEDULE_DECLINED, Kind.RESCHEDULE_WITHDRAWN, Kind.RESCHEDULE_LAPSED),
    },
    calling_off: {Kind.BOOKING_CANCELLED},
    paying: {
        *(Kind.SIGNATURE_REQUEST, Kind.SIGNATURE_SIGNED, Kind.SIGNATURE_EXPIRED),
        *(Kind.PAYMENT_COMPLETED, Kind.EARNING_RELEASED),
    },
    failing: {Kind.PAYMENT_FAILED},
    quarrelling: {
        *(Kind.DISPUTE_OPENED, Kind.DISPUTE_MESSAGE, Kind.DISPUTE_ASSIGNED, Kind.DISPUTE_RESOLVED),
        *(Kind.DISPUTE_ESCALATED, Kind.PAYMENT_HOLD, Kind.PAYMENT_REFUNDED, Kind.SIGNATURE_REFUSED),
    },
    crossing: {Kind.DISPUTE_MESSAGE},
    applying: {Kind.APPLICATION_SUBMITTED, Kind.APPLICATION_REVIEWED},
    picturing: set(),
    working_elsewhere: set(),
    reading: {Kind.RESCHEDULE_DONE},
}
"""What each story tells of; all of them together every kind that carries state."""


def test_every_kind_has_its_story() -> None:
    """A new kind of notification or event is folded here, or said to carry no state."""
    assert set().union(*TOLD.values()) == set(Kind) - STATELESS - ELSEWHERE
    kinds = {value for name, value in vars(events).items() if name.isupper()}
    # The others happen in the random histories; two are another marketplace's, two are worth nothing later.
    others = {events.MESSAGE_SENT, events.PAYMENT_COMPLETED, events.PROVIDER_LOCATED, events.DEMAND_CHANGED}
    assert kinds - others == {
        *(events.BOOKING_OFFERED, events.BOOKING_MOVED, events.BOOKING_RETIMED, events.BOOKING_REASSIGNED),
        *(events.BOOKING_DETAILED, events.DISPATCH_PROGRESS, events.PRESENCE),
        *(events.NOTIFIED, events.NOTIFICATIONS_READ, events.UPDATED),
    }


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.__name__)
async def test_each_kind_brings_a_client_up_to_date(scene: Scene, travel: Travel, story: Story) -> None:
    """Who fetched before the story and listened since knows what is fetched after it."""
    await all_there(scene.api, there(scene, [scene.vendor]))
    before = [await Cut.make(scene.api, view) for view in views_of(scene, [scene.vendor])]
    await story(scene, travel)
    later = await all_signed_in(scene)
    await all_there(later.api, there(later, [later.vendor]))
    people = (later.customer, later.other, later.vendor, later.ops, later.admin, later.onboarder)
    told = await check(later.api, [cut.by(people) for cut in before], hearing(later))
    assert {message["type"] for message in told} >= TOLD[story]
