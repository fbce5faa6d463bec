"""Categories, profiles, shown work and reviews."""

from typing import Any

from walkthrough.client import Client
from walkthrough.smoke.alist_cast import CATEGORY, ITEM, PROFILE, REVIEW, Cast, listed
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.pictures import form, png
from walkthrough.smoke.shapes import LINK

PROFILES, PORTFOLIO = "/api/alistpros/profiles/", "/api/alistpros/portfolio/"
NOBODY = 999_999_999


async def play(checks: Checks, cast: Cast) -> None:
    await _categories(checks, cast)
    await _find(checks, cast.visitor)
    await _page(checks, cast.visitor)
    await _open_business(checks, cast)
    await _show(checks, cast)
    await _review(checks, cast)


async def _categories(checks: Checks, cast: Cast) -> None:
    path = "/api/alistpros/services/"
    found = (await checks.expect(cast.visitor, "GET", path, shape=[CATEGORY])).json
    first = {"id": found[0]["id"], "name": found[0]["name"]} if found else {}
    checks.check("visitor", "category 1 is Plumbing", first == {"id": 1, "name": "Plumbing"})
    await checks.expect(cast.of("admin"), "POST", path, 409, {"name": "plumbing"})
    admin = cast.of("admin")
    await checks.expect(admin, "POST", path, 400, {"name": ""}, field="name")
    made = await checks.expect(admin, "POST", path, 201, {"name": f"Smoke {checks.code}"}, shape=CATEGORY)
    one = f"{path}{(made.json or {}).get('id', 0)}/"
    shape = {**CATEGORY, "description": "Chimneys"}
    await checks.expect(admin, "PATCH", one, 200, {"description": "Chimneys"}, shape=shape)
    await checks.expect(cast.visitor, "GET", one, shape=shape)
    await checks.expect(admin, "DELETE", one, 204)
    await checks.expect(cast.visitor, "GET", one, 404)


async def _find(checks: Checks, visitor: Client) -> None:
    """Search, filters and order mean what the document says."""

    async def found(query: str) -> list[dict[str, Any]]:
        reply = await checks.expect(visitor, "GET", f"{PROFILES}?{query}", shape=listed(PROFILE))
        results: list[dict[str, Any]] = reply.json["results"] if reply.status == 200 else []
        return results

    plumbers = await found("search=plumbing&years_of_experience__gte=5&ordering=business_name")
    checks.check("visitor", "a search finds contractor1", 1 in [one["id"] for one in plumbers])
    checks.check(
        "visitor", "so many years at least", all(one["years_of_experience"] >= 5 for one in plumbers)
    )
    names = [one["business_name"].casefold() for one in plumbers]
    checks.check("visitor", "ordered by business_name", names == sorted(names))
    both = await found("service_categories=1,2")
    offered = [{category["id"] for category in one["service_categories"]} for one in both]
    checks.check("visitor", "any of the categories", bool(both) and all(one & {1, 2} for one in offered))
    wide = await found("service_radius__gte=40&ordering=-years_of_experience")
    years = [one["years_of_experience"] for one in wide]
    checks.check("visitor", "most years first", years == sorted(years, reverse=True))
    waiting = await found("is_onboarded=false")
    checks.check("visitor", "not onboarded", not any(one["is_onboarded"] for one in waiting))
    checks.check("visitor", "nobody found by nonsense", not await found("search=qqxzzq"))
    for query, field in (("ordering=rating", "ordering"), ("service_categories=x", "service_categories")):
        await checks.expect(visitor, "GET", f"{PROFILES}?{query}", 400, field=field)
    await checks.expect(visitor, "GET", f"{PROFILES}featured/", shape=[{**PROFILE, "is_onboarded": True}])
    reply = await checks.expect(visitor, "GET", f"{PROFILES}1/", shape={**PROFILE, "id": 1})
    image = reply.json["profile_image"]
    checks.check("visitor", "a picture comes as JPEG", await _is_jpeg(checks, visitor, image))
    await checks.expect(visitor, "GET", f"{PROFILES}{NOBODY}/", 404)


async def _page(checks: Checks, visitor: Client) -> None:
    """Page links work and keep the other parameters."""
    path = f"{PROFILES}?ordering=business_name"
    first = (await checks.expect(visitor, "GET", path, shape=listed(PROFILE))).json
    checks.check("visitor", "ten a page", len(first["results"]) == 10 and first["previous"] is None)
    second = (await checks.expect(visitor, "GET", first["next"], shape=listed(PROFILE))).json
    seen = {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}
    checks.check("visitor", "the next page has others", not seen and second["count"] == first["count"])
    names = [one["business_name"].casefold() for one in first["results"] + second["results"]]
    checks.check("visitor", "the next page goes on in order", names == sorted(names))
    back = (await checks.expect(visitor, "GET", second["previous"], shape=listed(PROFILE))).json
    checks.check("visitor", "back is where it began", back["results"] == first["results"])


