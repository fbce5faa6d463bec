"""Appointments from asking to completion, hours, and what sockets tell meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

from walkthrough.client import Client, Socket, Surprise
from walkthrough.smoke.alist_cast import APPOINTMENT, SLOT, Cast, listed
from walkthrough.smoke.checking import Checks

APPOINTMENTS, SLOTS = "/api/scheduling/appointments/", "/api/scheduling/availability-slots/"
BELL = "/ws/notifications/"


async def play(checks: Checks, cast: Cast) -> None:
    bells = {who: await someone.listen(BELL) for who, someone in (("client", cast.client), ("pro", cast.pro))}
    made = await _ask(checks, cast)
    await rung(checks, cast.pro, bells["pro"], "notification.new", type="appointment_requested")
    await _see(checks, cast, made)
    await _follow(checks, cast, made, bells["client"])
    await _free_again(checks, cast)
    await _hours(checks, cast)
    for bell in bells.values():
        bell.close()


async def rung(checks: Checks, client: Client, bell: Socket, kind: str, **facts: Any) -> None:
    """Check that a socket tells of something in time."""
    try:
        await bell.ring(kind, **facts)
        told = True
    except (Surprise, TimeoutError):
        told = False
    checks.check(client.name, f"{BELL} tells {kind} {facts or ''}".strip(), told)


def _wish(cast: Cast, start: str, end: str, days: int = 9) -> dict[str, Any]:
    day = (datetime.now(UTC) + timedelta(days=days)).date()
    return {
        "contractor": cast.pro.user["id"],
        "service_category": 1,
        "appointment_date": day.isoformat(),
        "start_time": start,
        "end_time": end,
        "notes": "Kitchen faucet repair - urgent",
        "location": "123 Main St, City, State",
        "estimated_cost": "150.00",
    }


async def _ask(checks: Checks, cast: Cast) -> str:
    """A client asks for a time; nobody gets the same. Gives the appointment's path."""
    client, wish = cast.client, _wish(cast, "09:00:00", "11:00:00")
    told = ("appointment_date", "start_time", "end_time", "notes", "location", "estimated_cost")
    shape = {**APPOINTMENT, **{name: wish[name] for name in told}, "status": "REQUESTED"}
    made = await checks.expect(client, "POST", APPOINTMENTS, 201, wish, shape=shape)
    other = cast.of("client")
    await checks.expect(other, "POST", APPOINTMENTS, 409, _wish(cast, "10:30:00", "12:00:00"))
    wrongs: dict[str, Any] = {
        "end_time": "08:00:00",
        "start_time": "nine",
        "appointment_date": "2020-01-01",
        "estimated_cost": "-5.00",
    }
    for name, value in wrongs.items():
        field = "start_time" if name == "appointment_date" else name
        await checks.expect(client, "POST", APPOINTMENTS, 400, {**wish, name: value}, field=field)
    await checks.expect(client, "POST", APPOINTMENTS, 400, {}, field="contractor")
    for name in ("contractor", "service_category"):
        await checks.expect(client, "POST", APPOINTMENTS, 404, {**wish, name: 999_999_999})
    return f"{APPOINTMENTS}{(made.json or {}).get('id', 0)}/"


async def _see(checks: Checks, cast: Cast, path: str) -> None:
    """Participants and admins see an appointment, to others it does not exist."""
    for someone in (cast.client, cast.pro, cast.of("admin")):
        await checks.expect(someone, "GET", path, shape=APPOINTMENT)
    for role in ("client", "contractor", "crew", "specialist"):
        await checks.expect(cast.of(role), "GET", path, 404)
        await checks.expect(cast.of(role), "PATCH", path, 404, {"status": "CANCELLED"})
    for someone in (cast.client, cast.pro):
        await checks.expect(someone, "GET", APPOINTMENTS, shape={**listed(APPOINTMENT), "count": 1})
    await checks.expect(cast.of("admin"), "GET", APPOINTMENTS, shape=listed(APPOINTMENT))
    await checks.expect(cast.of("crew"), "GET", APPOINTMENTS, shape={**listed(APPOINTMENT), "count": 0})


