"""HomeServe: every row that is read, by every role, in the form that the server itself describes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from walkthrough.client import Client
from walkthrough.smoke.alist import uncalled
from walkthrough.smoke.checking import Checks
from walkthrough.smoke.schema import Schema, faults_of
from walkthrough.tables import ZONE

PREFIX = "/homeserve"
PASSWORD = "password123"  # noqa: S105 - the demo accounts' published password
ACCOUNTS = {
    "customer": "customer1",
    "vendor": "vendor1",
    "ops_manager": "ops1",
    "onboard_manager": "onboard1",
    "super_admin": "admin1",
}
ERROR: dict[str, Any] = {}
"""Bodies of HomeServe's errors differ by row; all are objects."""

LISTS = {
    "/api/advanced-dispute-resolution/{dispute_id}/": "/api/disputes/",
    "/admin-dashboard/tasks/{id}/": "",
    "/media/{key}": "",
}
"""Where the id of a row is found that is not listed above itself; "" nowhere, so nothing is found."""


STATUSES = {"/api/bookings/{id}/cancellation/": (200, 404, 409)}
"""Rows that may answer otherwise, as it stands: what is over, or not taken yet, a vendor cannot call off."""

NOBODY = 999_999_999


def queries(user_id: int, role: str) -> Mapping[str, str]:
    """Give what rows demand, as a query string."""
    tomorrow = (datetime.now(ZONE) + timedelta(days=1)).date()
    return {
        "/api/vendor-search/": "pincode=110001&service_id=1",
        "/api/vendor-optimization/": f"date={tomorrow}&vendor_id={{vendor}}",
        "/api/vendor-optimization/map.svg": f"date={tomorrow}&vendor_id={{vendor}}",
        "/api/dynamic-pricing/": "service_id=1&pincode=110001",
        "/api/dynamic-pricing/map.svg": f"service_id=1&pincode=110001&date={tomorrow}",
        "/api/smart-scheduling/": "vendor_id={vendor}&service_id=1&customer_pincode=110001"
        f"&preferred_date={tomorrow}",
        "/api/travel-time/": "from_pincode=110001&to_pincode=110003",
        "/api/pincode-ai-analytics/": "pincode=110001",
        "/api/performance-metrics/summary/": "vendor_id={vendor}",
        "/api/advanced-vendor-bonus/": "vendor_id={vendor}",
        "/api/chat/context/": f"user_id={user_id}&role={role}",
    }


async def smoke(base_url: str) -> Checks:
    """Read every row of HomeServe and give how it went."""
    checks = Checks(base_url.rstrip("/") + PREFIX, ERROR)
    visitor = checks.client("visitor")
    described = (await checks.expect(visitor, "GET", "/openapi.json")).json
    people = {role: await _signed_in(checks, role, name) for role, name in ACCOUNTS.items()}
    for path, operations in described["paths"].items():
        if "get" in operations:
            await _read(checks, described, people, path, operations["get"])
    await _errors(checks, people["customer"])
    left_out = uncalled(described, checks.called, "GET")
    checks.check("visitor", f"every row was read{''.join(f', but {one}' for one in left_out)}", not left_out)
    return checks


async def _signed_in(checks: Checks, role: str, name: str) -> Client:
    client, body = checks.client(role), {"username": name, "password": PASSWORD}
    shape = {"access": str, "refresh": str, "user": {"id": int, "username": name, "role": role}}
    reply = await checks.expect(client, "POST", "/auth/login/", 200, body, shape=shape)
    if reply.status == 200:
        client.token, client.user = reply.json["access"], reply.json["user"]
    return client


async def _read(
    checks: Checks, described: Schema, people: Mapping[str, Client], path: str, operation: Schema
) -> None:
    """Read one row: without a token, as everybody who may not, and as everybody who may."""
    allowed, absent = operation["x-roles"], _absent(path, operation)
    if allowed:
        await checks.expect(checks.client("visitor"), "GET", absent, 401)
    for role, client in people.items():
        vendor = people["vendor"].user["id"]
        query = queries(client.user["id"], role).get(path, "").format(vendor=vendor)
        if allowed and role not in allowed:
            await checks.expect(client, "GET", _asked(absent, query), 403)
            continue
        found = await _found(client, path) if "{" in path else path
        if found is None:
            await checks.expect(client, "GET", absent, 404)
            continue
        reply = await checks.expect(client, "GET", _asked(found, query), STATUSES.get(path, 200))
        content = operation["responses"]["200"]["content"].get("application/json")
        if reply.status == 200 and content is not None:
            parts = described["components"]["schemas"]
            faults = list(faults_of(content["schema"], reply.json, parts))
            checks.check(role, f"GET {path} has the described form{_first(faults)}", not faults)


async def _found(client: Client, path: str) -> str | None:
    """Give the address of something that the caller sees of a row, None when there is nothing."""
    above = LISTS.get(path, path.partition("{")[0])
    if not above:
        return None
    listed = await client.ask("GET", above)
    results = (listed.json or {}).get("results") if listed.status == 200 else None
    return _filled(path, str(results[0]["id"]), "") if results else None


def _absent(path: str, operation: Schema) -> str:
    """Give the address of something of a row that there is not."""
    kinds = {one["name"]: one["schema"].get("type") for one in operation.get("parameters", ())}
    id = str(NOBODY) if kinds.get("id") == "integer" else str(uuid4())
    return _filled(path, id, "none/2024/01/15/none.jpg")


def _filled(path: str, id: str, key: str) -> str:
    """Give a path with its placeholders replaced."""
    for name, value in (("{id}", id), ("{dispute_id}", id), ("{key}", key)):
        path = path.replace(name, value)
    return path


def _asked(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _first(faults: list[str]) -> str:
    return f": {faults[0]}" if faults else ""


async def _errors(checks: Checks, customer: Client) -> None:
    """Bad input is named, never a 500."""
    await checks.expect(customer, "GET", "/api/nothing/", 404)
    await checks.expect(customer, "GET", "/api/dynamic-pricing/", 400)
    await checks.expect(customer, "GET", "/api/dynamic-pricing/?service_id=1&pincode=000000", (400, 404))
    await checks.expect(customer, "GET", "/api/bookings/?page=0", (400, 404))
    wrong = {"username": "customer1", "password": "wrong"}
    await checks.expect(checks.client("visitor"), "POST", "/auth/login/", 401, wrong)
