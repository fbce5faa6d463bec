"""What a user was told, and what they want to be told by mail and SMS."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import WireTime
from handlers.homeserve.roles import EVERYONE
from handlers.homeserve.wire import Message, Page, page
from handlers.paging import PageQuery
from handlers.reading import Body
from handlers.route import Route

Kind = Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$")]


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
    created_at: WireTime


class Unread(BaseModel):
    unread: int


class PreferencesBody(Body):
    email: bool | None = None
    sms: bool | None = None
    muted: Annotated[tuple[Kind, ...], Field(max_length=50)] | None = None


class PreferencesOut(BaseModel):
    email: bool
    sms: bool
    muted: list[str]


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


async def get_preferences(call: Call) -> Any:
    """Give by which channels the caller is told things."""
    return await call.market.notifications.preferences(call.caller.user_id)


async def change_preferences(call: Call) -> Any:
    """Choose channels, and kinds that stay on the socket."""
    body: PreferencesBody = call.body
    return await call.market.notifications.change_preferences(call.caller, body.model_dump(exclude_none=True))


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
