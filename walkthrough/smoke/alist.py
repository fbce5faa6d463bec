"""A-List: its people, who may call what, and that every call was made."""

import re
from collections.abc import Awaitable
from typing import Any

from walkthrough.client import Client, Form
from walkthrough.smoke import (
    alist_accounts,
    alist_business,
    alist_money,
    alist_news,
    alist_talk,
    alist_visits,
)
from walkthrough.smoke.alist_cast import ROLES, Cast, sign_in
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.shapes import MONEY

PREFIX = "/alist"
ERROR = {"error": str, "details": dict, "status_code": int}

APPOINTMENT_STATES = ("REQUESTED", "CONFIRMED", "COMPLETED", "CANCELLED", "RESCHEDULED")
PAYMENT_STATES = ("pending", "processing", "completed", "failed", "refunded")
EVERYONE = ROLES
CLIENTS, HOME_PROS, ADMINS = ("client",), ("contractor",), ("admin",)

PRIVATE = (
    ("GET", "/api/users/me/", EVERYONE),
    ("PATCH", "/api/users/me/", EVERYONE),
    ("POST", "/api/users/change-password/", EVERYONE),
    ("POST", "/api/users/logout/", EVERYONE),
    ("POST", "/api/users/resend-verification/", EVERYONE),
    ("GET", "/api/users/", ADMINS),
    ("POST", "/api/users/", ADMINS),
    ("GET", "/api/users/1/", EVERYONE),
    ("GET", "/api/users/addresses/", EVERYONE),
    ("POST", "/api/users/addresses/", EVERYONE),
    ("GET", "/api/users/addresses/1/", EVERYONE),
    ("PATCH", "/api/users/addresses/1/", EVERYONE),
    ("DELETE", "/api/users/addresses/1/", EVERYONE),
    ("POST", "/api/alistpros/profiles/create/", HOME_PROS),
    ("PUT", "/api/alistpros/profiles/update/", HOME_PROS),
    ("PATCH", "/api/alistpros/profiles/update/", HOME_PROS),
    ("POST", "/api/alistpros/services/", ADMINS),
    ("PATCH", "/api/alistpros/services/1/", ADMINS),
    ("DELETE", "/api/alistpros/services/1/", ADMINS),
    ("GET", "/api/alistpros/portfolio/", HOME_PROS),
    ("POST", "/api/alistpros/portfolio/", HOME_PROS),
    ("GET", "/api/alistpros/portfolio/1/", HOME_PROS + ADMINS),
    ("PATCH", "/api/alistpros/portfolio/1/", HOME_PROS + ADMINS),
    ("DELETE", "/api/alistpros/portfolio/1/", HOME_PROS + ADMINS),
    ("POST", "/api/alistpros/profiles/1/reviews/", CLIENTS),
    ("PATCH", "/api/alistpros/profiles/1/reviews/1/", CLIENTS),
    ("DELETE", "/api/alistpros/profiles/1/reviews/1/", CLIENTS + ADMINS),
    ("POST", "/api/payments/onboard/", HOME_PROS),
    ("GET", "/api/payments/status/", EVERYONE),
    ("POST", "/api/payments/create/", CLIENTS),
    ("GET", "/api/payments/", EVERYONE),
    ("GET", "/api/payments/1/", EVERYONE),
    ("GET", "/api/payments/dashboard-link/", HOME_PROS),
    ("GET", "/api/messaging/conversations/", EVERYONE),
    ("POST", "/api/messaging/conversations/", EVERYONE),
    ("GET", "/api/messaging/conversations/1/", EVERYONE),
    ("PATCH", "/api/messaging/conversations/1/", EVERYONE),
    ("GET", "/api/messaging/conversations/1/messages/", EVERYONE),
    ("POST", "/api/messaging/conversations/1/messages/", EVERYONE),
    ("GET", "/api/scheduling/appointments/", EVERYONE),
    ("POST", "/api/scheduling/appointments/", CLIENTS),
    ("GET", "/api/scheduling/appointments/1/", EVERYONE),
    ("PATCH", "/api/scheduling/appointments/1/", EVERYONE),
    ("GET", "/api/notifications/", EVERYONE),
    ("POST", "/api/notifications/550e8400-e29b-41d4-a716-446655440000/read/", EVERYONE),
    ("GET", "/api/scheduling/availability-slots/", EVERYONE),
    ("POST", "/api/scheduling/availability-slots/", HOME_PROS),
    ("GET", "/api/scheduling/availability-slots/1/", EVERYONE),
    ("PATCH", "/api/scheduling/availability-slots/1/", HOME_PROS + ADMINS),
    ("DELETE", "/api/scheduling/availability-slots/1/", HOME_PROS + ADMINS),
)
"""What is not public, and whose it is; "A-List Home Pros" are contractors."""


