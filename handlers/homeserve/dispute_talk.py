"""What is said in a dispute, and what happened to it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call, Viewer
from handlers.fields import MajorText, Notes, WireTime
from handlers.homeserve.roles import BOOKING_ROLES
from handlers.media import media_url
from handlers.paging import PageQuery
from handlers.reading import Body
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.domain.disputes import DisputeMessage, MessageKind, is_read
from server.domain.paging import Listed, Paging
from server.services.disputes.dispute_timeline import TimelineEvent
from server.services.files.uploads import DOCUMENT_BYTES


class TalkQuery(PageQuery):
    def paging(self, default_size: int = 50) -> Paging:
        """Give the page that is wanted, of 50 unless said otherwise."""
        return super().paging(default_size)


class NewMessage(Body):
    content: Annotated[Notes, Field(min_length=1, examples=["Here is a picture of it."])]
    message_type: MessageKind | None = None
    attachment: UploadedFile | None = None


class MessageOut(BaseModel):
    id: str
    sender_name: str
    recipient_name: str
    message_type: str
    content: str
    attachment: str | None
    is_read: bool
    created_at: WireTime
    is_mine: bool


class Talk(BaseModel):
    """The document's envelope of long talk, which differs from that of lists."""

    total_count: int
    page: int
    page_size: int
    has_more: bool


class Messages(Talk):
    messages: list[MessageOut]


class TimelineEntry(BaseModel):
    """One happening; `by` is None for what happened by itself."""

    event: str
    at: WireTime
    by: int | None
    by_name: str | None
    text: str
    amount: MajorText | None


class Timeline(Talk):
    dispute_id: str
    timeline: list[TimelineEntry]


def message_out(viewer: Viewer, message: DisputeMessage) -> dict[str, Any]:
    """Give a message as the viewer sees it."""
    return {
        "id": message.id,
        "sender_name": message.sender_name,
        "recipient_name": message.recipient_name,
        "message_type": message.kind,
        "content": message.content,
        "attachment": media_url(viewer, message.attachment.key) if message.attachment else None,
        "is_read": is_read(message.recipient_ids, message.unread_by, viewer.user_id),
        "created_at": message.created_at,
        "is_mine": message.sender_id == viewer.user_id,
    }


def event_out(event: TimelineEvent, names: Mapping[int, str]) -> dict[str, Any]:
    """Give a happening with the name of who acted."""
    return {
        "event": event.kind,
        "at": event.at,
        "by": event.user_id,
        "by_name": names.get(event.user_id) if event.user_id is not None else None,
        "text": event.text,
        "amount": event.amount_minor,
    }


def talk(listed: Listed[Any]) -> dict[str, Any]:
    """Give what the envelope says of a page."""
    return {
        "total_count": listed.total,
        "page": listed.paging.number,
        "page_size": listed.paging.size,
        "has_more": listed.has_next,
    }


async def list_messages(call: Call) -> dict[str, Any]:
    """Give what was said, oldest first; what is for the caller counts as read."""
    query: TalkQuery = call.query
    listed = await call.market.dispute_talk.messages(call.caller, call.path["id"], query.paging())
    return {**talk(listed), "messages": [message_out(call.viewer, message) for message in listed.items]}


async def send_message(call: Call) -> dict[str, Any]:
    """Write to the other side, with a file if need be."""
    body: NewMessage = call.body
    attachment = body.attachment.path if body.attachment else None
    message = await call.market.dispute_talk.send(
        call.caller, call.path["id"], body.message_type, body.content, attachment
    )
    return message_out(call.viewer, message)


async def read_timeline(call: Call) -> dict[str, Any]:
    """Give what happened to a dispute, oldest first."""
    dispute_id, query = call.path["id"], call.query
    listed, names = await call.market.dispute_timeline.list(call.caller, dispute_id, query.paging())
    events = [event_out(event, names) for event in listed.items]
    return {**talk(listed), "dispute_id": dispute_id, "timeline": events}


ROUTES = (
    Route(
        "GET",
        "/api/disputes/{id:uuid}/messages/",
        list_messages,
        roles=BOOKING_ROLES,
        query=TalkQuery,
        reply=Messages,
    ),
    Route(
        "POST",
        "/api/disputes/{id:uuid}/send_message/",
        send_message,
        roles=BOOKING_ROLES,
        body=NewMessage,
        uploads={"attachment": DOCUMENT_BYTES},
        reply=MessageOut,
        status=201,
    ),
    Route(
        "GET",
        "/api/disputes/{id:uuid}/timeline/",
        read_timeline,
        roles=BOOKING_ROLES,
        query=TalkQuery,
        reply=Timeline,
    ),
)
