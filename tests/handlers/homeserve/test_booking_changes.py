"""Calling bookings off and moving them with notice: fees, and that no time is ever held twice or lost."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server import clock
from tests.handlers.client import heard
from tests.handlers.homeserve.changing import Travel, cancel, held, move, shown, soon, told
from tests.handlers.homeserve.scene import Scene


async def ledger_balance(scene: Scene) -> int:
    entries = await scene.api.market.stores.ledger.find({})
    assert entries
    return sum(leg.amount_minor for entry in entries for leg in entry.legs)


async def test_a_days_notice_is_free(scene: Scene) -> None:
    """Called off early, nobody pays, the slot is free again and the other side hears of it."""
    booking = await scene.confirmed()
    answer = await cancel(scene, booking, scene.customer, reason="Plans changed")
    assert (answer.status, answer.json["fee"], answer.json["charged_to"]) == (200, 0.0, None)
    assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 201
    (notice,) = await told(scene, scene.vendor, "booking_cancelled")
    assert notice["data"]["reason"] == "Plans changed"
    assert await told(scene, scene.customer, "booking_cancelled") == []


async def test_a_cancelled_booking_says_why(scene: Scene) -> None:
    """Both sides read in the booking who called it off, why, and what it cost."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/"
    assert (await scene.api.get(path, token=scene.vendor.token)).json["cancellation"] is None
    await cancel(scene, booking, scene.customer, reason="Plans changed")
    shown = (await scene.api.get(path, token=scene.vendor.token)).json["cancellation"]
    assert (shown["cancelled_by"], shown["reason"], shown["fee"]) == (scene.customer.id, "Plans changed", 0.0)


async def test_a_late_customer_pays(scene: Scene, travel: Travel) -> None:
    """Two hours before the start the customer pays half; the vendor earns of it; the ledger balances."""
    booking = await soon(scene, travel, 2)
    terms = await scene.api.get(f"/api/bookings/{booking['id']}/cancellation/", token=scene.customer.token)
    price = float(booking["total_price"])
    assert terms.json == {"fee": pytest.approx(price / 2), "charged_to": "customer"}
    answer = await cancel(scene, booking, scene.customer)
    assert answer.json["fee"] == pytest.approx(price / 2)
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    assert (payment["payment_type"], payment["status"]) == ("cancellation_fee", "completed")
    (earning,) = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    assert float(earning["amount"]) == pytest.approx(price / 2 * 0.9, abs=0.01)
    assert await ledger_balance(scene) == 0
    assert await held(scene) == {}


async def test_a_late_vendor_is_fined(scene: Scene, travel: Travel) -> None:
    """The vendor who calls off late owes a penalty, and the customer pays nothing."""
    booking = await soon(scene, travel, 2)
    answer = await cancel(scene, booking, scene.vendor)
    assert answer.json["charged_to"] == "vendor"
    assert (await scene.api.get("/api/payments/", token=scene.customer.token)).json["count"] == 0
    (earning,) = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    assert float(earning["amount"]) == pytest.approx(-0.2 * float(booking["total_price"]), abs=0.01)
    assert await ledger_balance(scene) == 0


async def test_naming_the_state_goes_the_same_road(scene: Scene, travel: Travel) -> None:
    """PATCH to cancelled charges and keeps what cancelling does."""
    booking = await soon(scene, travel, 2)
    path = f"/api/bookings/{booking['id']}/"
    answer = await scene.api.patch(path, json={"status": "cancelled"}, token=scene.customer.token)
    assert (answer.status, answer.json["status"]) == (200, "cancelled")
    (payment,) = (await scene.api.get("/api/payments/", token=scene.customer.token)).json["results"]
    assert payment["payment_type"] == "cancellation_fee"
    kept = await scene.api.market.stores.bookings.get(booking["id"])
    assert kept is not None
    assert kept.cancelled_by == scene.customer.id
    assert kept.cancelled_at is not None
    assert kept.fee_minor == round(float(booking["total_price"]) * 50)


async def test_after_the_start_nothing_is_left_of_the_price(scene: Scene, travel: Travel) -> None:
    """A customer who was not there pays the whole price."""
    booking = await soon(scene, travel, -0.5)
    answer = await cancel(scene, booking, scene.customer)
    assert answer.json["fee"] == pytest.approx(float(booking["total_price"]))


