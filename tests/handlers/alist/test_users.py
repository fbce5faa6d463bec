"""A-List's accounts over HTTP: signing up and in, the mailed link, passwords, and who may see whom."""

import asyncio
import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.settings import Settings
from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.client import Api, Reply
from tests.handlers.homeserve.documented import fits

PASSWORD = "secure_password"
ROLES = ("client", "contractor", "crew", "specialist")


def form(who: str, /, **changes: Any) -> dict[str, Any]:
    """Give the documented registration of somebody."""
    return {**documented("register").request, "email": f"{who}@example.com", "role": "client", **changes}


async def join(api: Api, who: str, /, **changes: Any) -> dict[str, Any]:
    """Register somebody and give the answer's body."""
    reply = await api.post("/api/users/register/", json=form(who, **changes))
    assert reply.status == 201, reply.json
    return dict(reply.json)


async def sign_in(api: Api, name: str, password: str = PASSWORD) -> Reply:
    return await api.post("/api/users/token/", json={"email": f"{name}@example.com", "password": password})


def link(settings: Settings, to: str) -> str:
    """Give the path of the newest link mailed to somebody, behind the mount."""
    for path in sorted(Path(settings.data_dir, "outbox").glob("mail-*.eml"), reverse=True):
        text = path.read_text().replace("=\n", "").replace("=3D", "=")
        if f"To: {to}" in text and (found := re.search(r"/alist(/api/users/verify-email/\S+)", text)):
            return found[1]
    raise AssertionError(f"no link for {to}")


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_registers_and_signs_in_as_documented(alist: Api, role: str) -> None:
    """All four roles get an account, tokens and the documented answers."""
    made = await join(alist, "jo", role=role)
    fits(documented("register").response, made)
    assert made["message"] == documented("register").response["message"]
    assert (made["user"]["role"], made["user"]["is_verified"]) == (role, False)
    signed = await sign_in(alist, "JO")
    assert signed.status == 200
    fits(documented("login").response, signed.json)
    me = await alist.get("/api/users/me/", token=signed.json["access"])
    fits(documented("get_me").response, me.json)
    assert me.json == signed.json["user"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password2": "another_password"}, "password2"),
        ({"role": "admin"}, "role"),
        ({"role": "vendor"}, "role"),
        ({"email": "nobody"}, "email"),
        ({"password": "short", "password2": "short"}, "password"),
        ({"name": " "}, "name"),
        ({"phone_number": "12"}, "phone_number"),
    ],
)
async def test_a_bad_registration_names_the_field(alist: Api, changes: dict[str, str], field: str) -> None:
    """400 in the documented form, and no account."""
    reply = await alist.post("/api/users/register/", json=form("jo", **changes))
    assert is_refused(reply, 400, field)
    assert (await sign_in(alist, "jo")).status == 401


async def test_everything_wrong_is_named_at_once(alist: Api) -> None:
    """A form with several faults is told of each, of the second password too."""
    reply = await alist.post("/api/users/register/", json=form("jo", name="", role="boss", password2="other"))
    assert is_refused(reply, 400)
    assert reply.json["details"].keys() == {"name", "role", "password2"}
    token = (await join(alist, "jo"))["tokens"]["access"]
    body = {"new_password": "another one", "new_password2": "differs"}
    reply = await alist.post("/api/users/change-password/", json=body, token=token)
    assert reply.json["details"].keys() == {"old_password", "new_password2"}


async def test_an_access_token_lasts_a_day(alist: Api) -> None:
    """As the document's settings have it."""
    claims = (await join(alist, "jo"))["tokens"]["access"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert told["exp"] - told["iat"] == 24 * 3600


async def test_an_address_is_taken_once_whatever_its_case(alist: Api) -> None:
    """Of several at once one gets it; the others are told 409 with the field. Numbers may be shared."""
    spelled = ["jo@example.com", "JO@example.com", "Jo@Example.com", "jO@example.COM"]
    sent = (alist.post("/api/users/register/", json=form("jo", email=email)) for email in spelled)
    replies = await asyncio.gather(*sent)
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409]
    assert all(is_refused(reply, 409, "email") for reply in replies if reply.status == 409)
    assert (await join(alist, "jim"))["user"]["phone_number"] == "+1234567890"


async def test_what_only_the_server_decides_is_ignored(alist: Api) -> None:
    """Ids, verification and staff rights in a body have no effect."""
    made = await join(alist, "jo", id=7, is_verified=True, is_staff=True)
    assert made["user"]["is_verified"] is False
    token = made["tokens"]["access"]
    reply = await alist.patch("/api/users/me/", json={"role": "admin", "email": "x@y.zz"}, token=token)
    assert reply.status == 200
    assert reply.json == made["user"]


