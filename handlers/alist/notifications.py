"""What a user was told, on the socket as `notification.new` and in this list."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from handlers.alist.reviews import review_facts
from handlers.alist.roles import EVERYONE
from handlers.alist.wire import Message, PageQuery, worded
from handlers.call import Call
from handlers.fields import WireTime, wire_time
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.events import Event
from server.domain.money import major_text
from server.domain.notifications import Kind, Notification
from server.services.telling.shown import notification_in


class NotificationQuery(PageQuery):
    is_read: bool | None = None


class NotificationOut(BaseModel):
    """Something a user was told; further fields say what about: `appointment_id`, `payment_id`, `review`."""

    model_config = ConfigDict(extra="allow")

    id: str
    type: str
    message: str
    is_read: bool
    created_at: WireTime


SPELLED: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "booking_id": ("appointment_id", int),
    "payment_id": ("payment_id", int),
    "amount_minor": ("amount", major_text),
    "fee_minor": ("fee", major_text),
}
"""The core's name for a fact -> A-List's, and its value."""


def _about(kind: str, facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Give what a notification is about as A-List spells it."""
    if kind == Kind.REVIEW_RECEIVED:
        return {"review": review_facts(facts, at)}
    about = dict(facts)
    for name, (spelled, value_of) in SPELLED.items():
        if name in about:
            about[spelled] = value_of(about.pop(name))
    return about


def notification_out(told: Notification) -> dict[str, Any]:
    """Give A-List's fields."""
    return {
        **_about(told.kind, told.data, told.created_at),
        "id": told.id,
        "type": worded(told.kind),
        "message": worded(told.message),
        "is_read": told.is_read,
        "created_at": wire_time(told.created_at),
    }


def notification_new(event: Event) -> dict[str, Any]:
    """Give a notification out of its event, as the list shows it."""
    return notification_out(notification_in(event))


async def list_notifications(call: Call) -> dict[str, Any]:
    """Give what the caller was told, newest first, of one state of reading when it is named."""
    query: NotificationQuery = call.query
    listed = await call.market.notifications.list(call.caller, None, query.is_read, query.paging())
    return page(call, listed.map(notification_out))


async def read_notification(call: Call) -> dict[str, str]:
    """Mark one notification as read."""
    await call.market.notifications.read(call.caller, call.path["id"])
    return {"message": "Notification marked as read"}


PATH = "/api/notifications/"
ROUTES = (
    Route(
        "GET",
        PATH,
        list_notifications,
        roles=EVERYONE,
        query=NotificationQuery,
        reply=Page[NotificationOut],
    ),
    Route("POST", PATH + "{id:uuid}/read/", read_notification, roles=EVERYONE, reply=Message),
)