async def test_grace_after_booking(scene: Scene, travel: Travel) -> None:
    """A booking made for the same day is called off for free within five minutes, and not a minute later."""
    travel(datetime.fromisoformat(scene.at(7)))
    first, second = await scene.confirmed(), await scene.confirmed(when=scene.at(14))
    travel(datetime.fromisoformat(scene.at(7, 4)))
    assert (await cancel(scene, first, scene.customer)).json["fee"] == 0
    travel(datetime.fromisoformat(scene.at(7, 6)))
    assert (await cancel(scene, second, scene.customer)).json["fee"] > 0


async def test_staff_say_whose_fault_it_was(scene: Scene, travel: Travel) -> None:
    """An admin names the fault or waives the fee, and can ask before; nobody else may."""
    booking = await soon(scene, travel, 2)
    path = f"/api/bookings/{booking['id']}/cancellation/"
    assert (await cancel(scene, booking, scene.customer, waive_fee=True)).status == 403
    assert (await cancel(scene, booking, scene.vendor, fault="customer")).status == 403
    assert (await scene.api.get(path, token=scene.customer.token, fault="vendor")).status == 403
    assert (await scene.api.get(path, token=scene.ops.token)).json == {"fee": 0.0, "charged_to": None}
    asked = await scene.api.get(path, token=scene.ops.token, fault="vendor")
    answer = await cancel(scene, booking, scene.ops, fault="vendor")
    assert answer.json["charged_to"] == "vendor"
    assert asked.json == {name: answer.json[name] for name in ("fee", "charged_to")}
    other = await soon(scene, travel, 2, when=scene.at(14))
    assert (await cancel(scene, other, scene.ops, fault="customer", waive_fee=True)).json["fee"] == 0


async def test_what_nobody_took_costs_nothing(scene: Scene, travel: Travel) -> None:
    """A pending booking is called off for free at any time."""
    booking = (await scene.book()).json
    travel(datetime.fromisoformat(scene.at(9, 30)))
    assert (await cancel(scene, booking, scene.customer)).json["fee"] == 0


async def test_what_cannot_be_called_off_has_no_terms(scene: Scene) -> None:
    """Finished work can neither be called off nor asked the price of it."""
    booking = await scene.completed()
    path = f"/api/bookings/{booking['id']}/cancellation/"
    assert (await scene.api.get(path, token=scene.customer.token)).status == 409
    assert (await cancel(scene, booking, scene.customer)).status == 409


async def test_an_open_booking_is_not_a_vendors_to_cancel(scene: Scene) -> None:
    """A vendor to whom a booking is offered may not call it off, whether or not its time would suit."""
    await scene.confirmed()
    booking = (await scene.book(scene.other)).json
    assert (await cancel(scene, booking, scene.vendor)).status == 403


