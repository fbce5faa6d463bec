"""A-List's profiles over HTTP: everybody finds them, contractors write their own and nothing else."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from tornado.httpclient import AsyncHTTPClient

from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PROFILES, open_shop, query_of, send_form
from tests.handlers.client import Account
from tests.handlers.homeserve.documented import fits
from tests.handlers.homeserve.forms import picture

FORGED = {"path": "/etc/hosts", "filename": "x", "size": 1, "sha256": ""}
"""A file of the server, as if it had been uploaded."""

SHOWN = documented("list_profiles").response["results"][0]


async def fetch(url: str) -> Any:
    """Get a file as anybody does."""
    return await AsyncHTTPClient().fetch(url, raise_error=False)


async def names(people: People, **query: Any) -> list[str]:
    """Give the business names of a list, in its order."""
    answer = await people.api.get(PROFILES, **query)
    assert answer.status == 200, answer.json
    return [one["business_name"] for one in answer.json["results"]]


async def three_shops(people: People) -> Account:
    """Make three profiles of different kinds; gives the third's owner."""
    third = await people.api.account("zoe", "contractor", first_name="Zoe")
    await open_shop(people, business_name="Elite Plumbing", years_of_experience=10, service_radius=50)
    await open_shop(
        people, people.other_pro, business_name="cheap Taps", years_of_experience=2, service_radius=5
    )
    await open_shop(
        people,
        third,
        business_name="Best Roofs",
        business_description="Roofs and gutters",
        years_of_experience=10,
        service_categories=[],
    )
    return third


async def test_a_profile_is_made_shown_and_listed_as_documented(people: People) -> None:
    """The document's body makes it; the answer, the page and the list show the same, in the same form."""
    made = await open_shop(people)
    assert made.status == 201, made.json
    fits({**SHOWN, "portfolio_items": [], "reviews": []}, made.json)
    told = documented("create_profile").request
    for name in told.keys() - {"service_categories"}:
        assert made.json[name] == told[name]
    assert made.json["service_categories"] == [
        {"id": people.category_id, "name": "Plumbing", "description": "Plumbing services"}
    ]
    assert made.json["user"]["id"] == people.pro.id
    assert (made.json["profile_image"], made.json["average_rating"], made.json["total_reviews"]) == (
        None,
        0,
        0,
    )
    one = await people.api.get(f"{PROFILES}{made.json['id']}/")
    listed = await people.api.get(PROFILES)
    assert (one.status, one.json) == (200, made.json)
    assert listed.json == {"count": 1, "next": None, "previous": None, "results": [made.json]}


async def test_the_documented_search_finds_it(people: People) -> None:
    """The example request of the document, word by word."""
    await three_shops(people)
    query = {"search": "plumbing", "years_of_experience__gte": "5", "ordering": "business_name"}
    assert await names(people, **query) == ["Elite Plumbing"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Best Roofs", "cheap Taps", "Elite Plumbing"]),
        ({"search": "roof"}, ["Best Roofs"]),
        ({"search": "PLUMBING"}, ["cheap Taps", "Elite Plumbing"]),
        ({"search": "gutters best"}, ["Best Roofs"]),
        ({"search": "lumb"}, ["cheap Taps", "Elite Plumbing"]),
        ({"search": "OOF"}, ["Best Roofs"]),
        ({"search": "bing lit"}, ["Elite Plumbing"]),
        ({"search": "nothing"}, []),
        ({"search": ""}, ["Best Roofs", "cheap Taps", "Elite Plumbing"]),
        ({"service_categories": "1"}, ["cheap Taps", "Elite Plumbing"]),
        ({"service_categories": "77, 1"}, ["cheap Taps", "Elite Plumbing"]),
        ({"service_categories": "77"}, []),
        ({"years_of_experience__gte": "10"}, ["Best Roofs", "Elite Plumbing"]),
        ({"service_radius__gte": "50", "search": "elite"}, ["Elite Plumbing"]),
        ({"is_onboarded": "true"}, []),
        ({"is_onboarded": "False"}, ["Best Roofs", "cheap Taps", "Elite Plumbing"]),
        ({"ordering": "business_name"}, ["Best Roofs", "cheap Taps", "Elite Plumbing"]),
        ({"ordering": "-business_name"}, ["Elite Plumbing", "cheap Taps", "Best Roofs"]),
        ({"ordering": "created_at"}, ["Elite Plumbing", "cheap Taps", "Best Roofs"]),
        ({"ordering": "years_of_experience"}, ["cheap Taps", "Elite Plumbing", "Best Roofs"]),
        ({"ordering": "-years_of_experience"}, ["Elite Plumbing", "Best Roofs", "cheap Taps"]),
        ({"ordering": "years_of_experience,-business_name"}, ["cheap Taps", "Elite Plumbing", "Best Roofs"]),
        ({"ordering": "-years_of_experience,business_name"}, ["Best Roofs", "Elite Plumbing", "cheap Taps"]),
        ({"ordering": "-years_of_experience, -created_at"}, ["Best Roofs", "Elite Plumbing", "cheap Taps"]),
        ({"colour": "red"}, ["Best Roofs", "cheap Taps", "Elite Plumbing"]),
    ],
)
async def test_filters_and_orders(people: People, query: dict[str, str], expected: list[str]) -> None:
    """Each parameter narrows or orders as documented; unknown ones are ignored."""
    await three_shops(people)
    assert await names(people, **query) == expected


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("service_categories", "one"),
        ("service_categories", "1,two"),
        ("service_categories", "-1"),
        ("years_of_experience__gte", "many"),
        ("years_of_experience__gte", "-1"),
        ("service_radius__gte", "1.5"),
        ("is_onboarded", "maybe"),
        ("ordering", "password"),
        ("ordering", "--created_at"),
        ("ordering", "created_at,password"),
        ("search", "x" * 201),
        ("search", "a\x00b"),
        ("page", "0"),
        ("page", "two"),
        ("page_size", "none"),
    ],
)
async def test_bad_parameters_are_named(people: People, parameter: str, value: str) -> None:
    """A value that cannot be meant is a 400 that names the parameter."""
    assert is_refused(await people.api.get(PROFILES, **{parameter: value}), 400, parameter)


