"""What a booking's life asks of the database: little, and nothing twice."""

from collections import Counter
from collections.abc import Sequence

from tests.commands import Command, commands_of
from tests.handlers.homeserve.scene import Scene


def reads(commands: Sequence[Command], *subjects: str) -> list[Command]:
    return [one for one in commands if one.name == "find" and one.subject in subjects]


async def test_no_transaction_reads_anything_twice(scene: Scene) -> None:
    """From a booking that is open to one that is done."""
    with commands_of(scene.api.market.database) as commands:
        booking = (await scene.book()).json
        for action in ("accept_booking", "complete_booking"):
            path = f"/api/bookings/{booking['id']}/{action}/"
            assert (await scene.api.post(path, token=scene.vendor.token)).status == 200
    assert {one.subject for one in commands if one.name == "insert"} >= {"bookings", "payments", "outbox"}
    asked = Counter(one for one in commands if one.name == "find")
    assert [one for one, times in asked.items() if times > 1] == []


async def test_who_may_take_an_open_booking_is_asked_once(scene: Scene) -> None:
    """Whether it is made, or moved to a time when others work, for all who are to be told."""
    with commands_of(scene.api.market.database) as commands:
        booking = (await scene.book()).json
    assert [one.subject for one in reads(commands, "shifts", "users")] == ["shifts", "users"]
    with commands_of(scene.api.market.database) as commands:
        path = f"/api/bookings/{booking['id']}/reschedule/"
        body = {"scheduled_date": scene.at(12)}
        moved = await scene.api.post(path, json=body, token=scene.customer.token)
        assert moved.status == 200
    assert [one.subject for one in reads(commands, "shifts", "users")] == ["shifts", "users"]


async def test_no_proposal_is_looked_for_where_none_was_made(scene: Scene) -> None:
    """Neither when a booking is read nor when it goes on."""
    booking = await scene.confirmed()
    with commands_of(scene.api.market.database) as commands:
        path = f"/api/bookings/{booking['id']}/complete_booking/"
        assert (await scene.api.post(path, token=scene.vendor.token)).status == 200
    assert commands and not reads(commands, "proposals")
