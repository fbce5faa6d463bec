"""A-List's service categories over HTTP: everybody reads them, admins write them."""

import asyncio

from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PROFILES, SERVICES, open_shop
from tests.handlers.homeserve.documented import fits


async def test_everybody_lists_them_as_documented(people: People) -> None:
    """A plain list by id, without those that are offered no more."""
    for category in documented("list_categories").response[1:]:
        sent = await people.api.post(SERVICES, json=category, token=people.admin.token)
        assert (sent.status, sent.json["name"]) == (201, category["name"])
    listed = await people.api.get(SERVICES)
    assert listed.status == 200
    fits(documented("list_categories").response, listed.json)
    assert [one["name"] for one in listed.json] == ["Plumbing", "Electrical"]
    assert listed.json[1] == sent.json
    await people.api.market.stores.services.change(people.category_id, {"is_active": False})
    assert (await people.api.get(SERVICES)).json == [sent.json]


async def test_only_admins_add(people: People) -> None:
    """Anybody else is a 403, a stranger a 401."""
    for who in (people.client, people.pro, people.crew):
        assert is_refused(await people.api.post(SERVICES, json={"name": "Roofs"}, token=who.token), 403)
    assert is_refused(await people.api.post(SERVICES, json={"name": "Roofs"}), 401)


async def test_a_name_is_there_once(people: People) -> None:
    """Whatever its case, and however many ask at once: one is a 201, the others a 409."""
    names = ["Roofs", "ROOFS", "roofs", "Roofs"]
    sent = await asyncio.gather(
        *(people.api.post(SERVICES, json={"name": name}, token=people.admin.token) for name in names)
    )
    assert sorted(one.status for one in sent) == [201, 409, 409, 409]
    taken = await people.api.post(SERVICES, json={"name": "plumbing"}, token=people.admin.token)
    assert is_refused(taken, 409)


async def test_bad_names_are_named(people: People) -> None:
    """A category has a name, and of one line."""
    for body in ({}, {"name": ""}, {"name": 7}, {"name": "x" * 151}):
        refused = await people.api.post(SERVICES, json=body, token=people.admin.token)
        assert is_refused(refused, 400, "name")


async def test_admins_change_and_remove_them(people: People) -> None:
    """Profiles show the new name and are found by it; what is removed is shown and taken no more."""
    await open_shop(people)
    made = (await people.ask()).json
    one = f"{SERVICES}{people.category_id}/"
    assert (await people.api.get(one)).json == (await people.api.get(SERVICES)).json[0]
    changed = await people.api.patch(one, json={"name": "Waterworks"}, token=people.admin.token)
    assert (changed.status, changed.json) == (
        200,
        {"id": people.category_id, "name": "Waterworks", "description": "Plumbing services"},
    )
    assert (await people.api.get(one)).json == changed.json
    found = (await people.api.get(PROFILES, search="waterw")).json
    assert [one["service_categories"] for one in found["results"]] == [[changed.json]]
    assert (await people.api.delete(one, token=people.admin.token)).status == 204
    for gone in (await people.api.get(one), await people.api.delete(one, token=people.admin.token)):
        assert is_refused(gone, 404)
    assert (await people.api.get(SERVICES)).json == []
    assert (await people.api.get(PROFILES, search="waterw")).json["count"] == 0
    assert (await people.api.get(f"{PROFILES}{people.pro.id}/")).json["service_categories"] == []
    assert is_refused(await people.ask(start_time="15:00:00", end_time="16:00:00"), 404, "service_category")
    path = f"/api/scheduling/appointments/{made['id']}/"
    assert (await people.api.get(path, token=people.client.token)).json == made


async def test_nobody_else_changes_them(people: People) -> None:
    """403 and 401; a name that is another's is a 409, an empty one a 400."""
    one = f"{SERVICES}{people.category_id}/"
    await people.api.post(SERVICES, json={"name": "Roofs"}, token=people.admin.token)
    for who in (people.client, people.pro, people.crew):
        assert is_refused(await people.api.patch(one, json={"name": "Mine"}, token=who.token), 403)
        assert is_refused(await people.api.delete(one, token=who.token), 403)
    assert is_refused(await people.api.delete(one), 401)
    taken = await people.api.patch(one, json={"name": "roofs"}, token=people.admin.token)
    assert is_refused(taken, 409)
    assert is_refused(await people.api.patch(one, json={"name": ""}, token=people.admin.token), 400, "name")
    same = await people.api.patch(one, json={"name": "PLUMBING"}, token=people.admin.token)
    assert same.status == 200
