"""A-List's sockets: one's own news, `{"type": ..., "data": ...}` with the data as REST shows it."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.alist.appointments import told_appointment
from handlers.alist.messaging import message_new
from handlers.alist.notifications import notification_new
from handlers.alist.payments import payment_told
from handlers.alist.roles import EVERYONE
from handlers.alist.updates import state_of
from handlers.call import Call
from handlers.route import SocketRoute
from server.domain import events
from server.domain.events import Event, user_topic


async def join(call: Call) -> str:
    """Let users hear what concerns them."""
    return user_topic(call.caller.user_id)


SPELLINGS: Mapping[str, tuple[str, Callable[[Event], dict[str, Any]]]] = {
    events.MESSAGE_SENT: ("message.new", message_new),
    events.BOOKING_MOVED: ("appointment.updated", told_appointment),
    events.BOOKING_RETIMED: ("appointment.updated", told_appointment),
    events.BOOKING_DETAILED: ("appointment.updated", told_appointment),
    events.NOTIFIED: ("notification.new", notification_new),
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
    SocketRoute("/ws/notifications/", join, spell, EVERYONE, state=state_of),
    SocketRoute("/ws/", join, spell, EVERYONE, state=state_of),
)
