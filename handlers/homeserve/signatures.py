"""Signatures under finished work."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Notes, Uuid, WireTime
from handlers.homeserve.roles import BOOKING_ROLES, CUSTOMERS, VENDORS
from handlers.homeserve.wire import Message
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.signatures import Signature, SignatureState


class SignatureQuery(PageQuery):
    status: SignatureState | None = None
    booking: Uuid | None = None


class Sign(Body):
    satisfaction_rating: Annotated[int, Field(ge=1, le=5, examples=[5])]
    comments: Notes = ""


class Refuse(Body):
    reason: Annotated[Notes, Field(min_length=1, examples=["The tap still leaks."])]
    open_dispute: bool = False


class SignatureOut(BaseModel):
    """A signature as its parties and staff see it."""

    id: str
    booking: str
    signed_by: int | None
    status: str
    signature_hash: str | None
    satisfaction_rating: int | None
    satisfaction_comments: str
    requested_at: WireTime
    signed_at: WireTime | None
    expires_at: WireTime
    refusal_reason: str


class Requested(BaseModel):
    message: str
    signature_id: str


class Signed(BaseModel):
    message: str
    signature_hash: str


class Verified(BaseModel):
    """What was hashed, the hash that was kept, and whether they still agree; null before it is signed."""

    signature_id: str
    is_valid: bool
    algorithm: str
    record: str | None
    signature_hash: str | None


def signature_out(signature: Signature) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": signature.id,
        "booking": signature.booking_id,
        "signed_by": signature.customer_id if signature.signed_at else None,
        "status": signature.state,
        "signature_hash": signature.digest,
        "satisfaction_rating": signature.rating,
        "satisfaction_comments": signature.comments,
        "requested_at": signature.requested_at,
        "signed_at": signature.signed_at,
        "expires_at": signature.expires_at,
        "refusal_reason": signature.reason,
    }


async def request_signature(call: Call) -> dict[str, str]:
    """Ask the customer to sign finished work, within 48 hours."""
    signature = await call.market.signatures.request(call.caller, call.path["id"])
    return {"message": "Signature requested successfully", "signature_id": signature.id}


async def list_signatures(call: Call) -> dict[str, Any]:
    """Give the signatures the caller is party to, newest first."""
    query: SignatureQuery = call.query
    listed = await call.market.signatures.list(call.caller, query.status, query.booking, query.paging())
    return page(call, listed.map(signature_out))


async def get_signature(call: Call) -> dict[str, Any]:
    """Give one signature."""
    return signature_out(await call.market.signatures.get(call.caller, call.path["id"]))


async def sign_booking(call: Call) -> dict[str, Any]:
    """Sign finished work, once; the rating counts and the payment is taken."""
    body: Sign = call.body
    signed = await call.market.signatures.sign(
        call.caller, call.path["id"], body.satisfaction_rating, body.comments
    )
    return {"message": "Booking signed successfully", "signature_hash": signed.digest}


async def refuse_signature(call: Call) -> dict[str, str]:
    """Refuse to sign, and open a dispute on request."""
    body: Refuse = call.body
    await call.market.signatures.refuse(
        call.caller, call.path["id"], body.reason, open_dispute=body.open_dispute
    )
    return {"message": "Signature refused"}


async def verify_signature(call: Call) -> dict[str, Any]:
    """Give the signed record with its hash, and whether they agree; anybody can hash the record again."""
    signature = await call.market.signatures.get(call.caller, call.path["id"])
    return {
        "signature_id": signature.id,
        "is_valid": signature.is_valid,
        "algorithm": "SHA-256",
        "record": signature.record() if signature.signed_at else None,
        "signature_hash": signature.digest,
    }


ROUTES = (
    Route(
        "POST",
        "/api/bookings/{id:uuid}/request_signature/",
        request_signature,
        roles=VENDORS,
        reply=Requested,
    ),
    Route(
        "GET",
        "/api/signatures/",
        list_signatures,
        roles=BOOKING_ROLES,
        query=SignatureQuery,
        reply=Page[SignatureOut],
    ),
    Route("GET", "/api/signatures/{id:uuid}/", get_signature, roles=BOOKING_ROLES, reply=SignatureOut),
    Route("POST", "/api/signatures/{id:uuid}/sign/", sign_booking, roles=CUSTOMERS, body=Sign, reply=Signed),
    Route(
        "POST",
        "/api/signatures/{id:uuid}/refuse/",
        refuse_signature,
        roles=CUSTOMERS,
        body=Refuse,
        reply=Message,
    ),
    Route("GET", "/api/signatures/{id:uuid}/verify/", verify_signature, roles=BOOKING_ROLES, reply=Verified),
)
