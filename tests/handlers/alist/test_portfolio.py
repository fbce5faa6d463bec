"""A-List's portfolio over HTTP: one's own work, with pictures that everybody sees."""

from typing import Any

import pytest

from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PORTFOLIO, PROFILES, open_shop, send_form
from tests.handlers.alist.test_profiles import SHOWN, fetch
from tests.handlers.homeserve.documented import fits
from tests.handlers.homeserve.forms import picture

TOLD = documented("add_portfolio_item").request


async def test_work_is_added_as_documented(people: People) -> None:
    """The document's body, with an image in a form or without one as JSON; list and profile show it."""
    await open_shop(people)
    plain = await people.api.post(PORTFOLIO, json=TOLD, token=people.pro.token)
    assert plain.status == 201, plain.json
    assert plain.json == {**TOLD, "id": plain.json["id"], "image": None}
    image = ("../../kitchen.webp", picture(kind="WEBP"))
    made = await send_form(people.api, "POST", PORTFOLIO, people.pro, TOLD, image=image)
    assert made.status == 201, made.json
    fits(SHOWN["portfolio_items"][0], made.json)
    assert made.json["image"].startswith(f"{people.api.base_url}/media/")
    assert (await fetch(made.json["image"])).code == 200
    listed = await people.api.get(PORTFOLIO, token=people.pro.token)
    both = [made.json, plain.json]
    assert listed.json == {"count": 2, "next": None, "previous": None, "results": both}
    assert (await people.api.get(f"{PROFILES}{people.pro.id}/")).json["portfolio_items"] == both


async def test_a_portfolio_is_its_owners(people: People) -> None:
    """Contractors alone have one, and see and remove their own; admins remove anybody's."""
    await open_shop(people)
    await open_shop(people, people.other_pro)
    first = (await people.api.post(PORTFOLIO, json=TOLD, token=people.pro.token)).json
    second = (await people.api.post(PORTFOLIO, json=TOLD, token=people.pro.token)).json
    assert (await people.api.get(PORTFOLIO, token=people.other_pro.token)).json["count"] == 0
    path = f"{PORTFOLIO}{first['id']}/"
    assert is_refused(await people.api.delete(path, token=people.other_pro.token), 404)
    for who in (people.client, people.crew):
        assert is_refused(await people.api.delete(path, token=who.token), 403)
    for who in (people.client, people.crew, people.admin):
        assert is_refused(await people.api.get(PORTFOLIO, token=who.token), 403)
        assert is_refused(await people.api.post(PORTFOLIO, json=TOLD, token=who.token), 403)
    for refused in (
        await people.api.get(PORTFOLIO),
        await people.api.post(PORTFOLIO, json=TOLD),
        await people.api.delete(path),
    ):
        assert is_refused(refused, 401)
    assert (await people.api.delete(path, token=people.pro.token)).status == 204
    assert is_refused(await people.api.delete(path, token=people.pro.token), 404)
    assert (await people.api.delete(f"{PORTFOLIO}{second['id']}/", token=people.admin.token)).status == 204
    assert (await people.api.get(PORTFOLIO, token=people.pro.token)).json["count"] == 0


async def test_a_removed_picture_is_served_no_more(people: People) -> None:
    """With its row the picture goes."""
    await open_shop(people)
    sent = {"title": "Kitchen", "completion_date": ""}
    made = (await send_form(people.api, "POST", PORTFOLIO, people.pro, sent, image=("a.jpg", picture()))).json
    assert (made["completion_date"], (await fetch(made["image"])).code) == (None, 200)
    await people.api.delete(f"{PORTFOLIO}{made['id']}/", token=people.pro.token)
    assert (await fetch(made["image"])).code == 404


