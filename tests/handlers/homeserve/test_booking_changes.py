"""Calling bookings off and moving them: fees, consent, and that no time is ever held twice or lost."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server import clock
from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.scene import Scene


async def soon(scene: Scene, hours: float, **wish: Any) -> Any:
    """Give a confirmed booking that was made long ago and begins in so many hours."""
    booking = await scene.confirmed(**wish)
    starts_at = clock.now() + timedelta(hours=hours)
    old = {"created_at": clock.now() - timedelta(days=3), "starts_at": starts_at}
    await scene.api.market.stores.bookings.change(booking["id"], old)
    return booking


async def cancel(scene: Scene, booking: Any, account: Account, **body: Any) -> Reply:
    return await scene.api.post(f"/api/bookings/{booking['id']}/cancel/", json=body, token=account.token)


async def move(scene: Scene, booking: Any, account: Account, when: str, **more: Any) -> Reply:
    path = f"/api/bookings/{booking['id']}/reschedule/"
    return await scene.api.post(path, json={"scheduled_date": when, **more}, token=account.token)


async def test_a_days_notice_is_free(scene: Scene) -> None:
    """Called off early, nobody pays, the slot is free again and the other side hears of it."""
    booking = await scene.confirmed()
    answer = await cancel(scene, booking, scene.customer, reason="Plans changed")
    assert (answer.status, answer.json["fee"], answer.json["charged_to"]) == (200, 0.0, None)
    assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 201
    told = await scene.api.get("/api/notifications/", token=scene.vendor.token, kind="booking_cancelled")
    assert told.json["results"][0]["data"]["reason"] == "Plans changed"


async def test_a_late_customer_pays(scene: Scene) -> None:
    """Two hours before the start the customer pays half; the vendor earns of it; the ledger balances."""
    booking = await soon(scene, 2)
    terms = await scene.api.get(f"/api/bookings/{booking['id']}/cancellation/", token=scene.customer.token)
    price = float(booking["total_price"])
    assert terms.json == {"fee": pytest.approx(price / 2), "charged_to": "customer"}
    answer = await cancel(scene, booking, scene.customer)
    assert answer.json["fee"] == pytest.approx(price / 2)
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    assert (payment["payment_type"], payment["status"]) == ("cancellation_fee", "completed")
    (earning,) = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    assert float(earning["amount"]) == pytest.approx(price / 2 * 0.9, abs=0.01)


async def test_a_late_vendor_is_fined(scene: Scene) -> None:
    """The vendor who calls off late owes a penalty, and the customer pays nothing."""
    booking = await soon(scene, 2)
    answer = await cancel(scene, booking, scene.vendor)
    assert answer.json["charged_to"] == "vendor"
    assert (await scene.api.get("/api/payments/", token=scene.customer.token)).json["count"] == 0
    (earning,) = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    assert float(earning["amount"]) == pytest.approx(-0.2 * float(booking["total_price"]), abs=0.01)


async def test_staff_say_whose_fault_it_was(scene: Scene) -> None:
    """An admin names the fault or waives the fee; nobody else may."""
    booking = await soon(scene, 2)
    assert (await cancel(scene, booking, scene.customer, waive_fee=True)).status == 403
    assert (await cancel(scene, booking, scene.vendor, fault="customer")).status == 403
    answer = await cancel(scene, booking, scene.ops, fault="vendor")
    assert answer.json["charged_to"] == "vendor"
    other = await soon(scene, 2, when=scene.at(14))
    assert (await cancel(scene, other, scene.ops, fault="customer", waive_fee=True)).json["fee"] == 0


async def test_what_nobody_took_costs_nothing(scene: Scene) -> None:
    """A pending booking is called off for free at any time."""
    booking = (await scene.book()).json
    starts_at = clock.now() + timedelta(minutes=30)
    await scene.api.market.stores.bookings.change(booking["id"], {"starts_at": starts_at})
    assert (await cancel(scene, booking, scene.customer)).json["fee"] == 0


async def test_of_many_cancellations_one_pays(scene: Scene) -> None:
    """Ten at once: one succeeds, the fee is charged once."""
    booking = await soon(scene, 2)
    answers = await asyncio.gather(*(cancel(scene, booking, scene.customer) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert (await scene.api.get("/api/payments/", token=scene.customer.token)).json["count"] == 1


@pytest.mark.parametrize("by", ["customer", "vendor", "ops"])
async def test_with_notice_either_side_moves(scene: Scene, by: str) -> None:
    """A day ahead a booking moves at once, its old time is free, its price stays, the other side hears."""
    booking = await scene.confirmed()
    socket = await scene.api.listen(f"/ws/bookings/{booking['id']}/", scene.customer.token)
    answer = await move(scene, booking, getattr(scene, by), scene.at(14))
    assert (answer.status, answer.json["requires_consent"]) == (200, False)
    moved = answer.json["booking"]
    assert (moved["scheduled_date"], moved["total_price"]) == (scene.at(14), booking["total_price"])
    assert "booking_rescheduled" in str(await socket.read_message())
    assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 201


async def test_a_booking_may_overlap_its_own_old_time(scene: Scene) -> None:
    """Moving by half an hour is no conflict with oneself."""
    booking = await scene.confirmed()
    assert (await move(scene, booking, scene.customer, scene.at(10, 30))).status == 200


async def test_a_taken_time_changes_nothing(scene: Scene) -> None:
    """Moving onto another booking is a 409 with alternatives, and the old time is still held."""
    booking = await scene.confirmed()
    await scene.confirmed(when=scene.at(14))
    answer = await move(scene, booking, scene.customer, scene.at(14))
    assert answer.status == 409
    assert answer.json["alternatives"]
    assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 409


async def test_late_moves_need_consent(scene: Scene) -> None:
    """Within a day the other side has to agree; until then nothing moves."""
    booking = await soon(scene, 3)
    proposed = await move(scene, booking, scene.customer, scene.at(14), reason="Running late")
    assert proposed.json["requires_consent"]
    assert proposed.json["proposal"]["scheduled_date"] == scene.at(14)
    path = f"/api/bookings/{booking['id']}/reschedule/"
    told = await scene.api.get("/api/notifications/", token=scene.vendor.token, kind="reschedule_request")
    assert told.json["count"] == 1
    assert (await scene.api.post(f"{path}accept/", token=scene.customer.token)).status == 403
    assert (await scene.api.get(path, token=scene.other.token)).status == 404
    accepted = await scene.api.post(f"{path}accept/", token=scene.vendor.token)
    assert (accepted.status, accepted.json["scheduled_date"]) == (200, scene.at(14))
    assert (await scene.api.get(path, token=scene.vendor.token)).json == {"proposal": None}


async def test_a_declined_proposal_is_gone(scene: Scene) -> None:
    """Declined, the booking stays where it was, and there is nothing left to accept."""
    booking = await soon(scene, 3)
    await move(scene, booking, scene.vendor, scene.at(14))
    path = f"/api/bookings/{booking['id']}/reschedule/"
    assert (await scene.api.post(f"{path}decline/", token=scene.customer.token)).status == 200
    assert (await scene.api.post(f"{path}accept/", token=scene.customer.token)).status == 404


async def test_many_into_one_slot(scene: Scene) -> None:
    """Of several bookings that move to one time at once, one gets it and the others keep their own."""
    bookings = [await scene.confirmed(when=scene.at(hour), service=scene.short.id) for hour in (10, 12, 14)]
    answers = await asyncio.gather(*(move(scene, one, scene.customer, scene.at(16)) for one in bookings))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    day = await scene.api.market.stores.days.of(scene.vendor.id, scene.day.isoformat())
    assert len({hold.booking_id for hold in day.holds}) == len(day.holds) == 3


async def test_moving_and_cancelling_at_once(scene: Scene) -> None:
    """Whoever comes first, a cancelled booking holds no time."""
    booking = await scene.confirmed()
    await asyncio.gather(
        move(scene, booking, scene.vendor, scene.at(14)), cancel(scene, booking, scene.customer)
    )
    shown = await scene.api.get(f"/api/bookings/{booking['id']}/", token=scene.customer.token)
    day = await scene.api.market.stores.days.of(scene.vendor.id, scene.day.isoformat())
    held = {hold.booking_id for hold in day.holds}
    assert (booking["id"] in held) is (shown.json["status"] != "cancelled")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scheduled_date": "soon"},
        {"scheduled_date": "2020-01-01T10:00:00Z"},
        {"scheduled_date": (datetime.now(UTC) + timedelta(days=90)).isoformat()},
        {"scheduled_date": "2030-01-01T10:00:00Z", "price": 1},
    ],
)
async def test_wrong_times_are_refused(scene: Scene, body: dict[str, Any]) -> None:
    """No time, none that can be read, one in the past or too far ahead, and unknown fields are a 400."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/reschedule/"
    assert (await scene.api.post(path, json=body, token=scene.customer.token)).status == 400


async def test_others_bookings_do_not_exist(scene: Scene) -> None:
    """Strangers can neither move nor call off; onboarders have no business here."""
    booking = await scene.confirmed()
    rival = await scene.make_vendor("vendor2")
    for account, status in ((scene.other, 404), (rival, 404), (scene.onboarder, 403)):
        assert (await move(scene, booking, account, scene.at(14))).status == status
        assert (await cancel(scene, booking, account)).status == status
