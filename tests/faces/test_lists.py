"""Lists: pages that link to each other, keep what was asked for, and say what is wrong with a question."""

from typing import Any

import pytest

from handlers.paging import Page
from handlers.route import Route
from tests.faces.cast import Cast
from tests.faces.conftest import CASTS, name_of
from tests.handlers.client import Api

LISTS = [
    pytest.param(name_of(kind), row, id=f"{name_of(kind)} {row.name}")
    for kind in CASTS
    for row in kind.face.routes
    if isinstance(row.reply, type) and issubclass(row.reply, Page) and "{" not in row.path
]
"""The rows that answer pages whatever is there."""


@pytest.mark.parametrize(("name", "row"), LISTS)
async def test_a_list_has_pages(casts: dict[str, Cast], name: str, row: Route) -> None:
    """The first always exists; one beyond the last is a 404, a number that is none a 400, both said."""
    cast = casts[name]
    token = cast.people[cast.may(row)].token if row.roles else None
    first = await cast.api.get(row.path, token=token)
    assert first.status == 200
    assert first.json["previous"] is None
    for page, status in (("999", 404), ("0", 400), ("-1", 400), ("x", 400), ("1e9", 400)):
        refused = await cast.api.get(row.path, token=token, page=page)
        assert (refused.status, cast.is_refusal(refused)) == (status, True), page
    assert (await cast.api.get(row.path, token=token, page_size="1000000")).status == 200


async def three(cast: Cast) -> list[Any]:
    """Have three bookings made and give their ids."""
    return [(await cast.ask(which=which)).json["id"] for which in range(3)]


async def test_links_lead_through_all_pages_and_keep_the_filter(cast: Cast) -> None:
    """Following `next` gives everything once, following `previous` the same backwards."""
    made = await three(cast)
    token = cast.customer.token
    page = await cast.api.get(cast.bookings, token=token, page_size=1, **cast.narrowed)
    pages = [page.json]
    while pages[-1]["next"]:
        link = pages[-1]["next"]
        assert link.startswith(cast.api.base_url + cast.bookings)
        assert all(f"{name}={value}" in link for name, value in (*cast.narrowed.items(), ("page_size", "1")))
        pages.append((await cast.api.get(link.removeprefix(cast.api.base_url), token=token)).json)
    assert [len(one["results"]) for one in pages] == [1, 1, 1]
    assert {one["count"] for one in pages} == {3}
    assert sorted(one["results"][0]["id"] for one in pages) == sorted(made)
    before = await cast.api.get(pages[2]["previous"].removeprefix(cast.api.base_url), token=token)
    assert before.json == pages[1]


async def test_links_name_the_host_that_was_asked(cast: Cast) -> None:
    """At a marketplace's own host the links are of that host and without the mount."""
    await three(cast)
    host = f"{cast.face.marketplace.name}.localhost:{cast.api.port}"
    at_root = Api(cast.api.port, cast.api.market)
    token, headers = cast.customer.token, {"Host": host}
    page = await at_root.get(cast.bookings, token=token, page_size=2, headers=headers)
    assert page.json["next"].startswith(f"http://{host}{cast.bookings}?")
    at_root.close()


async def test_a_list_shows_nobody_what_is_not_theirs(cast: Cast) -> None:
    """Both sides and staff see a booking, in the list and by itself; another customer and provider do not."""
    booking = (await cast.ask()).json
    rival = await cast.person(cast.face.marketplace.provider_role)
    for who, sees in (
        (cast.customer, True),
        (cast.provider, True),
        (cast.staff, True),
        (cast.other, False),
        (rival, False),
    ):
        listed = await cast.api.get(cast.bookings, token=who.token)
        assert [one["id"] for one in listed.json["results"]] == ([booking["id"]] if sees else [])
        one = await cast.api.get(f"{cast.bookings}{booking['id']}/", token=who.token)
        assert one.status == (200 if sees else 404)