async def test_without_a_profile_there_is_no_portfolio(people: People) -> None:
    """It is empty, and takes nothing."""
    assert (await people.api.get(PORTFOLIO, token=people.pro.token)).json["count"] == 0
    assert is_refused(await people.api.post(PORTFOLIO, json=TOLD, token=people.pro.token), 404)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"description": "x" * 2001}, "description"),
        ({"completion_date": "yesterday"}, "completion_date"),
        ({"completion_date": "2024-02-30"}, "completion_date"),
        ({"completion_date": 86400}, "completion_date"),
        ({"image": "kitchen.jpg"}, "image"),
    ],
)
async def test_bad_fields_are_named(people: People, changes: dict[str, Any], field: str) -> None:
    """A value that cannot be is a 400 that names its field, and nothing is kept."""
    await open_shop(people)
    refused = await people.api.post(PORTFOLIO, json={**TOLD, **changes}, token=people.pro.token)
    assert is_refused(refused, 400, field)
    broken = await send_form(people.api, "POST", PORTFOLIO, people.pro, TOLD, image=("a.jpg", b"no image"))
    assert is_refused(broken, 400, "image")
    assert (await people.api.get(PORTFOLIO, token=people.pro.token)).json["count"] == 0


async def test_pages(people: People) -> None:
    """Ten a page, newest first; ids, owners and dates in a body have no effect."""
    await open_shop(people)
    tricks = {"id": 999, "provider_id": people.other_pro.id, "created_at": "2001-01-01T00:00:00Z"}
    ids = [
        (await people.api.post(PORTFOLIO, json={**TOLD, **tricks}, token=people.pro.token)).json["id"]
        for _ in range(11)
    ]
    first = (await people.api.get(PORTFOLIO, token=people.pro.token)).json
    assert (first["count"], [one["id"] for one in first["results"]]) == (11, ids[:0:-1])
    second = (await people.api.get(PORTFOLIO, token=people.pro.token, page=2)).json
    assert [one["id"] for one in second["results"]] == ids[:1]
    assert is_refused(await people.api.get(PORTFOLIO, token=people.pro.token, page=3), 404)


async def test_owners_change_their_work(people: People) -> None:
    """What is sent changes and the rest stays; a new picture replaces the old one, null removes it."""
    await open_shop(people)
    sent = {"title": "Kitchen", "completion_date": "2024-01-15"}
    made = (await send_form(people.api, "POST", PORTFOLIO, people.pro, sent, image=("a.jpg", picture()))).json
    one = f"{PORTFOLIO}{made['id']}/"
    assert (await people.api.get(one, token=people.pro.token)).json == made
    changed = await people.api.patch(one, json={"title": "Bath", "id": 9}, token=people.pro.token)
    assert (changed.status, changed.json) == (200, {**made, "title": "Bath"})
    new = {"description": "Tiles"}
    changed = await send_form(people.api, "PATCH", one, people.pro, new, image=("b.jpg", picture()))
    assert changed.json == {**made, "title": "Bath", "description": "Tiles", "image": changed.json["image"]}
    assert (await fetch(made["image"])).code == 404
    assert (await fetch(changed.json["image"])).code == 200
    bare = {"image": None, "completion_date": None, "title": None}
    emptied = await people.api.patch(one, json=bare, token=people.admin.token)
    assert emptied.json == {**changed.json, "image": None, "completion_date": None}
    assert (await fetch(changed.json["image"])).code == 404
    assert (await people.api.get(PORTFOLIO, token=people.pro.token)).json["results"] == [emptied.json]
    assert is_refused(await people.api.patch(one, json={"title": ""}, token=people.pro.token), 400, "title")


async def test_work_is_read_and_changed_by_nobody_else(people: People) -> None:
    """Another contractor finds nothing, clients and crew may not ask."""
    await open_shop(people)
    made = (await people.api.post(PORTFOLIO, json=TOLD, token=people.pro.token)).json
    one = f"{PORTFOLIO}{made['id']}/"
    for who, status in ((people.other_pro, 404), (people.client, 403), (people.crew, 403)):
        assert is_refused(await people.api.get(one, token=who.token), status)
        assert is_refused(await people.api.patch(one, json={"title": "Mine"}, token=who.token), status)
    assert is_refused(await people.api.patch(one, json={"title": "Mine"}), 401)
    assert (await people.api.get(one, token=people.pro.token)).json == made
