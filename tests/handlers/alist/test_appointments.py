"""A-List's appointments over HTTP and socket: who may do what, and that no time is given twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from handlers.alist.face import ALIST_FACE
from server.domain.asking import AskingLimits
from server.embedded import Endpoints
from server.marketplaces.alist import ALIST
from server.settings import Settings
from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import PATH, People
from tests.handlers.client import heard
from tests.handlers.conftest import serving
from tests.handlers.homeserve.documented import fits


async def test_an_appointment_goes_its_documented_way(people: People) -> None:
    """Asked for, listed to both sides, confirmed with notes and completed, always in the documented form."""
    shown = documented("list_appointments").response["results"][0]
    made = await people.ask()
    assert (made.status, made.json["status"]) == (201, "REQUESTED")
    fits(shown, made.json)
    assert {name: made.json[name] for name in ("start_time", "end_time", "estimated_cost", "location")} == {
        name: people.wish()[name] for name in ("start_time", "end_time", "estimated_cost", "location")
    }
    assert made.json["contractor"] == {"id": people.pro.id, "business_name": "Elite Plumbing Services"}
    confirmed = await people.change(people.pro, made.json["id"], **documented("change_appointment").request)
    assert (confirmed.status, confirmed.json["status"]) == (200, "CONFIRMED")
    assert confirmed.json["notes"] == documented("change_appointment").request["notes"]
    done = await people.change(people.pro, made.json["id"], status="COMPLETED")
    assert done.json["status"] == "COMPLETED"
    for who in (people.client, people.pro, people.admin):
        listed = await people.api.get(PATH, token=who.token)
        assert listed.json["results"] == [done.json]
        one = await people.api.get(f"{PATH}{made.json['id']}/", token=who.token)
        assert one.json == done.json


async def test_only_participants_and_admins_see_and_change(people: People) -> None:
    """To anybody else there is no such appointment; only clients ask for one."""
    made = (await people.ask()).json
    for stranger in (people.other_client, people.other_pro, people.crew):
        assert (await people.api.get(PATH, token=stranger.token)).json["results"] == []
        assert is_refused(await people.api.get(f"{PATH}{made['id']}/", token=stranger.token), 404)
        assert is_refused(await people.change(stranger, made["id"], status="CANCELLED"), 404)
    for nobody in (people.pro, people.crew, people.admin):
        assert is_refused(await people.ask(nobody), 403)
    assert is_refused(await people.api.get(PATH), 401)


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"contractor": 999_999}, 404, "contractor"),
        ({"contractor": "one"}, 400, "contractor"),
        ({"service_category": 999_999}, 404, "service_category"),
        ({"appointment_date": "2024-01-20"}, 400, "start_time"),
        ({"appointment_date": "2124-01-20"}, 400, "start_time"),
        ({"appointment_date": "2030-02-30"}, 400, "appointment_date"),
        ({"start_time": "11:00:00"}, 400, "end_time"),
        ({"start_time": "09:00:30"}, 400, "start_time"),
        ({"end_time": "25:00"}, 400, "end_time"),
        ({"estimated_cost": "-1.00"}, 400, "estimated_cost"),
        ({"estimated_cost": "1.001"}, 400, "estimated_cost"),
        ({"notes": "x" * 2001}, 400, "notes"),
    ],
)
async def test_a_bad_wish_is_refused(
    people: People, changes: dict[str, Any], status: int, field: str | None
) -> None:
    """What is wrong is named, and nothing is kept."""
    assert is_refused(await people.ask(**changes), status, field)
    assert (await people.api.get(PATH, token=people.client.token)).json["count"] == 0


async def test_a_contractor_without_a_business_cannot_be_asked(people: People) -> None:
    """Nor a crew member, a client or an admin: they have no profile."""
    bare = await people.api.account("bare", "contractor")
    for nobody in (bare, people.crew, people.other_client, people.admin):
        assert is_refused(await people.ask(contractor=nobody.id), 404)


async def test_of_many_at_once_one_gets_the_time(people: People) -> None:
    """Twenty clients ask for overlapping times at the same moment: one is heard, the others are a 409."""
    clients = [await people.api.account(f"many{number}", "client") for number in range(20)]
    replies = await asyncio.gather(
        *(people.ask(who, start_time=f"09:{number:02}:00") for number, who in enumerate(clients))
    )
    assert sorted(reply.status for reply in replies) == [201, *[409] * 19]
    assert all(is_refused(reply, 409) for reply in replies if reply.status == 409)


async def test_neighbours_do_not_overlap_and_cancelled_time_is_free(people: People) -> None:
    """What ends at eleven and what begins at eleven are both possible; so is what was called off."""
    first = (await people.ask()).json
    assert (await people.ask(start_time="11:00:00", end_time="12:00:00")).status == 201
    assert (await people.ask(start_time="08:00:00", end_time="09:00:00")).status == 201
    assert is_refused(await people.ask(people.other_client), 409)
    assert (await people.change(people.client, first["id"], status="CANCELLED")).json["status"] == "CANCELLED"
    assert (await people.ask(people.other_client)).status == 201


async def test_a_new_time_has_to_be_agreed_to_by_the_other_side(people: People) -> None:
    """Moving makes it RESCHEDULED; who moved it cannot confirm it, the other side can."""
    made = (await people.ask()).json
    assert is_refused(await people.change(people.client, made["id"], status="CONFIRMED"), 403)
    await people.change(people.pro, made["id"], status="CONFIRMED")
    moved = await people.change(
        people.pro, made["id"], start_time="13:00:00", end_time="14:30:00", notes="after lunch"
    )
    wanted = {
        "status": "RESCHEDULED",
        "start_time": "13:00:00",
        "end_time": "14:30:00",
        "notes": "after lunch",
    }
    assert {name: moved.json[name] for name in wanted} == wanted
    assert (await people.ask(people.other_client)).status == 201, "the old time is free again"
    assert is_refused(await people.change(people.pro, made["id"], status="CONFIRMED"), 403)
    agreed = await people.change(people.client, made["id"], status="CONFIRMED")
    assert agreed.json["status"] == "CONFIRMED"
    taken = await people.change(people.client, made["id"], start_time="10:00:00", end_time="11:30:00")
    assert is_refused(taken, 409)
    assert (await people.api.get(f"{PATH}{made['id']}/", token=people.client.token)).json == agreed.json


async def test_changes_are_made_together_or_not_at_all(people: People) -> None:
    """A new time with a state that it cannot have leaves time, state and notes as they were."""
    made = (await people.ask()).json
    later = (people.day + timedelta(days=1)).isoformat()
    reply = await people.change(
        people.pro, made["id"], appointment_date=later, status="COMPLETED", notes="moved"
    )
    assert is_refused(reply, 400, "status")
    assert (await people.api.get(f"{PATH}{made['id']}/", token=people.pro.token)).json == made
    assert (await people.ask(people.other_client)).status == 409
    same = {name: made[name] for name in ("appointment_date", "start_time", "end_time", "notes")}
    assert (await people.change(people.pro, made["id"], **same)).json == made


async def test_states_follow_each_other_in_order(people: People) -> None:
    """What is over stays so, and only professionals say that work is done."""
    made = (await people.ask()).json
    assert is_refused(await people.change(people.pro, made["id"], status="COMPLETED"), 409)
    assert is_refused(await people.change(people.pro, made["id"], status="DONE"), 400, "status")
    await people.change(people.pro, made["id"], status="CONFIRMED")
    assert is_refused(await people.change(people.client, made["id"], status="COMPLETED"), 403)
    await people.change(people.admin, made["id"], status="COMPLETED")
    for status in ("CANCELLED", "REQUESTED", "RESCHEDULED"):
        assert is_refused(await people.change(people.client, made["id"], status=status), 409)


async def test_both_sides_hear_of_it_as_rest_shows_it(people: People) -> None:
    """The contractor hears a request as `notification.new`, both sides hear `appointment.updated`."""
    sockets = {
        who.id: await people.api.listen(path, who.token)
        for who, path in ((people.client, "/ws/"), (people.pro, "/ws/notifications/"))
    }
    made = (await people.ask()).json
    told = await heard(sockets[people.pro.id], "notification.new")
    assert (told["data"]["type"], told["data"]["appointment_id"]) == ("appointment_requested", made["id"])
    for changes in ({"status": "CONFIRMED"}, {"notes": "ring twice"}, {"end_time": "11:30:00"}):
        shown = (await people.change(people.pro, made["id"], **changes)).json
        for socket in sockets.values():
            assert (await heard(socket, "appointment.updated"))["data"] == shown


async def test_lists_are_narrowed_and_paged(people: People) -> None:
    """By state and day together, ten a page, with links that keep the filter."""
    for hour in range(12):
        await people.ask(start_time=f"{hour:02}:00:00", end_time=f"{hour:02}:30:00")
    wanted = {"status": "REQUESTED", "appointment_date": people.day.isoformat()}
    first = await people.api.get(PATH, token=people.client.token, **wanted)
    assert (first.json["count"], len(first.json["results"]), first.json["previous"]) == (12, 10, None)
    assert "status=REQUESTED" in first.json["next"]
    second = await people.api.get(PATH, token=people.client.token, **wanted, page=2)
    assert len(second.json["results"]) == 2
    assert (await people.api.get(PATH, token=people.client.token, status="CONFIRMED")).json["count"] == 0
    assert is_refused(await people.api.get(PATH, token=people.client.token, status="odd"), 400, "status")


LIMITS = AskingLimits(with_one=2, hours_with_one=5, in_all=3, an_hour_with_one=6)


@pytest_asyncio.fixture
async def limited(settings: Settings, services: Endpoints) -> AsyncIterator[People]:
    """Give A-List with small limits of what clients may ask for."""
    small = replace(ALIST_FACE, marketplace=replace(ALIST, asking=LIMITS))
    async with serving(settings, services, [small]) as served:
        yield await People.build(served["alist"])


def on(people: People, days: int, hours: int = 1) -> dict[str, str]:
    """Give a wish's time: so many days after the usual one, from nine o'clock on for some hours."""
    day = people.day + timedelta(days=days)
    return {
        "appointment_date": day.isoformat(),
        "start_time": "09:00:00",
        "end_time": f"{9 + hours:02d}:00:00",
    }


async def test_a_client_has_so_many_unanswered_requests(limited: People) -> None:
    """With one professional and in all; an answer of whatever kind makes room for another."""
    first, second = [(await limited.ask(**on(limited, day))).json["id"] for day in (0, 1)]
    refused = await limited.ask(**on(limited, 2))
    assert is_refused(refused, 409)
    assert refused.json["error"].startswith("You wait for 2 answers of this contractor")
    assert (await limited.ask(limited.other_client, **on(limited, 2))).status == 201
    assert (await limited.ask(contractor=limited.other_pro.id, **on(limited, 0))).status == 201
    assert is_refused(await limited.ask(contractor=limited.other_pro.id, **on(limited, 1)), 409)
    await limited.change(limited.pro, first, status="CONFIRMED")
    assert (await limited.ask(**on(limited, 3))).status == 201
    await limited.change(limited.client, second, status="CANCELLED")
    assert (await limited.ask(**on(limited, 4))).status == 201


async def test_a_client_holds_so_many_hours_of_a_professional(limited: People) -> None:
    """However few requests they are; nor does a request grow beyond that once it has been made."""
    made = (await limited.ask(**on(limited, 0, hours=3))).json["id"]
    assert is_refused(await limited.ask(**on(limited, 1, hours=3)), 409)
    assert is_refused(await limited.change(limited.client, made, end_time="15:00:00"), 409)
    shown = (await limited.api.get(f"{PATH}{made}/", token=limited.client.token)).json
    assert (shown["end_time"], shown["status"]) == ("12:00:00", "REQUESTED")
    assert (await limited.change(limited.client, made, end_time="14:00:00")).status == 200
    assert (await limited.change(limited.pro, made, end_time="16:00:00")).status == 200


async def test_a_client_rings_a_professional_so_often_an_hour(limited: People) -> None:
    """Nobody is rung all day by requests that are called off at once; no others are concerned."""
    for _ in range(LIMITS.an_hour_with_one):
        made = await limited.ask()
        assert made.status == 201
        await limited.change(limited.client, made.json["id"], status="CANCELLED")
    refused = await limited.ask()
    assert is_refused(refused, 429)
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert (await limited.ask(limited.other_client)).status == 201
    assert (await limited.ask(contractor=limited.other_pro.id)).status == 201


async def test_asking_at_once_asks_for_no_more(limited: People) -> None:
    """Of many requests of one client at the same moment as many are heard as one after the other."""
    replies = await asyncio.gather(*(limited.ask(**on(limited, day)) for day in range(8)))
    assert sorted(reply.status for reply in replies) == [201] * 2 + [409] * 6