async def test_pages_keep_the_other_parameters(people: People) -> None:
    """Ten a page; following `next` gives every profile once, and its links keep search and order."""
    for number in range(12):
        owner = await people.api.account(f"pro{number}", "contractor")
        await open_shop(people, owner, business_name=f"Shop {number:02}")
    query = {"search": "shop plumbing", "ordering": "business_name", "years_of_experience__gte": "1"}
    first = (await people.api.get(PROFILES, **query)).json
    assert (first["count"], len(first["results"]), first["previous"]) == (12, 10, None)
    assert first["next"].startswith(f"{people.api.base_url}{PROFILES}?")
    assert query_of(first["next"]) == {**query, "page": "2"}
    second = (await people.api.get(PROFILES, **query_of(first["next"]))).json
    assert second["next"] is None
    assert query_of(second["previous"]) == {**query, "page": "1"}
    listed = [one["business_name"] for one in first["results"] + second["results"]]
    assert listed == [f"Shop {number:02}" for number in range(12)]
    assert is_refused(await people.api.get(PROFILES, page=3, **query), 404)
    assert len((await people.api.get(PROFILES, page_size=12)).json["results"]) == 12


async def test_part_of_a_profile_may_be_patched(people: People) -> None:
    """PATCH changes what PUT changes."""
    made = (await open_shop(people)).json
    changed = await people.api.patch(
        f"{PROFILES}update/", json={"service_radius": 60}, token=people.pro.token
    )
    assert (changed.status, changed.json) == (200, {**made, "service_radius": 60})
    assert is_refused(await people.api.patch(f"{PROFILES}update/", json={}, token=people.client.token), 403)


async def test_only_contractors_have_a_profile(people: People) -> None:
    """Everybody else is a 403, a stranger a 401; without a profile there is nothing to change."""
    specialist = await people.api.account("sam", "specialist")
    for who in (people.client, people.crew, people.admin, specialist):
        assert is_refused(await open_shop(people, who), 403)
        refused = await people.api.call("PUT", f"{PROFILES}update/", json={}, token=who.token)
        assert is_refused(refused, 403)
    assert is_refused(await people.api.post(f"{PROFILES}create/", json={}), 401)
    assert is_refused(await people.api.call("PUT", f"{PROFILES}update/", json={}), 401)
    missing = await people.api.call("PUT", f"{PROFILES}update/", json={}, token=people.pro.token)
    assert is_refused(missing, 404)
    assert is_refused(await people.api.get(f"{PROFILES}{people.pro.id}/"), 404)


