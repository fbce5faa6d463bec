"""Disputes: opened, listed, mediated, resolved, withdrawn."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Id, Line, MajorText, MinorAmount, Notes, Uuid, WireTime
from handlers.homeserve.roles import ADMINS, BOOKING_ROLES, CUSTOMERS, VENDORS
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.disputes import (
    Dispute,
    DisputeState,
    DisputeType,
    Evidence,
    Severity,
)
from server.services.disputes.disputes import Complaint, DisputeFilter

Title = Annotated[Line, Field(min_length=1, max_length=200, examples=["Left half done"])]


class DisputeQuery(PageQuery):
    status: DisputeState | None = None
    dispute_type: DisputeType | None = None
    severity: Severity | None = None
    booking: Uuid | None = None


class EvidenceBody(Body):
    photos: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    notes: Notes = ""


class NewDispute(Body):
    booking_id: Uuid
    dispute_type: DisputeType
    title: Title
    description: Annotated[Notes, Field(min_length=1, examples=["The kitchen was not cleaned."])]
    evidence: EvidenceBody | None = None


class Assignment(Body):
    mediator_id: Id


class Outcome(Body):
    resolution_type: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None


class Resolution(Body):
    resolution_notes: Annotated[Notes, Field(min_length=1, examples=["Half the price is refunded."])]
    resolution_amount: MinorAmount = 0
    evidence: Outcome | None = None


class EvidenceOut(BaseModel):
    photos: list[str]
    notes: str


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
    evidence: EvidenceOut
    created_at: WireTime
    updated_at: WireTime
    messages_count: int
    resolution_notes: str
    resolution_type: str | None
    resolution_amount: MajorText
    resolved_at: WireTime | None
    escalated_at: WireTime | None


class DisputeRow(DisputeOut):
    """A dispute in a list, with how many of its messages the caller has not read."""

    unread_count: int


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
        "escalated_at": dispute.escalated_at,
    }


async def list_disputes(call: Call) -> dict[str, Any]:
    """Give the disputes the caller is party to, newest first."""
    query: DisputeQuery = call.query
    narrowed = DisputeFilter(query.status, query.dispute_type, query.severity, query.booking)
    listed, unread = await call.market.disputes.list(call.caller, narrowed, query.paging())
    return page(call, listed.map(lambda one: {**dispute_out(one), "unread_count": unread.get(one.id, 0)}))


async def create_dispute(call: Call) -> dict[str, Any]:
    """Open a dispute about a visit."""
    body: NewDispute = call.body
    shown = Evidence(body.evidence.photos, body.evidence.notes) if body.evidence else Evidence()
    complaint = Complaint(body.booking_id, body.dispute_type, body.title, body.description, shown)
    return dispute_out(await call.market.disputes.create(call.caller, complaint))


async def get_dispute(call: Call) -> dict[str, Any]:
    """Give one dispute."""
    return dispute_out(await call.market.disputes.get(call.caller, call.path["id"]))


async def assign_mediator(call: Call) -> dict[str, Any]:
    """Have a member of staff mediate."""
    mediator_id = call.body.mediator_id
    return dispute_out(await call.market.mediation.assign(call.caller, call.path["id"], mediator_id))


async def resolve_dispute(call: Call) -> dict[str, Any]:
    """End a dispute, with a refund of up to the price."""
    body: Resolution = call.body
    kind = body.evidence.resolution_type if body.evidence else None
    resolved = await call.market.mediation.resolve(
        call.caller, call.path["id"], body.resolution_notes, body.resolution_amount, kind
    )
    return dispute_out(resolved)


async def close_dispute(call: Call) -> dict[str, Any]:
    """Withdraw a dispute."""
    return dispute_out(await call.market.disputes.close(call.caller, call.path["id"]))


PARTIES = CUSTOMERS | VENDORS

ROUTES = (
    Route(
        "GET",
        "/api/disputes/",
        list_disputes,
        roles=BOOKING_ROLES,
        query=DisputeQuery,
        reply=Page[DisputeRow],
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
)