async def _follow(checks: Checks, cast: Cast, path: str, bell: Socket) -> None:
    """Confirmed, moved, agreed to, completed; then its client's review is verified."""
    client, pro = cast.client, cast.pro

    async def change(who: Client, status: int, seen: str | None = None, /, **body: Any) -> None:
        shape = None if seen is None else {**APPOINTMENT, "status": seen}
        await checks.expect(who, "PATCH", path, status, body, shape=shape)

    await change(client, 403, status="CONFIRMED")
    await change(pro, 400, status="PERHAPS")
    await change(pro, 200, "CONFIRMED", status="CONFIRMED", notes="Updated: Will need additional parts")
    await rung(checks, client, bell, "appointment.updated", status="CONFIRMED")
    await change(pro, 200, "RESCHEDULED", start_time="13:00:00", end_time="15:00:00")
    await change(pro, 403, status="CONFIRMED")
    await change(client, 200, "CONFIRMED", status="CONFIRMED")
    await change(client, 403, status="COMPLETED")
    await change(pro, 200, "COMPLETED", status="COMPLETED")
    reply = await checks.expect(client, "PATCH", path, (400, 409), {"status": "CANCELLED"})
    checks.check(client.name, "what is completed stays so", reply.status in (400, 409))
    reviews = f"/api/alistpros/profiles/{pro.user['id']}/reviews/"
    await checks.expect(client, "GET", reviews, shape={"results": [{"is_verified": True}]})


async def _free_again(checks: Checks, cast: Cast) -> None:
    """Adjacent appointments do not overlap, and a cancelled time is free again."""
    client, wish = cast.client, _wish(cast, "15:00:00", "16:00:00")
    made = await checks.expect(client, "POST", APPOINTMENTS, 201, wish)
    path = f"{APPOINTMENTS}{(made.json or {}).get('id', 0)}/"
    shape = {**APPOINTMENT, "status": "CANCELLED"}
    await checks.expect(client, "PATCH", path, 200, {"status": "CANCELLED"}, shape=shape)
    await checks.expect(cast.of("client"), "POST", APPOINTMENTS, 201, wish, shape=APPOINTMENT)
    query = f"?status=CANCELLED&appointment_date={wish['appointment_date']}"
    await checks.expect(client, "GET", APPOINTMENTS + query, shape={**listed(shape), "count": 1})


async def _hours(checks: Checks, cast: Cast) -> None:
    """A contractor's hours are everybody's to read and theirs to write."""
    pro = cast.pro
    body = {"day_of_week": 1, "start_time": "09:00:00", "end_time": "17:00:00", "is_recurring": True}
    made = await checks.expect(pro, "POST", SLOTS, 201, body, shape={**SLOT, **body})
    await checks.expect(pro, "POST", SLOTS, 409, {**body, "start_time": "16:00:00", "end_time": "18:00:00"})
    await checks.expect(pro, "POST", SLOTS, 400, {**body, "end_time": "08:00:00"}, field="end_time")
    await checks.expect(pro, "POST", SLOTS, 400, {**body, "day_of_week": 8}, field="day_of_week")
    await checks.expect(cast.of("crew"), "GET", SLOTS, shape=listed(SLOT))
    own = f"{SLOTS}?contractor={pro.user['id']}"
    await checks.expect(cast.client, "GET", own, shape={**listed(SLOT), "count": 1})
    one = f"{SLOTS}{(made.json or {}).get('id', 0)}/"
    later = {**SLOT, **body, "end_time": "18:00:00"}
    await checks.expect(pro, "PATCH", one, 200, {"end_time": later["end_time"]}, shape=later)
    await checks.expect(cast.client, "GET", one, shape=later)
    await checks.expect(cast.of("contractor"), "PATCH", one, 404, {})
    await checks.expect(cast.of("contractor"), "DELETE", one, 404)
    await checks.expect(pro, "DELETE", one, 204)
    await checks.expect(pro, "DELETE", one, 404)