async def test_of_many_cancellations_one_pays(scene: Scene, travel: Travel) -> None:
    """Ten at once: one succeeds, the fee is charged once."""
    booking = await soon(scene, travel, 2)
    answers = await asyncio.gather(*(cancel(scene, booking, scene.customer) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 9
    assert (await scene.api.get("/api/payments/", token=scene.customer.token)).json["count"] == 1


@pytest.mark.parametrize("by", ["customer", "vendor", "ops"])
async def test_with_notice_either_side_moves(scene: Scene, by: str) -> None:
    """A day ahead a booking moves at once, its old time is free, its price stays, the others hear of it."""
    booking = await scene.confirmed()
    socket = await scene.api.listen(f"/ws/bookings/{booking['id']}/", scene.customer.token)
    answer = await move(scene, booking, getattr(scene, by), scene.at(14), reason="Rain")
    assert (answer.status, answer.json["requires_consent"]) == (200, False)
    moved = answer.json["booking"]
    assert (moved["scheduled_date"], moved["total_price"]) == (scene.at(14), booking["total_price"])
    await heard(socket, "booking_rescheduled")
    assert (await scene.book(scene.other, vendor=scene.vendor.id)).status == 201
    for one in ("customer", "vendor"):
        notices = await told(scene, getattr(scene, one), "reschedule_done")
        assert [notice["data"]["reason"] for notice in notices] == ([] if one == by else ["Rain"])


async def test_an_open_booking_moves_freely(scene: Scene, travel: Travel) -> None:
    """What nobody has taken moves at once, however near its start is."""
    booking = (await scene.book()).json
    travel(datetime.fromisoformat(scene.at(9, 30)))
    answer = await move(scene, booking, scene.customer, scene.at(14))
    assert (answer.status, answer.json["proposal"]) == (200, None)
    assert answer.json["booking"]["scheduled_date"] == scene.at(14)


async def test_a_booking_may_overlap_its_own_old_time(scene: Scene) -> None:
    """Moving by half an hour is no conflict with oneself."""
    booking = await scene.confirmed()
    assert (await move(scene, booking, scene.customer, scene.at(10, 30))).status == 200
    assert await held(scene) == {booking["id"]: scene.at(10, 30)}


async def test_a_move_to_another_day_leaves_nothing_behind(scene: Scene) -> None:
    """The old day holds nothing any more, the new one the booking."""
    booking = await scene.confirmed()
    day_after = datetime.fromisoformat(scene.at(10)) + timedelta(days=1)
    assert (await move(scene, booking, scene.vendor, day_after.isoformat())).status == 200
    assert await held(scene) == {}
    following = (scene.day + timedelta(days=1)).isoformat()
    day = await scene.api.market.stores.days.of(scene.vendor.id, following)
    assert [hold.booking_id for hold in day.holds] == [booking["id"]]


async def test_a_taken_time_changes_nothing(scene: Scene) -> None:
    """Moving onto another booking is a 409 with alternatives, and the old time is still held."""
    booking = await scene.confirmed()
    other = await scene.confirmed(when=scene.at(14))
    answer = await move(scene, booking, scene.customer, scene.at(14))
    assert answer.status == 409
    assert answer.json["alternatives"]
    assert await held(scene) == {booking["id"]: scene.at(10), other["id"]: scene.at(14)}
    assert (await shown(scene, booking))["scheduled_date"] == scene.at(10)


async def test_work_that_began_does_not_move(scene: Scene) -> None:
    """Neither under way, nor done, nor called off is a booking moved, by whomever."""
    begun, done, off = [await scene.confirmed(when=scene.at(hour)) for hour in (9, 12, 15)]
    path = f"/api/bookings/{begun['id']}/"
    await scene.api.patch(path, json={"status": "in_progress"}, token=scene.vendor.token)
    await scene.api.post(f"/api/bookings/{done['id']}/complete_booking/", token=scene.vendor.token)
    await cancel(scene, off, scene.customer)
    for booking in (begun, done, off):
        for account in (scene.customer, scene.vendor, scene.ops):
            assert (await move(scene, booking, account, scene.at(11))).status == 409


async def test_a_booking_is_moved_ten_times_at_most(scene: Scene) -> None:
    """The eleventh move is refused."""
    booking = await scene.confirmed(service=scene.short.id)
    for number in range(10):
        assert (await move(scene, booking, scene.customer, scene.at(11 + number % 2))).status == 200
    assert (await move(scene, booking, scene.customer, scene.at(15))).status == 409


async def test_twenty_into_one_slot(scene: Scene) -> None:
    """Of twenty bookings that move to one time at once, one gets it and the others keep their own."""
    days = [scene.day + timedelta(days=number) for number in range(1, 21)]
    offset = datetime.fromisoformat(scene.at(10)) - datetime.combine(scene.day, datetime.min.time(), UTC)
    times = [(datetime.combine(day, datetime.min.time(), UTC) + offset).isoformat() for day in days]
    bookings = [await scene.confirmed(when=when) for when in times]
    answers = await asyncio.gather(*(move(scene, one, scene.customer, scene.at(10)) for one in bookings))
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 19}
    assert all(answer.json["alternatives"] for answer in answers if answer.status == 409)
    winner = next(one for one, reply in zip(bookings, answers, strict=True) if reply.status == 200)
    assert await held(scene) == {winner["id"]: scene.at(10)}
    for booking, day in zip(bookings, days, strict=True):
        kept = await scene.api.market.stores.days.of(scene.vendor.id, day.isoformat())
        assert [hold.booking_id for hold in kept.holds] == ([] if booking is winner else [booking["id"]])


async def test_two_moves_at_once(scene: Scene) -> None:
    """Of both sides moving one booking at once the second is told to look again; one time is held."""
    booking = await scene.confirmed()
    answers = await asyncio.gather(
        move(scene, booking, scene.customer, scene.at(13)), move(scene, booking, scene.vendor, scene.at(15))
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    won = next(answer for answer in answers if answer.status == 200)
    assert await held(scene) == {booking["id"]: won.json["booking"]["scheduled_date"]}


async def test_moving_and_cancelling_at_once(scene: Scene) -> None:
    """Whoever comes first, it ends cancelled and holds no time."""
    booking = await scene.confirmed()
    _, cancelled = await asyncio.gather(
        move(scene, booking, scene.vendor, scene.at(14)), cancel(scene, booking, scene.customer)
    )
    assert cancelled.status == 200
    assert (await shown(scene, booking))["status"] == "cancelled"
    assert await held(scene) == {}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "scheduled_date"),
        ({"scheduled_date": "soon"}, "scheduled_date"),
        ({"scheduled_date": "2020-01-01T10:00:00Z"}, "scheduled_date"),
        ({"scheduled_date": (datetime.now(UTC) + timedelta(days=90)).isoformat()}, "scheduled_date"),
        ({"scheduled_date": "2030-01-01T10:00:00Z", "price": 1}, "price"),
        ({"scheduled_date": "2030-01-01T10:00:00Z", "reason": "x" * 5000}, "reason"),
    ],
)
async def test_wrong_times_are_refused(scene: Scene, body: dict[str, Any], named: str) -> None:
    """No time, none that can be read, one in the past or too far ahead, and unknown fields are a 400."""
    booking = await scene.confirmed()
    path = f"/api/bookings/{booking['id']}/reschedule/"
    answer = await scene.api.post(path, json=body, token=scene.customer.token)
    assert answer.status == 400
    assert named in answer.json["error"]


