"""Moving a booking shortly before its start: only by consent, and never two answers to one proposal."""

import asyncio
from datetime import datetime

import pytest

from tests.handlers.homeserve.changing import Travel, answer, cancel, held, move, shown, soon, told
from tests.handlers.homeserve.scene import Scene


async def test_late_moves_need_consent(scene: Scene, travel: Travel) -> None:
    """Within a day the other side has to agree; until then nothing moves, then it does."""
    booking = await soon(scene, travel, 3)
    proposed = await move(scene, booking, scene.customer, scene.at(14), reason="Running late")
    assert (proposed.status, proposed.json["requires_consent"]) == (200, True)
    assert proposed.json["booking"]["scheduled_date"] == scene.at(10)
    (notice,) = await told(scene, scene.vendor, "reschedule_request")
    assert notice["data"]["reason"] == "Running late"
    assert await held(scene) == {booking["id"]: scene.at(10)}
    assert (await answer(scene, booking, scene.customer, "accept")).status == 403
    accepted = await answer(scene, booking, scene.vendor, "accept")
    assert (accepted.status, accepted.json["scheduled_date"]) == (200, scene.at(14))
    assert accepted.json["total_price"] == booking["total_price"]
    assert await held(scene) == {booking["id"]: scene.at(14)}
    assert len(await told(scene, scene.customer, "reschedule_accepted")) == 1


async def test_a_named_vendor_is_asked_before_accepting(scene: Scene, travel: Travel) -> None:
    """A booking whose vendor has not accepted yet holds that vendor's time: moving it late asks too."""
    booking = (await scene.book(vendor=scene.vendor.id)).json
    travel(datetime.fromisoformat(scene.at(7)))
    assert (await move(scene, booking, scene.vendor, scene.at(14))).json["requires_consent"]
    accepted = await answer(scene, booking, scene.customer, "accept")
    assert (accepted.json["status"], accepted.json["scheduled_date"]) == ("pending", scene.at(14))


async def test_a_booking_shows_its_open_proposal(scene: Scene, travel: Travel) -> None:
    """Both sides see what is proposed on the booking itself, null before and after."""
    booking = await soon(scene, travel, 3)
    assert (await shown(scene, booking))["reschedule_proposal"] is None
    await move(scene, booking, scene.vendor, scene.at(14), reason="Traffic")
    proposal = (await shown(scene, booking))["reschedule_proposal"]
    assert (proposal["proposed_by"], proposal["scheduled_date"]) == (scene.vendor.id, scene.at(14))
    assert proposal["arrival_window"] == {"start": scene.at(14), "end": scene.at(15)}
    path = f"/api/bookings/{booking['id']}/reschedule/"
    assert (await scene.api.get(path, token=scene.vendor.token)).json == {"proposal": proposal}
    assert (await scene.api.get(path, token=scene.other.token)).status == 404
    await answer(scene, booking, scene.customer, "accept")
    assert (await shown(scene, booking))["reschedule_proposal"] is None


@pytest.mark.parametrize(("by", "kind"), [("customer", "declined"), ("vendor", "withdrawn")])
async def test_a_proposal_is_declined_or_withdrawn(scene: Scene, travel: Travel, by: str, kind: str) -> None:
    """Then the booking stays where it was, the other side hears, and there is nothing left to accept."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.vendor, scene.at(14))
    assert (await answer(scene, booking, getattr(scene, by), "decline")).status == 200
    hears = scene.vendor if by == "customer" else scene.customer
    assert len(await told(scene, hears, f"reschedule_{kind}")) == 1
    for verb in ("accept", "decline"):
        assert (await answer(scene, booking, scene.customer, verb)).status == 404
    assert await held(scene) == {booking["id"]: scene.at(10)}


async def test_staff_move_at_any_time(scene: Scene, travel: Travel) -> None:
    """An admin asks nobody; an open proposal is overtaken by it. Answering is for the two sides."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    assert (await answer(scene, booking, scene.ops, "accept")).status == 403
    moved = await move(scene, booking, scene.ops, scene.at(12))
    assert (moved.status, moved.json["requires_consent"]) == (200, False)
    assert (await answer(scene, booking, scene.vendor, "accept")).status == 404


async def test_a_newer_proposal_takes_the_older_ones_place(scene: Scene, travel: Travel) -> None:
    """There is one open proposal; who answers with another time is then the one to be answered."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    await move(scene, booking, scene.vendor, scene.at(15))
    assert (await answer(scene, booking, scene.vendor, "accept")).status == 403
    accepted = await answer(scene, booking, scene.customer, "accept")
    assert accepted.json["scheduled_date"] == scene.at(15)


async def test_a_time_taken_meanwhile_is_not_accepted(scene: Scene, travel: Travel) -> None:
    """The proposed time is not held: taken by then it is a 409 with alternatives, and nothing is lost."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    taken = await scene.book(scene.other, when=scene.at(14), vendor=scene.vendor.id)
    assert taken.status == 201
    refused = await answer(scene, booking, scene.vendor, "accept")
    assert refused.status == 409
    assert refused.json["alternatives"]
    assert await held(scene) == {booking["id"]: scene.at(10), taken.json["id"]: scene.at(14)}


