"""Disputes and what is said in them."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Id, Line, MajorText, MinorAmount, Notes, Uuid, WireTime
from handlers.homeserve.media import media_url
from handlers.homeserve.roles import ADMINS, BOOKING_ROLES, CUSTOMERS, VENDORS
from handlers.homeserve.wire import Page, page
from handlers.paging import PageQuery
from handlers.reading import Body, Query
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.domain.changes import Change
from server.domain.disputes import Dispute, DisputeMessage, DisputeState, DisputeType, Severity
from server.domain.paging import MAX_PAGE_SIZE, Paging
from server.services.disputes import Complaint, DisputeFilter
from server.services.uploads import DOCUMENT_BYTES

Title = Annotated[Line, Field(min_length=1, max_length=200)]


class DisputeQuery(PageQuery):
    status: DisputeState | None = None
    dispute_type: DisputeType | None = None
    severity: Severity | None = None
    booking: Uuid | None = None


class Evidence(Body):
    photos: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    notes: Notes = ""


class NewDispute(Body):
    booking_id: Uuid
    dispute_type: DisputeType
    title: Title
    description: Annotated[Notes, Field(min_length=1)]
    evidence: Evidence | None = None


class MessageQuery(Query):
    page: Annotated[int, Field(ge=1, le=10**6)] = 1
    page_size: Annotated[int, Field(ge=1)] = 50


class NewMessage(Body):
    content: Annotated[Notes, Field(min_length=1)]
    message_type: Annotated[str, Field(pattern=r"^(text|image|document)$")] = "text"
    attachment: UploadedFile | None = None


class Assignment(Body):
    mediator_id: Id


class Outcome(Body):
    resolution_type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    notes: Notes = ""


class Resolution(Body):
    resolution_notes: Annotated[Notes, Field(min_length=1)]
    resolution_amount: MinorAmount = 0
    evidence: Outcome | None = None


class DisputeOut(BaseModel):
    """A dispute as its parties and staff see it."""

    id: str
    booking: str
    title: str
    description: str
    dispute_type: str
    severity: str
    status: str
    customer_name: str
    vendor_name: str
    assigned_mediator_name: str | None
    evidence: dict[str, Any]
    created_at: WireTime
    updated_at: WireTime
    messages_count: int
    resolution_notes: str
    resolution_type: str | None
    resolution_amount: MajorText
    resolved_at: WireTime | None


class MessageOut(BaseModel):
    id: str
    sender_name: str
    recipient_name: str | None
    message_type: str
    content: str
    attachment: str | None
    is_read: bool
    created_at: WireTime
    is_mine: bool


class Messages(BaseModel):
    messages: list[MessageOut]
    total_count: int
    page: int
    page_size: int
    has_more: bool


class TimelineEntry(BaseModel):
    action: str
    by: int | None = Field(validation_alias="user_id")
    role: str
    at: WireTime
    old: dict[str, Any]
    new: dict[str, Any]


class Timeline(BaseModel):
    dispute_id: str
    timeline: list[TimelineEntry]


def dispute_out(dispute: Dispute) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": dispute.id,
        "booking": dispute.booking_id,
        "title": dispute.title,
        "description": dispute.description,
        "dispute_type": dispute.kind,
        "severity": dispute.severity,
        "status": dispute.state,
        "customer_name": dispute.customer_name,
        "vendor_name": dispute.provider_name,
        "assigned_mediator_name": dispute.mediator_name,
        "evidence": dispute.evidence,
        "created_at": dispute.created_at,
        "updated_at": dispute.updated_at,
        "messages_count": dispute.messages_count,
        "resolution_notes": dispute.resolution_notes,
        "resolution_type": dispute.resolution_type,
        "resolution_amount": dispute.resolution_minor,
        "resolved_at": dispute.resolved_at,
    }


def message_out(call: Call, message: DisputeMessage) -> dict[str, Any]:
    """Give a message as the caller sees it; what one wrote is read when somebody else has seen it."""
    is_mine = message.sender_id == call.caller.user_id
    return {
        "id": message.id,
        "sender_name": message.sender_name,
        "recipient_name": message.recipient_name,
        "message_type": message.kind,
        "content": message.content,
        "attachment": media_url(call, message.attachment.key) if message.attachment else None,
        "is_read": bool(message.read_by) if is_mine else call.caller.user_id in message.read_by,
        "created_at": message.created_at,
        "is_mine": is_mine,
    }


async def list_disputes(call: Call) -> dict[str, Any]:
    """Give the disputes the caller is party to, newest first."""
    query: DisputeQuery = call.query
    narrowed = DisputeFilter(query.status, query.dispute_type, query.severity, query.booking)
    listed = await call.market.disputes.list(call.caller, narrowed, query.paging())
    return page(call, listed.map(dispute_out))


async def create_dispute(call: Call) -> dict[str, Any]:
    """Open a dispute about a visit."""
    body: NewDispute = call.body
    evidence = body.evidence.model_dump(mode="json") if body.evidence else {}
    complaint = Complaint(body.booking_id, body.dispute_type, body.title, body.description, evidence)
    return dispute_out(await call.market.disputes.create(call.caller, complaint))


async def get_dispute(call: Call) -> dict[str, Any]:
    """Give one dispute."""
    return dispute_out(await call.market.disputes.get(call.caller, call.path["id"]))


async def list_messages(call: Call) -> dict[str, Any]:
    """Give what was said, oldest first; it counts as read."""
    query: MessageQuery = call.query
    paging = Paging(query.page, min(query.page_size, MAX_PAGE_SIZE))
    listed = await call.market.disputes.messages(call.caller, call.path["id"], paging)
    return {
        "messages": [message_out(call, message) for message in listed.items],
        "total_count": listed.total,
        "page": paging.number,
        "page_size": paging.size,
        "has_more": listed.has_next,
    }


async def send_message(call: Call) -> dict[str, Any]:
    """Write to the other side, with a file if need be."""
    body: NewMessage = call.body
    attachment = body.attachment.path if body.attachment else None
    message = await call.market.disputes.send(
        call.caller, call.path["id"], body.message_type, body.content, attachment
    )
    return message_out(call, message)


async def assign_mediator(call: Call) -> dict[str, Any]:
    """Have a member of staff mediate."""
    return dispute_out(await call.market.disputes.assign(call.caller, call.path["id"], call.body.mediator_id))


async def resolve_dispute(call: Call) -> dict[str, Any]:
    """End a dispute, with a refund of up to the price."""
    body: Resolution = call.body
    kind = body.evidence.resolution_type if body.evidence else None
    resolved = await call.market.disputes.resolve(
        call.caller, call.path["id"], body.resolution_notes, body.resolution_amount, kind
    )
    return dispute_out(resolved)


async def close_dispute(call: Call) -> dict[str, Any]:
    """Withdraw a dispute."""
    return dispute_out(await call.market.disputes.close(call.caller, call.path["id"]))


async def read_timeline(call: Call) -> dict[str, Any]:
    """Give what happened to a dispute, oldest first."""
    changes = await call.market.disputes.timeline(call.caller, call.path["id"])
    return {"dispute_id": call.path["id"], "timeline": [_entry(change) for change in changes]}


def _entry(change: Change) -> dict[str, Any]:
    names = ("user_id", "role", "action", "at", "old", "new")
    return {name: getattr(change, name) for name in names}


PARTIES = CUSTOMERS | VENDORS

ROUTES = (
    Route(
        "GET",
        "/api/disputes/",
        list_disputes,
        roles=BOOKING_ROLES,
        query=DisputeQuery,
        reply=Page[DisputeOut],
    ),
    Route(
        "POST",
        "/api/disputes/create_dispute/",
        create_dispute,
        roles=PARTIES,
        body=NewDispute,
        reply=DisputeOut,
        status=201,
    ),
    Route("GET", "/api/disputes/{id:uuid}/", get_dispute, roles=BOOKING_ROLES, reply=DisputeOut),
    Route(
        "GET",
        "/api/disputes/{id:uuid}/messages/",
        list_messages,
        roles=BOOKING_ROLES,
        query=MessageQuery,
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
        "POST",
        "/api/disputes/{id:uuid}/assign/",
        assign_mediator,
        roles=ADMINS,
        body=Assignment,
        reply=DisputeOut,
    ),
    Route(
        "POST",
        "/api/disputes/{id:uuid}/resolve/",
        resolve_dispute,
        roles=ADMINS,
        body=Resolution,
        reply=DisputeOut,
    ),
    Route("POST", "/api/disputes/{id:uuid}/close/", close_dispute, roles=BOOKING_ROLES, reply=DisputeOut),
    Route("GET", "/api/disputes/{id:uuid}/timeline/", read_timeline, roles=BOOKING_ROLES, reply=Timeline),
)
