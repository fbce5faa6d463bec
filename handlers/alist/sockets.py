"""A-List's sockets: one's own news, `{"type": ..., "data": ...}` with the data as REST shows it."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.alist.appointments import told_appointment, told_request
from handlers.alist.messaging import message_new
from handlers.alist.payments import payment_told
from handlers.alist.reviews import review_news
from handlers.alist.roles import EVERYONE
from handlers.call import Call
from handlers.fields import wire_time
from handlers.route import SocketRoute
from server.domain import events
from server.domain.events import Event, user_topic
from server.domain.notifications import Kind


async def join(call: Call) -> str:
    """Let users hear what concerns them."""
    return user_topic(call.caller.user_id)


ABOUT: Mapping[str, Callable[[Event], dict[str, Any]]] = {Kind.REVIEW_RECEIVED: review_news}
"""What a notification tells of, where its facts are an object that REST shows."""


def notification(event: Event) -> dict[str, Any]:
    """Tell of something new: id, type, message, created_at, and what it is about."""
    facts = event.data
    about = ABOUT.get(facts["kind"])
    return {
        **(about(event) if about else facts["facts"]),
        "id": facts["notification_id"],
        "type": facts["kind"],
        "message": facts["message"],
        "created_at": wire_time(event.at),
    }


SPELLINGS: Mapping[str, tuple[str, Callable[[Event], dict[str, Any]]]] = {
    events.MESSAGE_SENT: ("message.new", message_new),
    events.BOOKING_OFFERED: ("notification.new", told_request),
    events.BOOKING_MOVED: ("appointment.updated", told_appointment),
    events.BOOKING_RETIMED: ("appointment.updated", told_appointment),
    events.BOOKING_DETAILED: ("appointment.updated", told_appointment),
    events.NOTIFIED: ("notification.new", notification),
    events.PAYMENT_COMPLETED: ("payment.completed", payment_told),
}
"""Core event -> A-List's name for it, and its data."""


def spell(event: Event) -> dict[str, Any] | None:
    """Tell of an event: `message.new`, `appointment.updated`, `payment.completed`, `notification.new`."""
    known = SPELLINGS.get(event.kind)
    if known is None:
        return None
    kind, data = known
    return {"type": kind, "data": data(event)}


SOCKETS = (
    SocketRoute("/ws/notifications/", join, spell, EVERYONE),
    SocketRoute("/ws/", join, spell, EVERYONE),
)
