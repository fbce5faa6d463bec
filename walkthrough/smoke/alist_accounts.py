"""Accounts: signing up and in, one's own account, addresses, and what admins see."""

from walkthrough.client import Client
from walkthrough.smoke.alist_cast import PASSWORD, TOKENS, USER, Cast, listed, sign_in
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.shapes import MOMENT

NEW_PASSWORD = "another-secret-9"  # noqa: S105 - of accounts that only this run knows
MESSAGE = {"message": str}
ADDRESS = {
    "id": int,
    "street_address": str,
    "city": str,
    "state": str,
    "zip_code": str,
    "country": str,
    "is_primary": bool,
    "created_at": MOMENT,
}


async def play(checks: Checks, cast: Cast) -> None:
    for role in ("client", "contractor"):
        cast.newcomers[role] = await _register(checks, cast.visitor, role)
    await _refuse_bad_accounts(checks, cast)
    await _refresh(checks, cast)
    await _own_account(checks, cast.client)
    await _change_password(checks, cast)
    await _addresses(checks, cast)
    await _administer(checks, cast)


async def _register(checks: Checks, visitor: Client, role: str) -> Client:
    """Sign up and give the newcomer with their token."""
    newcomer = checks.client(f"new {role}")
    body = {
        "email": f"{role}-{checks.code}@example.com",
        "name": f"Smoke {role.title()} {checks.code}",
        "phone_number": "+12175550199",
        "role": role,
        "password": PASSWORD,
        "password2": PASSWORD,
    }
    user = {**USER, "email": body["email"], "name": body["name"], "role": role, "is_verified": False}
    shape = {"user": user, "tokens": TOKENS, **MESSAGE}
    reply = await checks.expect(visitor, "POST", "/api/users/register/", 201, body, shape=shape)
    if reply.status == 201:
        newcomer.user, newcomer.token = reply.json["user"], reply.json["tokens"]["access"]
    taken = {**body, "email": body["email"].upper()}
    await checks.expect(visitor, "POST", "/api/users/register/", 409, taken, field="email")
    return newcomer


async def _refuse_bad_accounts(checks: Checks, cast: Cast) -> None:
    register, token, visitor = "/api/users/register/", "/api/users/token/", cast.visitor
    good = {
        "email": f"nobody-{checks.code}@example.com",
        "name": "Nobody",
        "role": "client",
        "password": PASSWORD,
        "password2": PASSWORD,
    }
    wrongs = {"password2": "something-else", "role": "admin", "email": "nobody", "name": ""}
    for name, value in wrongs.items():
        await checks.expect(visitor, "POST", register, 400, {**good, name: value}, field=name)
    await checks.expect(visitor, "POST", register, 400, {}, field="email")
    wrong = {"email": "client1@example.com", "password": "wrong"}
    await checks.expect(visitor, "POST", token, 401, wrong)
    await checks.expect(visitor, "POST", token, 400, {"email": "client1@example.com"}, field="password")
    path = f"/api/users/verify-email/not-a-token/{cast.client.user['id']}/"
    await checks.expect(visitor, "GET", path, 400)
    await checks.expect(cast.client, "POST", "/api/users/resend-verification/", 200, shape=MESSAGE)


async def _refresh(checks: Checks, cast: Cast) -> None:
    """A refresh token works once and brings its successor; it is of a session that nothing else uses."""
    path, visitor = "/api/users/token/refresh/", cast.visitor
    body = {"email": cast.client.user["email"], "password": PASSWORD}
    tokens = (await checks.expect(visitor, "POST", "/api/users/token/", 200, body)).json
    await checks.expect(visitor, "POST", path, 200, {"refresh": tokens["refresh"]}, shape=TOKENS)
    await checks.expect(visitor, "POST", path, 401, {"refresh": tokens["refresh"]})
    await checks.expect(visitor, "POST", path, 401, {"refresh": "not.a.token"})
    await checks.expect(visitor, "POST", path, 400, {}, field="refresh")


async def _own_account(checks: Checks, client: Client) -> None:
    path, own = "/api/users/me/", {**USER, "id": client.user["id"]}
    await checks.expect(client, "GET", path, shape=own)
    change = {"name": f"Smoke Client {checks.code} II", "phone_number": "+12175550200"}
    await checks.expect(client, "PATCH", path, 200, change, shape={**own, **change})
    powers = {"role": "admin", "is_verified": True, "id": 1}
    await checks.expect(client, "PATCH", path, 200, powers, shape={**own, "role": "client"})
    await checks.expect(client, "PATCH", path, 400, {"phone_number": "call me"}, field="phone_number")


async def _change_password(checks: Checks, cast: Cast) -> None:
    """A new password ends every session; signing out ends one."""
    path, pro = "/api/users/change-password/", cast.pro
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    wrong = {**body, "old_password": "wrong"}
    await checks.expect(pro, "POST", path, 400, wrong, field="old_password")
    differing = {**body, "new_password2": "other-secret-9"}
    await checks.expect(pro, "POST", path, 400, differing, field="new_password2")
    await checks.expect(pro, "POST", path, 200, body, shape=MESSAGE)
    await checks.expect(pro, "GET", "/api/users/me/", 401)
    await sign_in(checks, pro, pro.user["email"], NEW_PASSWORD)
    await checks.expect(pro, "POST", "/api/users/logout/", 200, shape=MESSAGE)
    await checks.expect(pro, "GET", "/api/users/me/", 401)
    await sign_in(checks, pro, pro.user["email"], NEW_PASSWORD)


async def _addresses(checks: Checks, cast: Cast) -> None:
    path, client, other = "/api/users/addresses/", cast.client, cast.of("client")
    body = {"street_address": "123 Main St", "city": "Springfield", "state": "IL", "zip_code": "62701"}
    made = await checks.expect(client, "POST", path, 201, body, shape={**ADDRESS, **body})
    one = f"{path}{(made.json or {}).get('id', 0)}/"
    await checks.expect(client, "POST", path, 400, {"city": "Springfield"}, field="street_address")
    await checks.expect(client, "GET", path, shape={**listed(ADDRESS), "count": 1})
    change = {"street_address": "1 Oak Ave"}
    await checks.expect(client, "PATCH", one, 200, change, shape={**ADDRESS, **change})
    await checks.expect(client, "GET", one, shape={**ADDRESS, **change})
    await checks.expect(other, "GET", one, 404)
    await checks.expect(other, "PATCH", one, 404, change)
    await checks.expect(other, "DELETE", one, 404)
    await checks.expect(client, "DELETE", one, 204)
    await checks.expect(client, "DELETE", one, 404)


async def _administer(checks: Checks, cast: Cast) -> None:
    admin, client = cast.of("admin"), cast.client
    await checks.expect(admin, "GET", "/api/users/", shape=listed(USER))
    contractors = listed({**USER, "role": "contractor"})
    await checks.expect(admin, "GET", "/api/users/?role=contractor", shape=contractors)
    crew = {"email": f"smoke-crew-{checks.code}@example.com", "name": "Crew", "role": "crew"}
    made = {**USER, **crew, "is_verified": True}
    body = {**crew, "password": "secure_password"}
    await checks.expect(admin, "POST", "/api/users/", 201, body, shape=made)
    await checks.expect(admin, "POST", "/api/users/", 409, body, field="email")
    own = f"/api/users/{client.user['id']}/"
    for someone in (client, admin):
        await checks.expect(someone, "GET", own, shape={**USER, "id": client.user["id"]})
    await checks.expect(cast.of("client"), "GET", own, 404)
    await checks.expect(admin, "GET", "/api/users/999999999/", 404)
