"""A-List's availability slots over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import open_shop

PATH = "/api/scheduling/availability-slots/"
SLOT = documented("create_slot").request


async def test_contractors_tell_their_hours_and_everybody_reads_them(people: People) -> None:
    """The documented body is kept as it was sent; lists narrow by contractor and day."""
    made = await people.api.post(PATH, json=SLOT, token=people.pro.token)
    assert made.status == 201
    assert {name: made.json[name] for name in SLOT} == SLOT
    assert made.json["contractor"]["id"] == people.pro.id
    sunday = await people.api.post(PATH, json={**SLOT, "day_of_week": 7}, token=people.pro.token)
    assert sunday.json["day_of_week"] == 0
    for who in (people.client, people.crew, people.admin, people.other_pro):
        found = await people.api.get(PATH, token=who.token, contractor=people.pro.id, day_of_week=1)
        assert found.json["results"] == [made.json]
    assert is_refused(await people.api.get(PATH), 401)


async def test_hours_are_shown_under_the_present_name(people: People) -> None:
    """Whatever the business was called when they were told."""
    made = (await people.api.post(PATH, json=SLOT, token=people.pro.token)).json
    await open_shop(people, business_name="Better Plumbing")
    shown = (await people.api.get(f"{PATH}{made['id']}/", token=people.client.token)).json
    assert shown["contractor"] == {"id": people.pro.id, "business_name": "Better Plumbing"}
    assert (await people.api.get(PATH, token=people.client.token)).json["results"] == [shown]


async def test_hours_of_a_day_do_not_overlap(people: People) -> None:
    """Adjacent hours and another contractor's do; the same day's overlapping ones are a 409."""
    await people.api.post(PATH, json=SLOT, token=people.pro.token)
    later = {**SLOT, "start_time": "17:00:00", "end_time": "18:00:00"}
    assert (await people.api.post(PATH, json=later, token=people.pro.token)).status == 201
    within = {**SLOT, "start_time": "12:00:00", "end_time": "13:00:00"}
    assert is_refused(await people.api.post(PATH, json=within, token=people.pro.token), 409)
    assert (await people.api.post(PATH, json=within, token=people.other_pro.token)).status == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day_of_week": 8}, "day_of_week"),
        ({"end_time": "09:00:00"}, "end_time"),
        ({"start_time": "nine"}, "start_time"),
        ({"is_recurring": "often"}, "is_recurring"),
    ],
)
async def test_bad_hours_are_refused(people: People, changes: dict[str, Any], field: str) -> None:
    """The field is named."""
    reply = await people.api.post(PATH, json={**SLOT, **changes}, token=people.pro.token)
    assert is_refused(reply, 400, field)


async def test_only_their_contractor_removes_hours(people: People) -> None:
    """Others find no such slot; clients and crew may not even try."""
    made = (await people.api.post(PATH, json=SLOT, token=people.pro.token)).json
    one = f"{PATH}{made['id']}/"
    assert is_refused(await people.api.delete(one, token=people.other_pro.token), 404)
    for who in (people.client, people.crew):
        assert is_refused(await people.api.delete(one, token=who.token), 403)
        assert is_refused(await people.api.post(PATH, json=SLOT, token=who.token), 403)
    assert (await people.api.delete(one, token=people.pro.token)).status == 204
    assert (await people.api.get(PATH, token=people.pro.token)).json["count"] == 0


async def test_contractors_change_their_hours(people: People) -> None:
    """What is sent changes; hours keep their order and overlap no others; nobody else's hand counts."""
    made = (await people.api.post(PATH, json=SLOT, token=people.pro.token)).json
    evening = {**SLOT, "start_time": "18:00:00", "end_time": "20:00:00"}
    await people.api.post(PATH, json=evening, token=people.pro.token)
    one = f"{PATH}{made['id']}/"
    changed = await people.api.patch(
        one, json={"end_time": "18:00:00", "day_of_week": 8}, token=people.pro.token
    )
    assert is_refused(changed, 400, "day_of_week")
    changed = await people.api.patch(one, json={"end_time": "18:00:00"}, token=people.pro.token)
    assert (changed.status, changed.json) == (200, {**made, "end_time": "18:00:00"})
    longer = await people.api.patch(one, json={"end_time": "18:30:00"}, token=people.pro.token)
    assert is_refused(longer, 409)
    turned = await people.api.patch(one, json={"start_time": "19:00:00"}, token=people.pro.token)
    assert is_refused(turned, 400, "end_time")
    sunday = await people.api.patch(
        one, json={"day_of_week": 7, "start_time": "00:00:00"}, token=people.pro.token
    )
    assert (sunday.json["day_of_week"], sunday.json["start_time"]) == (0, "00:00:00")
    assert (await people.api.get(one, token=people.client.token)).json == sunday.json
    for who, status in ((people.other_pro, 404), (people.client, 403), (people.crew, 403)):
        assert is_refused(await people.api.patch(one, json={"is_recurring": False}, token=who.token), status)
    assert is_refused(await people.api.patch(one, json={}), 401)
    assert is_refused(await people.api.get(f"{PATH}999999/", token=people.client.token), 404)


async def test_of_overlapping_hours_at_once_one_is_kept(people: People) -> None:
    """Several that overlap, sent at the same moment: one is a 201, the others a 409."""
    bodies = [{**SLOT, "start_time": f"09:{minute:02}:00"} for minute in range(5)]
    sent = await asyncio.gather(
        *(people.api.post(PATH, json=body, token=people.pro.token) for body in bodies)
    )
    assert sorted(one.status for one in sent) == [201, 409, 409, 409, 409]