async def test_the_mailed_link_verifies_its_own_account(alist: Api, settings: Settings) -> None:
    """Once or twice it answers as documented; another's, a forged or an unknown one is a 400."""
    first, second = await join(alist, "jo"), await join(alist, "ann")
    mine = link(settings, "jo@example.com")
    other = mine.replace(f"/{first['user']['id']}/", f"/{second['user']['id']}/")
    for wrong in (other, mine.replace("/eyJ", "/eyX"), mine.replace(f"/{first['user']['id']}/", "/999999/")):
        assert is_refused(await alist.get(wrong), 400)
    for _ in range(2):
        reply = await alist.get(mine)
        assert (reply.status, reply.json) == (200, documented("verify_email").response)
    me = await alist.get("/api/users/me/", token=first["tokens"]["access"])
    assert me.json["is_verified"] is True
    again = await alist.post("/api/users/resend-verification/", token=second["tokens"]["access"])
    assert again.status == 200
    assert (await alist.get(link(settings, "ann@example.com"))).status == 200


async def test_refresh_rotates(alist: Api) -> None:
    """The answer carries the successor; the old one is a 401, and ends the session it was stolen from."""
    made = await join(alist, "jo")
    old = made["tokens"]["refresh"]
    reply = await alist.post("/api/users/token/refresh/", json={"refresh": old})
    assert reply.status == 200
    fits(documented("refresh").response, reply.json)
    assert reply.json["refresh"] != old
    assert is_refused(await alist.post("/api/users/token/refresh/", json={"refresh": old}), 401)
    assert is_refused(await alist.get("/api/users/me/", token=reply.json["access"]), 401)


async def test_name_and_number_change(alist: Api) -> None:
    """The documented body changes both, each alone changes one, and other accounts see nothing of it."""
    token = (await join(alist, "jo"))["tokens"]["access"]
    body = documented("change_me").request
    reply = await alist.patch("/api/users/me/", json=body, token=token)
    assert (reply.json["name"], reply.json["phone_number"]) == (body["name"], body["phone_number"])
    reply = await alist.patch("/api/users/me/", json={"name": "Jo"}, token=token)
    assert (reply.json["name"], reply.json["phone_number"]) == ("Jo", body["phone_number"])
    assert is_refused(await alist.patch("/api/users/me/", json={"name": ""}, token=token), 400, "name")


async def test_a_new_password_ends_every_session(alist: Api) -> None:
    """The old password must be right and the new one said twice; then all old tokens are refused."""
    made = await join(alist, "jo")
    token = made["tokens"]["access"]
    body = {"old_password": PASSWORD, "new_password": "another one", "new_password2": "another one"}
    path = "/api/users/change-password/"
    for wrong, field in (
        ({"old_password": "wrong"}, "old_password"),
        ({"new_password2": "differs"}, "new_password2"),
        ({"new_password": "short"}, "new_password"),
    ):
        assert is_refused(await alist.post(path, json={**body, **wrong}, token=token), 400, field)
    assert (await alist.post(path, json=body, token=token)).status == 200
    refreshed = await alist.post("/api/users/token/refresh/", json={"refresh": made["tokens"]["refresh"]})
    assert is_refused(refreshed, 401)
    assert is_refused(await alist.get("/api/users/me/", token=token), 401)
    assert (await sign_in(alist, "jo")).status == 401
    assert (await sign_in(alist, "jo", "another one")).status == 200


async def test_guessing_the_old_password_is_limited(alist: Api) -> None:
    """After ten wrong ones the right one is a 429 as well."""
    token = (await join(alist, "jo"))["tokens"]["access"]
    body = {"old_password": "wrong", "new_password": "another one", "new_password2": "another one"}
    for _ in range(10):
        await alist.post("/api/users/change-password/", json=body, token=token)
    reply = await alist.post(
        "/api/users/change-password/", json={**body, "old_password": PASSWORD}, token=token
    )
    assert is_refused(reply, 429)


async def test_only_admins_see_others(alist: Api) -> None:
    """Admins list by role; anybody else is a 403, and another's account a 404."""
    made = await join(alist, "jo", role="crew")
    admin = await alist.account("boss", "admin")
    listed = await alist.get("/api/users/", token=admin.token, role="crew")
    assert [one["id"] for one in listed.json["results"]] == [made["user"]["id"]]
    assert is_refused(await alist.get("/api/users/", token=admin.token, role="vendor"), 400, "role")
    for role in ROLES:
        other = await alist.account(f"some-{role}", role)
        assert is_refused(await alist.get("/api/users/", token=other.token), 403)
        assert is_refused(await alist.get(f"/api/users/{made['user']['id']}/", token=other.token), 404)


async def test_admins_make_accounts_of_any_role(alist: Api) -> None:
    """Admins as well, which nobody can register as; a taken address is a 409, everybody else a 403."""
    boss = await alist.account("boss", "admin")
    for role in (*ROLES, "admin"):
        body = form(f"new-{role}", role=role)
        made = await alist.post("/api/users/", json=body, token=boss.token)
        assert made.status == 201, made.json
        assert (made.json["role"], made.json["is_verified"]) == (role, True)
        signed = await sign_in(alist, f"new-{role}")
        assert (signed.status, signed.json["user"]) == (200, made.json)
        refused = await alist.post("/api/users/", json=body, token=signed.json["access"])
        assert is_refused(refused, 409 if role == "admin" else 403)
    assert is_refused(
        await alist.post("/api/users/", json=form("x", role="boss"), token=boss.token), 400, "role"
    )
    assert is_refused(await alist.post("/api/users/", json=form("x")), 401)
