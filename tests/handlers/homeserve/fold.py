"""A client that fetches once and then only listens: what it knows, and how messages change it."""

from typing import Any

from tests.handlers.client import Account
from tests.handlers.homeserve.scene import Scene

Known = dict[str, dict[Any, Any]]
"""Things by kind and id, each as its row shows it."""

LISTED = ("bookings", "notifications", "signatures", "payments", "disputes")
OF_VENDORS = ("earnings",)
STATELESS = {"bonus_alert", "booking_timeout"}
"""Kinds of notification that tell of no change: a sum to come, a booking as it has been."""

ELSEWHERE = {"review_received", "appointment_requested"}
"""Kinds of notification of another marketplace."""


def fold(known: Known, message: dict[str, Any]) -> None:
    """Change what a client knows by one message."""
    data = message.get("data", {})
    for kind, rows in message.get("state", {}).items():
        if kind == "gone_bookings":
            for booking_id in rows:
                known["bookings"].pop(booking_id, None)
        else:
            known.setdefault(kind, {}).update({row["id"]: row for row in rows})
    match message["type"]:
        case "notifications_read":
            for id in data["notification_ids"]:
                known["notifications"][id] |= {"is_read": True, "read_at": data["read_at"]}
        case "status_update":
            known["people"][data["user_id"]] = data


async def known_to(scene: Scene, account: Account, role: str) -> Known:
    """Fetch everything that a user's notification socket speaks of."""
    names = {"vendor": (*LISTED, *OF_VENDORS), "customer": LISTED}.get(role, ("notifications",))
    known = {name: await listed(scene, account, name) for name in names}
    for booking_id in known.get("bookings", {}):
        known["bookings"][booking_id] = await booking_of(scene, account, booking_id)
    if role in ("customer", "onboard_manager", "super_admin"):
        known["applications"] = await listed(scene, account, "vendor-applications")
    for dispute in known.get("disputes", {}).values():
        del dispute["unread_count"]  # changes as its reader reads
    for application in known.get("applications", {}).values():
        del application["documents"]  # their addresses depend on the host
    return known


async def booking_of(scene: Scene, account: Account, booking_id: str) -> Any:
    """Fetch a booking by itself; None when it is not the account's to see."""
    reply = await scene.api.get(f"/api/bookings/{booking_id}/", token=account.token)
    return reply.json if reply.status == 200 else None


async def listed(scene: Scene, account: Account, name: str) -> dict[Any, Any]:
    """Fetch all pages of a list, by id."""
    found: dict[Any, Any] = {}
    number, is_more = 1, True
    while is_more:
        path = f"/api/{name}/"
        page = (await scene.api.get(path, token=account.token, page=number, page_size=100)).json
        found |= {row["id"]: row for row in page["results"]}
        number, is_more = number + 1, page["next"] is not None
    return found