async def test_a_contractor_has_one_profile(people: People) -> None:
    """Of several creations at once one is a 201, the others a 409, and a later one as well."""
    answers = await asyncio.gather(*(open_shop(people, business_name=f"Shop {one}") for one in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
    assert is_refused(await open_shop(people), 409)
    assert (await people.api.get(PROFILES)).json["count"] == 1


async def test_an_update_changes_what_it_names(people: People) -> None:
    """Each field alone or all of them; what is not sent stays; other profiles stay as they are."""
    made = (await open_shop(people)).json
    other = (await open_shop(people, people.other_pro, business_name="Other")).json

    async def update(**changes: Any) -> Any:
        answer = await people.api.call("PUT", f"{PROFILES}update/", json=changes, token=people.pro.token)
        assert answer.status == 200, answer.json
        return answer.json

    assert await update() == made
    assert await update(service_radius=7) == {**made, "service_radius": 7}
    changed = await update(
        business_name="Better", business_description="New", service_categories=[], service_radius=50
    )
    assert changed == {
        **made,
        "business_name": "Better",
        "business_description": "New",
        "service_categories": [],
    }
    assert (await people.api.get(f"{PROFILES}{made['id']}/")).json == changed
    assert (await people.api.get(f"{PROFILES}{other['id']}/")).json == other
    assert (await people.ask()).json["contractor"] == {"id": people.pro.id, "business_name": "Better"}


async def test_what_is_not_theirs_to_say_has_no_effect(people: People) -> None:
    """Ratings, onboarding, ids, owners and dates in a body are ignored, as unknown fields are."""
    tricks = {
        "id": 999,
        "user": people.client.id,
        "is_onboarded": True,
        "average_rating": 5,
        "rating": 5,
        "total_reviews": 99,
        "reviews": [],
        "created_at": "2001-01-01T00:00:00Z",
        "role": "admin",
    }
    made = await open_shop(people, **tricks)
    assert made.status == 201
    put = await people.api.call("PUT", f"{PROFILES}update/", json=tricks, token=people.pro.token)
    for answer in (made, put):
        shown = answer.json
        assert (shown["id"], shown["user"]["id"], shown["user"]["role"]) == (
            people.pro.id,
            people.pro.id,
            "contractor",
        )
        assert (shown["is_onboarded"], shown["average_rating"], shown["total_reviews"]) == (False, 0, 0)
        assert not shown["created_at"].startswith("2001")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"business_name": ""}, "business_name"),
        ({"business_name": "x" * 151}, "business_name"),
        ({"business_name": 7}, "business_name"),
        ({"business_description": "a\x00"}, "business_description"),
        ({"years_of_experience": -1}, "years_of_experience"),
        ({"years_of_experience": "ten"}, "years_of_experience"),
        ({"service_radius": 1.5}, "service_radius"),
        ({"service_radius": 2**70}, "service_radius"),
        ({"service_categories": [999]}, "service_categories"),
        ({"service_categories": ["one"]}, "service_categories"),
        ({"service_categories": {"id": 1}}, "service_categories"),
        ({"profile_image": "http://elsewhere/x.jpg"}, "profile_image"),
        (
            {"profile_image": {"path": "/etc/hosts", "filename": "x", "size": 1, "sha256": ""}},
            "profile_image",
        ),
    ],
)
async def test_bad_fields_are_named(people: People, changes: dict[str, Any], field: str) -> None:
    """Creation and update refuse the same values, naming the field, and keep nothing of it."""
    assert is_refused(await open_shop(people, **changes), 400, field)
    assert (await people.api.get(PROFILES)).json["count"] == 0
    made = (await open_shop(people)).json
    refused = await people.api.call("PUT", f"{PROFILES}update/", json=changes, token=people.pro.token)
    assert is_refused(refused, 400, field)
    assert (await people.api.get(f"{PROFILES}{people.pro.id}/")).json == made


async def test_a_name_is_required(people: People) -> None:
    """A profile without a business name is a 400 that names it."""
    refused = await people.api.post(f"{PROFILES}create/", json={}, token=people.pro.token)
    assert is_refused(refused, 400, "business_name")


