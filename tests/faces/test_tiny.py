"""A marketplace is only a value and a spelling: the one in tiny.py shares nothing visible with HomeServe."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers.front import Served
from handlers.route import Route
from server.errors import WrongTable
from tests.faces.tiny import OWNER, TINY_FACE, ask
from tests.handlers.client import Account, Api
from tests.handlers.homeserve.scene import make_service

WHEN = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT10:00:00Z")


async def bare(api: Api, method: str, path: str, account: Account | None = None, **options: object):  # type: ignore[no-untyped-def]
    """Call with the token alone in the header, as this marketplace has it."""
    headers = {"Authorization": account.token} if account else {}
    return await api.call(method, path, headers=headers, **options)  # type: ignore[arg-type]


async def test_the_same_booking_is_spelled_by_its_own_face(both: dict[str, Api]) -> None:
    """Its own path, method, fields, states, status, envelope and token style, on the core's booking."""
    tiny = both["tiny"]
    grooming = await make_service(tiny, "Brush", "Cats", 1000, 30)
    owner = await tiny.account("olga", "owner")
    groomer = await tiny.account("gus", "groomer", skills=(grooming.id,), is_available=True)
    await tiny.market.availability.put(
        await tiny.market.tokens.verify(groomer.token),
        weekday=datetime.fromisoformat(WHEN).isoweekday(),
        start_minute=8 * 60,
        end_minute=20 * 60,
        base_pincode="110001",
        area_pincodes=[],
        buffer_minutes=10,
        is_active=True,
    )
    wish = {"grooming": grooming.id, "where": "110001", "at": WHEN}
    asked = await bare(tiny, "PUT", "/cats/jobs", owner, json=wish)
    assert asked.status == 200
    assert asked.json["ok"] is True
    assert asked.json["cat"]["phase"] == "wished"
    path = f"/cats/jobs/{asked.json['cat']['job']}/promise"
    promised = await bare(tiny, "POST", path, groomer)
    assert (promised.status, promised.json["cat"]["phase"]) == (202, "promised")


async def test_errors_are_worded_by_the_face(both: dict[str, Api]) -> None:
    """One reason has each face's status and body, and rows a face does not list fall to an ancestor's."""
    tiny, homeserve = both["tiny"], both["homeserve"]
    missing = await bare(tiny, "GET", "/nowhere")
    assert (missing.status, missing.json) == (410, {"ok": False, "why": "gone"})
    assert (await homeserve.get("/nowhere")).json == {"error": "Not found."}
    owner = await tiny.account("olga", "owner")
    invalid = await bare(tiny, "PUT", "/cats/jobs", owner, json={"where": "110001"})
    assert (invalid.status, invalid.json) == (418, {"ok": False, "why": "grooming and at are required"})
    nobody = await bare(tiny, "PUT", "/cats/jobs", json={})
    assert (nobody.status, nobody.json["why"]) == (401, "who are you?")


async def test_a_token_of_one_marketplace_is_a_401_in_another(both: dict[str, Api]) -> None:
    """Same process, same secret, same user number: still a stranger."""
    tiny, homeserve = both["tiny"], both["homeserve"]
    owner, customer = await tiny.account("olga", "owner"), await homeserve.account("carl", "customer")
    assert owner.id == customer.id
    refused = await homeserve.get("/api/bookings/", token=owner.token)
    assert (refused.status, refused.json["code"]) == (401, "token_not_valid")
    assert (await bare(tiny, "PUT", "/cats/jobs", customer, json={})).status == 401


async def test_each_answers_under_its_prefix_and_host(both: dict[str, Api]) -> None:
    """The default one answers at the root; another at its prefix and at <name>.localhost."""
    port = both["tiny"].port
    root = Api(port, both["homeserve"].market)
    assert (await root.get("/api/bookings/")).status == 401
    assert (await root.get("/cats/jobs")).status == 404
    by_host = await root.call("PUT", "/cats/jobs", headers={"Host": f"tiny.localhost:{port}"}, json={})
    assert by_host.json == {"ok": False, "why": "who are you?"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (Route("PUT", "/x", ask), "roles"),
        (Route("PUT", "/x", ask, roles=OWNER, public=True), "roles"),
        (Route("PUT", "/x", ask, roles=frozenset({"dog"})), "dog"),
        (Route("PEEK", "/x", ask, roles=OWNER), "PEEK"),
        (Route("PUT", "x", ask, roles=OWNER), "slash"),
        (Route("PUT", "/cats/jobs/", ask, roles=OWNER), "same path"),
        (Route("PUT", "/{x:cat}", ask, roles=OWNER), "placeholder"),
        (Route("PUT", "/x", len, roles=OWNER), "coroutine"),  # type: ignore[arg-type]
    ],
)
async def test_start_refuses_a_wrong_row_and_names_it(both: dict[str, Api], row: Route, why: str) -> None:
    """A row that contradicts itself or another never gets served."""
    face = replace(TINY_FACE, routes=(*TINY_FACE.routes, row))
    with pytest.raises(WrongTable, match=why) as refused:
        Served.compile(face, both["tiny"].market)
    assert row.path in str(refused.value)
