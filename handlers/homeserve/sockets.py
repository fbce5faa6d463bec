"""HomeServe's sockets: one booking, one user's notifications, and who is there."""

from datetime import datetime
from typing import Any

from handlers.call import Call
from handlers.fields import wire_time
from handlers.homeserve.roles import ADMINS, BOOKING_ROLES, EVERYONE
from handlers.homeserve.travel import minutes_until
from handlers.homeserve.updates import state_of
from handlers.route import SocketRoute
from server.domain import events
from server.domain.events import Event, booking_topic, dispatch_topic, status_topic, user_topic
from server.domain.parties import Party
from server.errors import Forbidden
from server.services.dispatch.dispatching import dispatch_in


async def join_booking(call: Call) -> str:
    """Let the booking's parties and admins watch it; a vendor it is only offered to is no party yet."""
    booking = await call.market.visibility.get_as_party(call.caller, call.path["id"])
    is_provider = call.caller.party is Party.PROVIDER
    return booking_topic(booking.id, call.caller.user_id if is_provider else None)


async def greet_booking(call: Call) -> list[dict[str, Any]]:
    """Tell where the vendor was last, a `vendor_location`, while they may be on the way."""
    last = await call.market.whereabouts.last(call.path["id"])
    return [_location(last.id, last.lat, last.lng, last.at, last.arrives_at)] if last else []


async def join_notifications(call: Call) -> str:
    """Let a user hear what concerns them; admins may listen in."""
    user_id = call.path["user_id"]
    if call.caller.user_id != user_id and call.caller.role not in ADMINS:
        raise Forbidden()
    return user_topic(user_id)


async def join_status(call: Call) -> str:
    """Let a user hear who of those they share a booking with comes and goes; admins may listen in."""
    user_id, role = call.path["user_id"], call.path["role"]
    if call.caller.user_id != user_id and call.caller.role not in ADMINS:
        raise Forbidden()
    if call.caller.user_id == user_id and call.caller.role != role:
        raise Forbidden()
    return status_topic(user_id)


async def greet_status(call: Call) -> list[dict[str, Any]]:
    """Tell first how it stands with each of them, a `status_update` each."""
    market, told = call.market, []
    for user_id in await market.company.of(call.path["user_id"]):
        is_online = await market.presence.online(user_id)
        told.append(_status(user_id, is_online, await market.company.last_seen(user_id)))
    return told


def spell_status(event: Event) -> dict[str, Any] | None:
    """Tell of somebody coming or leaving: `status_update`: user_id, is_online, last_seen."""
    if event.kind != events.PRESENCE:
        return None
    return _status(event.data["user_id"], event.data["is_online"], event.data["last_seen"])


def _status(user_id: int, is_online: bool, last_seen: datetime | None) -> dict[str, Any]:
    seen = wire_time(last_seen) if last_seen else None
    return {"type": "status_update", "data": {"user_id": user_id, "is_online": is_online, "last_seen": seen}}


def spell_booking(event: Event) -> dict[str, Any] | None:
    """Tell of a booking what its sides are told, and where its vendor is on the way.

    `booking_status_change`, `booking_rescheduled`, `booking_reassigned`: as on `/ws/notifications/`;
    `vendor_location`: booking_id, lat, lng, at, arrives_at and arrival_minutes (estimated; null once the work
    has begun), timestamp. It has no `seq`: who comes later is greeted with the last one.
    """
    if event.kind != events.PROVIDER_LOCATED:
        return spell(event)
    facts = event.data
    return _location(facts["booking_id"], facts["lat"], facts["lng"], event.at, facts["arrives_at"])


def _location(
    booking_id: str, lat: float, lng: float, at: datetime, arrives_at: datetime | None
) -> dict[str, Any]:
    data = {
        "booking_id": booking_id,
        "lat": lat,
        "lng": lng,
        "at": wire_time(at),
        "arrives_at": wire_time(arrives_at) if arrives_at else None,
        "arrival_minutes": minutes_until(arrives_at),
        "timestamp": wire_time(at),
    }
    return {"type": "vendor_location", "data": data}


def spell(event: Event) -> dict[str, Any] | None:
    """Tell of an event as `{"type": ..., "data": {..., "timestamp"}}`, of some not at all.

    `booking_status_change`: booking_id, old_status, new_status; `booking_request`: booking_id, message,
    service, pincode, scheduled_date; `booking_rescheduled`: the same and old_scheduled_date;
    `booking_reassigned`: the same as a request, and vendor_name; and every kind of notification: what it is
    about, and message.
    """
    facts = event.data
    data = {"booking_id": facts.get("booking_id")}
    match event.kind:
        case events.BOOKING_MOVED:
            kind = "booking_status_change"
            data |= {"old_status": facts["old_state"], "new_status": facts["new_state"]}
        case events.BOOKING_OFFERED:
            kind = "booking_request"
            data |= {"message": f"New booking request: {facts['service_name']}", **_what(event)}
        case events.BOOKING_RETIMED:
            kind = "booking_rescheduled"
            message = f"{facts['service_name']} now begins at {wire_time(facts['starts_at'])}"
            data |= {
                "message": message,
                "old_scheduled_date": wire_time(facts["old_starts_at"]),
                **_what(event),
            }
        case events.BOOKING_REASSIGNED:
            kind = "booking_reassigned"
            message = f"{facts['provider_name']} has been given {facts['service_name']}"
            data |= {"message": message, "vendor_name": facts["provider_name"], **_what(event)}
        case events.NOTIFIED:
            kind = facts["kind"]
            data = {**facts["facts"], "message": facts["message"]}
        case _:
            return None
    return {"type": kind, "data": data | {"timestamp": wire_time(event.at)}}


def _what(event: Event) -> dict[str, Any]:
    facts = event.data
    return {
        "service": facts["service_name"],
        "pincode": facts["pincode"],
        "scheduled_date": wire_time(facts["starts_at"]),
    }


async def join_admin(call: Call) -> str:
    """Let staff hear how far dispatches are."""
    return dispatch_topic()


def spell_admin(event: Event) -> dict[str, Any] | None:
    """Tell how a dispatch stands, from the asking to the end.

    `dispatch_progress`: dispatch_id, state, progress 0..1, cost, timestamp.
    """
    if event.kind != events.DISPATCH_PROGRESS:
        return None
    found = dispatch_in(event)
    data = {
        "dispatch_id": found.id,
        "state": found.state.value,
        "progress": found.progress,
        "cost": found.cost,
        "timestamp": wire_time(event.at),
    }
    return {"type": "dispatch_progress", "data": data}


SOCKETS = (
    SocketRoute(
        "/ws/bookings/{id:uuid}/",
        join_booking,
        spell_booking,
        BOOKING_ROLES,
        greet=greet_booking,
        state=state_of,
    ),
    SocketRoute("/ws/notifications/{user_id:int}/", join_notifications, spell, EVERYONE, state=state_of),
    SocketRoute("/ws/status/{user_id:int}/{role}/", join_status, spell_status, EVERYONE, greet=greet_status),
    SocketRoute("/ws/admin/", join_admin, spell_admin, ADMINS, state=state_of),
)