async def _open_business(checks: Checks, cast: Cast) -> None:
    """A contractor makes one profile and changes it; nobody else's word counts for their standing."""
    pro, create, update = cast.pro, f"{PROFILES}create/", f"{PROFILES}update/"
    await checks.expect(pro, "PUT", update, 404, {"business_name": "Too early"})
    body = {
        "business_name": f"Smoke Plumbing {checks.code}",
        "business_description": "Professional plumbing services with 10+ years experience",
        "years_of_experience": 10,
        "license_number": "PL12345",
        "insurance_info": "Fully insured - Policy #ABC123",
        "service_radius": 50,
        "service_categories": [1, 2, 3],
    }
    await checks.expect(pro, "POST", create, 400, {"years_of_experience": -1}, field="business_name")
    unknown = {**body, "service_categories": [NOBODY]}
    await checks.expect(pro, "POST", create, 400, unknown, field="service_categories")
    powers = {"is_onboarded": True, "average_rating": 5, "id": 1}
    fields = {name: value for name, value in body.items() if name != "service_categories"}
    own = {**PROFILE, **fields, "id": pro.user["id"], "is_onboarded": False, "total_reviews": 0}
    await checks.expect(pro, "POST", create, 201, {**body, **powers}, shape=own)
    await checks.expect(pro, "POST", create, 409, body)
    await checks.expect(pro, "PUT", update, 200, {"service_radius": 60}, shape={**own, "service_radius": 60})
    await checks.expect(pro, "PUT", update, 400, {"service_radius": "far"}, field="service_radius")
    await checks.expect(pro, "PATCH", update, 200, {"service_radius": 50}, shape=own)
    found = await checks.expect(cast.visitor, "GET", f"{PROFILES}?search={checks.code}")
    checks.check("visitor", "a new profile is found at once", found.json["count"] == 1)


async def _show(checks: Checks, cast: Cast) -> None:
    """Work is shown with a picture that everybody sees, until its owner removes it."""
    pro, other = cast.pro, cast.of("contractor")
    texts = {"title": "Kitchen Renovation", "description": "Complete kitchen remodel"}
    dated = {**texts, "completion_date": "2024-01-15"}
    shown = {**ITEM, **dated, "image": LINK}
    made = await checks.expect(pro, "POST", PORTFOLIO, 201, form(png(), **dated), shape=shown)
    await checks.expect(pro, "POST", PORTFOLIO, 201, texts, shape={**ITEM, **texts, "image": None})
    await checks.expect(pro, "POST", PORTFOLIO, 400, form(b"no picture", **texts), field="image")
    await checks.expect(pro, "POST", PORTFOLIO, 400, {"description": "untitled"}, field="title")
    await checks.expect(pro, "GET", PORTFOLIO, shape={**listed(ITEM), "count": 2})
    item: dict[str, Any] = made.json if made.status == 201 else {"id": 0, "image": ""}
    checks.check("visitor", "the picture is shown", await _is_jpeg(checks, cast.visitor, item["image"]))
    one = f"{PORTFOLIO}{item['id']}/"
    for method in ("GET", "PATCH", "DELETE"):
        await checks.expect(other, method, one, 404, {} if method == "PATCH" else None)
    renamed = {**shown, "title": "Bathroom Renovation"}
    await checks.expect(pro, "PATCH", one, 200, {"title": renamed["title"]}, shape=renamed)
    await checks.expect(pro, "GET", one, shape=renamed)
    await checks.expect(pro, "DELETE", one, 204)
    await checks.expect(cast.visitor, "GET", item["image"] or "/media/none.jpg", 404)
    await checks.expect(pro, "DELETE", one, 404)


async def _review(checks: Checks, cast: Cast) -> None:
    """A client reviews a professional once; without an appointment it is not verified."""
    client, path = cast.client, f"{PROFILES}{cast.pro.user['id']}/reviews/"
    # Three stars, lest a run's professional be featured.
    body = {"rating": 3, "comment": "Professional, and completed work almost on time."}
    await checks.expect(client, "POST", path, 400, {**body, "rating": 6}, field="rating")
    await checks.expect(client, "POST", path, 400, {"comment": "no stars"}, field="rating")
    await checks.expect(client, "POST", f"{PROFILES}{NOBODY}/reviews/", 404, body)
    said = {**REVIEW, **body, "is_verified": False}
    made = await checks.expect(client, "POST", path, 201, {**body, "is_verified": True}, shape=said)
    await checks.expect(client, "POST", path, 409, body)
    one = f"{path}{(made.json or {}).get('id', 0)}/"
    await checks.expect(cast.of("client"), "PATCH", one, 404, {"rating": 1})
    await checks.expect(client, "PATCH", one, 200, {"comment": "Late."}, shape={**said, "comment": "Late."})
    await checks.expect(cast.visitor, "GET", one, shape=REVIEW)
    await checks.expect(client, "DELETE", one, 204)
    await checks.expect(client, "POST", path, 201, body, shape=said)
    await checks.expect(cast.visitor, "GET", path, shape={**listed(REVIEW), "count": 1})
    shape = {**PROFILE, "average_rating": 3.0, "total_reviews": 1}
    await checks.expect(cast.visitor, "GET", f"{PROFILES}{cast.pro.user['id']}/", shape=shape)
    demo = f"{PROFILES}1/reviews/"
    await checks.expect(cast.visitor, "GET", demo, shape=listed(REVIEW))


async def _is_jpeg(checks: Checks, visitor: Client, url: str | None) -> bool:
    reply = await checks.expect(visitor, "GET", url or "/media/none.jpg")
    return reply.body.startswith(b"\xff\xd8") and reply.headers.get("Content-Type") == "image/jpeg"