async def test_a_form_brings_an_image(people: People) -> None:
    """A form creates and updates; everybody sees the image, until another takes its place."""
    path = f"{PROFILES}create/"
    fields = {"business_name": "Elite", "years_of_experience": "10", "service_categories": "1"}
    image = ("../../me.png", picture(80, 60, "PNG"))
    made = await send_form(people.api, "POST", path, people.pro, fields, profile_image=image)
    assert made.status == 201, made.json
    assert (made.json["years_of_experience"], len(made.json["service_categories"])) == (10, 1)
    first = made.json["profile_image"]
    assert first.startswith(f"{people.api.base_url}/media/")
    answer = await fetch(first)
    assert (answer.code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"].startswith("public")
    assert Image.open(BytesIO(answer.body)).size == (80, 60)
    path = f"{PROFILES}update/"
    put = await send_form(people.api, "PUT", path, people.pro, {}, profile_image=("a.jpg", picture()))
    second = put.json["profile_image"]
    assert put.json == {**made.json, "profile_image": second}
    assert [(await fetch(url)).code for url in (first, second)] == [404, 200]
    bare = await people.api.call("PUT", path, json={"profile_image": None}, token=people.pro.token)
    assert bare.json["profile_image"] is None
    assert (await fetch(second)).code == 404


async def test_a_form_lists_categories_either_way(people: People) -> None:
    """A form repeats the field, or has the ids in one, separated by commas."""
    painting = (
        await people.api.post("/api/alistpros/services/", json={"name": "Painting"}, token=people.admin.token)
    ).json["id"]
    await open_shop(people)
    for body in (
        f"1,{painting}",
        f'1\r\n--a-boundary\r\nContent-Disposition: form-data; name="service_categories"\r\n\r\n{painting}',
    ):
        put = await send_form(
            people.api, "PUT", f"{PROFILES}update/", people.pro, {"service_categories": body}
        )
        assert put.status == 200, put.json
        assert [one["id"] for one in put.json["service_categories"]] == [1, painting]
        await people.api.call(
            "PUT", f"{PROFILES}update/", json={"service_categories": []}, token=people.pro.token
        )


@pytest.mark.parametrize("content", [b"no image", b"<svg onload=alert(1)>", picture()[:200]])
async def test_what_is_no_image_is_refused(people: People, content: bytes) -> None:
    """Whatever its name says, it is a 400 naming the field."""
    refused = await send_form(
        people.api,
        "POST",
        f"{PROFILES}create/",
        people.pro,
        {"business_name": "Elite"},
        profile_image=("me.jpg", content),
    )
    assert is_refused(refused, 400, "profile_image")


@pytest.mark.parametrize("key", ["profiles/x.jpg", "photos/2024/01/01/x.jpg", "x", "profiles/../secret"])
async def test_no_other_file_is_served(people: People, key: str) -> None:
    """A key that no profile and no piece of work names is a 404."""
    assert (await fetch(f"{people.api.base_url}/media/{key}")).code == 404


async def test_the_best_are_featured(people: People) -> None:
    """Onboarded professionals alone, the best rated first, in the list's form."""
    await three_shops(people)
    assert (await people.api.get(f"{PROFILES}featured/")).json == []
    for owner in (people.pro, people.other_pro):
        await people.api.market.profiles.set_onboarded(owner.id, True)
    for owner, rating in ((people.pro, 3), (people.other_pro, 5)):
        path = f"{PROFILES}{owner.id}/reviews/"
        await people.api.post(path, json={"rating": rating}, token=people.client.token)
    shown = (await people.api.get(f"{PROFILES}featured/")).json
    assert [(one["id"], one["average_rating"]) for one in shown] == [
        (people.other_pro.id, 5),
        (people.pro.id, 3),
    ]
    fits({**SHOWN, "portfolio_items": []}, shown[0])


async def test_the_featured_bear_their_present_names(people: People) -> None:
    """An owner's new name and a profile's new text are seen among the featured at once."""
    await open_shop(people)
    await people.api.market.profiles.set_onboarded(people.pro.id, True)
    path, me = f"{PROFILES}featured/", {"name": "Pia New", "phone_number": "+15550001111"}
    assert len((await people.api.get(path)).json) == 1
    await people.api.patch("/api/users/me/", json=me, token=people.pro.token)
    (shown,) = (await people.api.get(path)).json
    assert (shown["user"]["name"], shown["user"]["phone_number"]) == (me["name"], me["phone_number"])
    body = {"business_name": "Newer"}
    await people.api.call("PUT", f"{PROFILES}update/", json=body, token=people.pro.token)
    (shown,) = (await people.api.get(path)).json
    assert shown["business_name"] == "Newer"


async def test_a_retry_with_its_key_makes_one_profile(people: People) -> None:
    """The same call under the same key is answered the same; another body is a 409."""
    path, headers = f"{PROFILES}create/", {"Idempotency-Key": "one"}
    body = {"business_name": "Elite"}
    first, again = [
        await people.api.post(path, json=body, token=people.pro.token, headers=headers) for _ in range(2)
    ]
    assert (first.status, again.status, again.json) == (201, 201, first.json)
    other = await people.api.post(path, json={"business_name": "X"}, token=people.pro.token, headers=headers)
    assert is_refused(other, 409)