async def test_a_taken_time_is_not_even_proposed(scene: Scene, travel: Travel) -> None:
    """Proposing what is plainly taken is a 409, and the other side hears nothing."""
    other = await scene.confirmed(when=scene.at(14))
    booking = await soon(scene, travel, 3)
    assert (await move(scene, booking, scene.customer, scene.at(14))).status == 409
    assert await told(scene, scene.vendor, "reschedule_request") == []
    assert await held(scene) == {booking["id"]: scene.at(10), other["id"]: scene.at(14)}


async def test_proposals_lapse(scene: Scene, travel: Travel) -> None:
    """At the booked start a proposal is over, shown or not; the job tells its author once."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    rescheduling = scene.api.market.rescheduling
    assert await rescheduling.lapse_due() == 0
    travel(datetime.fromisoformat(scene.at(10)))
    assert (await shown(scene, booking))["reschedule_proposal"] is None
    assert (await answer(scene, booking, scene.vendor, "accept")).status == 404
    assert [await rescheduling.lapse_due(), await rescheduling.lapse_due()] == [1, 0]
    assert len(await told(scene, scene.customer, "reschedule_lapsed")) == 1
    entries = await scene.api.market.stores.changes.of_subject("Proposal", booking["id"])
    assert [entry.action for entry in entries] == ["propose", "lapse"]


async def test_a_proposal_ends_before_the_time_it_proposes(scene: Scene, travel: Travel) -> None:
    """An earlier time is open until it comes, and any time for half a day."""
    booking = await soon(scene, travel, 20, when=scene.at(15))
    proposed = await move(scene, booking, scene.customer, scene.at(12))
    assert proposed.json["proposal"]["expires_at"] == scene.at(7)
    travel(datetime.fromisoformat(scene.at(8)))
    proposed = await move(scene, booking, scene.customer, scene.at(12))
    assert proposed.json["proposal"]["expires_at"] == scene.at(12)


async def test_after_the_start_only_staff_move(scene: Scene, travel: Travel) -> None:
    """Once the booked start has passed there is nothing to agree on any more."""
    booking = await soon(scene, travel, -0.5)
    for account, status in ((scene.customer, 409), (scene.vendor, 409), (scene.ops, 200)):
        assert (await move(scene, booking, account, scene.at(14))).status == status


async def test_nobody_is_asked_without_end(scene: Scene, travel: Travel) -> None:
    """The eleventh proposal for one booking is refused and tells nobody."""
    booking = await soon(scene, travel, 3)
    answers = [await move(scene, booking, scene.customer, scene.at(13 + n % 2)) for n in range(11)]
    assert [one.status for one in answers] == [200] * 10 + [409]
    assert len(await told(scene, scene.vendor, "reschedule_request")) == 10


async def test_a_cancelled_booking_has_no_proposal(scene: Scene, travel: Travel) -> None:
    """Calling a booking off ends what was proposed for it."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.vendor, scene.at(14))
    assert (await cancel(scene, booking, scene.customer)).status == 200
    assert (await shown(scene, booking))["reschedule_proposal"] is None
    assert (await answer(scene, booking, scene.customer, "accept")).status == 404


async def test_accepting_while_the_other_side_cancels(scene: Scene, travel: Travel) -> None:
    """Whoever comes first, it ends cancelled, holds no time and has no proposal."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    accepted, cancelled = await asyncio.gather(
        answer(scene, booking, scene.vendor, "accept"), cancel(scene, booking, scene.customer)
    )
    assert accepted.status in (200, 404, 409)
    assert cancelled.status == 200
    assert (await shown(scene, booking))["status"] == "cancelled"
    assert await held(scene) == {}
    assert await scene.api.market.stores.proposals.get(booking["id"]) is None


async def test_proposing_while_the_other_side_cancels(scene: Scene, travel: Travel) -> None:
    """A cancelled booking is left without a proposal, whoever comes first."""
    booking = await soon(scene, travel, 3)
    await asyncio.gather(
        move(scene, booking, scene.vendor, scene.at(14)), cancel(scene, booking, scene.customer)
    )
    assert (await shown(scene, booking))["status"] == "cancelled"
    assert await scene.api.market.stores.proposals.get(booking["id"]) is None


async def test_one_answer_of_many_counts(scene: Scene, travel: Travel) -> None:
    """Of many acceptances and a withdrawal at once exactly one counts, and the held time says which."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(14))
    withdrawn, *accepted = await asyncio.gather(
        answer(scene, booking, scene.customer, "decline"),
        *(answer(scene, booking, scene.vendor, "accept") for _ in range(8)),
    )
    counted = [one.status for one in (withdrawn, *accepted)].count(200)
    assert counted == 1
    assert await held(scene) == {booking["id"]: scene.at(10 if withdrawn.status == 200 else 14)}


async def test_an_answer_is_to_what_is_proposed_then(scene: Scene, travel: Travel) -> None:
    """Accepting while the author replaces the proposal moves to a time that was proposed, and once."""
    booking = await soon(scene, travel, 3)
    await move(scene, booking, scene.customer, scene.at(13))
    accepted, replaced = await asyncio.gather(
        answer(scene, booking, scene.vendor, "accept"), move(scene, booking, scene.customer, scene.at(15))
    )
    now = (await shown(scene, booking))["scheduled_date"]
    assert await held(scene) == {booking["id"]: now}
    assert now == (accepted.json["scheduled_date"] if accepted.status == 200 else scene.at(10))
    assert 200 in (accepted.status, replaced.status)