STORIES = (alist_accounts, alist_business, alist_visits, alist_talk, alist_money, alist_news)
"""Each goes on from what those before it left."""


async def smoke(base_url: str) -> Checks:
    """Make every call of A-List's document and give how it went."""
    checks = Checks(base_url.rstrip("/") + PREFIX, ERROR)
    await _pages(checks)
    cast = Cast(checks.client("visitor"), {role: checks.client(role) for role in ROLES})
    for role in ROLES:
        await sign_in(checks, cast.of(role), f"{role}1@example.com")
    await _refuse(checks, cast)
    await _errors(checks, cast)
    for story in STORIES:
        await _told(checks, story.__name__, story.play(checks, cast))
    await _told(checks, "demo data", _find_demo(checks, cast))
    await _all_called(checks, cast.visitor)
    return checks


async def _told(checks: Checks, name: str, story: Awaitable[None]) -> None:
    """Play a story; one that an unexpected answer ends is a fault of its own."""
    try:
        await story
    except (KeyError, TypeError, IndexError) as broken:
        checks.check("", f"{name} could go on after {broken!r}", False)


async def _pages(checks: Checks) -> None:
    """The documentation is served where the document says."""
    visitor = checks.client("visitor")
    for path in ("/api/swagger/", "/api/redoc/"):
        reply = await checks.expect(visitor, "GET", path)
        checks.check("visitor", f"{path} is a page", b"<html" in reply.body.lower())


async def _refuse(checks: Checks, cast: Cast) -> None:
    """Without a token 401, with a role that may not 403, on every row; neither has any effect."""
    for method, path, allowed in PRIVATE:
        body: dict[str, str] | None = None if method in ("GET", "DELETE") else {}
        await checks.expect(cast.visitor, method, path, 401, body)
        for role in ROLES:
            if role not in allowed:
                await checks.expect(cast.of(role), method, path, 403, body)


async def _errors(checks: Checks, cast: Cast) -> None:
    """Errors have one form, whatever is wrong."""
    client = cast.of("client")
    await checks.expect(client, "GET", "/api/nothing/", 404)
    await checks.expect(client, "PUT", "/api/users/me/", 405, {})
    await checks.expect(client, "PATCH", "/api/users/me/", 400, Form(b"{", "application/json"))
    for page in ("0", "x", "99999"):
        path = f"/api/scheduling/appointments/?page={page}"
        await checks.expect(client, "GET", path, (400, 404), field="page" if page != "99999" else None)
    stranger = checks.client("bad token")
    stranger.token = "not.a.token"  # noqa: S105
    await checks.expect(stranger, "GET", "/api/users/me/", 401)


async def _find_demo(checks: Checks, cast: Cast) -> None:
    """The demo's client and contractor have something of everything."""
    for role in ("client", "contractor"):
        someone: Client = cast.of(role)
        for status in APPOINTMENT_STATES:
            path = f"/api/scheduling/appointments/?status={status}"
            reply = await checks.expect(someone, "GET", path, shape={"results": [{"status": status}]})
            checks.check(role, f"some appointments are {status}", bool(reply.json["results"]))
        for status in PAYMENT_STATES:
            shape = {"results": [{"status": status, "amount": MONEY}]}
            reply = await checks.expect(someone, "GET", f"/api/payments/?status={status}", shape=shape)
            checks.check(role, f"some payments are {status}", bool(reply.json["results"]))
    mine = await checks.expect(cast.of("contractor"), "GET", "/api/alistpros/portfolio/")
    checks.check("contractor", "the portfolio shows work", mine.json["count"] > 0)


async def _all_called(checks: Checks, visitor: Client) -> None:
    """Nothing that the server describes was left out."""
    described = (await checks.expect(visitor, "GET", "/openapi.json")).json
    left_out = uncalled(described, checks.called)
    checks.check("visitor", f"every call was made{''.join(f', but {one}' for one in left_out)}", not left_out)


def uncalled(described: dict[str, Any], called: set[tuple[str, str]], *methods: str) -> list[str]:
    """Give the operations of an OpenAPI document that no call was made to; of some methods alone if named."""
    left_out = []
    for path, operations in described["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(path)))
        for method in operations:
            is_meant = not methods or method.upper() in methods
            if is_meant and not any(
                one == method.upper() and pattern.fullmatch(where) for one, where in called
            ):
                left_out.append(f"{method.upper()} {path}")
    return left_out