async def test_the_new_time_lies_within_its_window(scene: Scene) -> None:
    """A window that does not hold the new start, and the time that is booked already, are a 400."""
    booking = await scene.confirmed()
    window = {"start": scene.at(13), "end": scene.at(14)}
    refused = await move(scene, booking, scene.customer, scene.at(15), arrival_window=window)
    assert (refused.status, "arrival_window" in refused.json["details"]) == (400, True)
    same = await move(scene, booking, scene.customer, scene.at(10))
    assert (same.status, "scheduled_date" in same.json["details"]) == (400, True)
    moved = await move(scene, booking, scene.customer, scene.at(13, 30), arrival_window=window)
    assert moved.json["booking"]["arrival_window"] == window


async def test_others_bookings_do_not_exist(scene: Scene) -> None:
    """Strangers can neither move nor call off; onboarders have no business here; nobody is a 401."""
    booking = await scene.confirmed()
    rival = await scene.make_vendor("vendor2")
    path = f"/api/bookings/{booking['id']}/"
    for account, status in ((scene.other, 404), (rival, 404), (scene.onboarder, 403)):
        assert (await move(scene, booking, account, scene.at(14))).status == status
        assert (await cancel(scene, booking, account)).status == status
        assert (await scene.api.get(f"{path}cancellation/", token=account.token)).status == status
    for verb in ("cancel/", "reschedule/", "reschedule/accept/", "reschedule/decline/"):
        assert (await scene.api.post(path + verb)).status == 401


async def test_every_change_is_in_the_audit(scene: Scene, travel: Travel) -> None:
    """A move and a cancellation leave an entry each, with both values of what differs."""
    booking = await scene.confirmed()
    await move(scene, booking, scene.customer, scene.at(14))
    await cancel(scene, booking, scene.vendor, reason="Ill")
    entries = await scene.api.market.stores.changes.of_subject("Booking", booking["id"])
    moved, off = entries[-2:]
    assert (moved.user_id, moved.new["moved_count"]) == (scene.customer.id, 1)
    assert datetime.fromisoformat(moved.old["starts_at"]) < datetime.fromisoformat(moved.new["starts_at"])
    assert (off.user_id, off.new["state"], off.new["cancel_reason"]) == (scene.vendor.id, "cancelled", "Ill")
    assert clock.now() - off.at < timedelta(minutes=5)
