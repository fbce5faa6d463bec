"""What a user was told, and what they want to be told by mail and SMS."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import WireTime
from handlers.homeserve.roles import EVERYONE
from handlers.homeserve.wire import Message
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.notifications import Channel, Kind, Preferences

Extra = Literal[Channel.EMAIL, Channel.SMS]
"""What a kind may travel by besides the socket, which carries everything."""


class NotificationQuery(PageQuery):
    kind: Kind | None = None
    is_read: bool | None = None


class NotificationOut(BaseModel):
    """A notification; `data` repeats what the socket said."""

    id: str
    kind: str
    message: str
    data: dict[str, Any]
    is_read: bool
    read_at: WireTime | None
    created_at: WireTime


class Unread(BaseModel):
    unread: int


class PreferencesBody(Body):
    """What is left out stays; null for a kind brings its usual channels back."""

    email: bool | None = None
    sms: bool | None = None
    kinds: dict[Kind, Annotated[tuple[Extra, ...], Field(max_length=2)] | None] = Field({})


class PreferencesOut(BaseModel):
    """`kinds` names every kind with its channels besides the socket, whether or not those are switched on."""

    email: bool
    sms: bool
    kinds: dict[Kind, list[Extra]]


async def list_notifications(call: Call) -> dict[str, Any]:
    """Give what the caller was told, newest first."""
    query: NotificationQuery = call.query
    listed = await call.market.notifications.list(call.caller, query.kind, query.is_read, query.paging())
    return page(call, listed)


async def count_unread(call: Call) -> dict[str, int]:
    """Count what the caller has not read."""
    return {"unread": await call.market.notifications.unread(call.caller)}


async def read_notification(call: Call) -> dict[str, str]:
    """Mark one notification as read."""
    await call.market.notifications.read(call.caller, call.path["id"])
    return {"message": "Notification marked as read"}


async def read_all_notifications(call: Call) -> dict[str, str]:
    """Mark everything as read."""
    count = await call.market.notifications.read_all(call.caller)
    return {"message": f"{count} notifications marked as read"}


async def get_preferences(call: Call) -> dict[str, Any]:
    """Give by which channels the caller is told things."""
    return _spelled(await call.market.notifications.preferences(call.caller.user_id))


async def change_preferences(call: Call) -> dict[str, Any]:
    """Switch mail and SMS on or off, and choose what travels by them."""
    body: PreferencesBody = call.body
    kinds: dict[str, tuple[Channel, ...] | None] = {str(kind): chosen for kind, chosen in body.kinds.items()}
    changed = await call.market.notifications.change_preferences(call.caller, body.email, body.sms, kinds)
    return _spelled(changed)


def _spelled(wanted: Preferences) -> dict[str, Any]:
    kinds = {kind: wanted.chosen(kind) for kind in Kind}
    return {"email": wanted.email, "sms": wanted.sms, "kinds": kinds}


ROUTES = (
    Route(
        "GET",
        "/api/notifications/",
        list_notifications,
        roles=EVERYONE,
        query=NotificationQuery,
        reply=Page[NotificationOut],
    ),
    Route("GET", "/api/notifications/unread/", count_unread, roles=EVERYONE, reply=Unread),
    Route("POST", "/api/notifications/{id:uuid}/read/", read_notification, roles=EVERYONE, reply=Message),
    Route("POST", "/api/notifications/read-all/", read_all_notifications, roles=EVERYONE, reply=Message),
    Route("GET", "/api/notifications/settings/", get_preferences, roles=EVERYONE, reply=PreferencesOut),
    Route(
        "PATCH",
        "/api/notifications/settings/",
        change_preferences,
        roles=EVERYONE,
        body=PreferencesBody,
        reply=PreferencesOut,
    ),
)
