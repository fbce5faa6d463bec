"""Calling bookings off and moving them."""

from typing import Any, Literal

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import MajorNumber, Moment, Notes
from handlers.homeserve.booking_parts import FAULTS, ProposalOut, charged, proposal_out
from handlers.homeserve.bookings import ArrivalWindow, BookingOut, booking_out
from handlers.homeserve.roles import BOOKING_ROLES, CUSTOMERS, VENDORS
from handlers.homeserve.wire import Message
from handlers.reading import Body
from handlers.route import Route
from server.services.bookings.cancelling import CancelWish
from server.services.bookings.rescheduling import NewTime

Fault = Literal["customer", "vendor"]


class CancellationQuery(BaseModel):
    """By default the caller's; whose fault it is otherwise is for admins to say."""

    fault: Fault | None = None


class Cancellation(Body):
    """Whose fault it was and whether the fee is waived is for admins to say."""

    reason: Notes = ""
    fault: Fault | None = None
    waive_fee: bool = False


class Reschedule(Body):
    scheduled_date: Moment
    arrival_window: ArrivalWindow | None = None
    reason: Notes = ""


class Cancelled(BaseModel):
    message: str
    fee: MajorNumber
    charged_to: str | None


class Terms(BaseModel):
    """What calling off would cost now, and whom."""

    fee: MajorNumber
    charged_to: str | None


class Rescheduled(BaseModel):
    """Moved at once, or proposed to the other side."""

    message: str
    requires_consent: bool
    booking: BookingOut
    proposal: ProposalOut | None


class OpenProposal(BaseModel):
    proposal: ProposalOut | None


async def cancel_booking(call: Call) -> dict[str, Any]:
    """Call a booking off; its time is free again, and who is late or at fault pays."""
    body: Cancellation = call.body
    wish = CancelWish(body.reason, FAULTS.get(body.fault or ""), body.waive_fee)
    booking = await call.market.moves.move(call.caller, call.path["id"], "cancel", wish=wish)
    return {"message": "Booking cancelled successfully", **charged(booking.fee_minor, booking.fault)}


async def preview_cancellation(call: Call) -> dict[str, Any]:
    """Give what it would cost to call the booking off now."""
    query: CancellationQuery = call.query
    wish = CancelWish(fault=FAULTS.get(query.fault or ""))
    terms = await call.market.cancelling.preview(call.caller, call.path["id"], wish)
    return charged(terms.fee_minor, terms.fault)


async def reschedule_booking(call: Call) -> dict[str, Any]:
    """Move a booking; within 24 hours of its start the other side has to agree."""
    body: Reschedule = call.body
    window = body.arrival_window
    wish = NewTime(
        body.scheduled_date, window.start if window else None, window.end if window else None, body.reason
    )
    done = await call.market.rescheduling.move(call.caller, call.path["id"], wish)
    return {
        "message": "Reschedule requested" if done.proposal else "Booking rescheduled successfully",
        "requires_consent": done.proposal is not None,
        "booking": booking_out(done.booking),
        "proposal": proposal_out(done.proposal),
    }


async def read_proposal(call: Call) -> dict[str, Any]:
    """Give the open proposal to move a booking."""
    found = await call.market.rescheduling.get(call.caller, call.path["id"])
    return {"proposal": proposal_out(found.proposal)}


async def accept_proposal(call: Call) -> dict[str, Any]:
    """Agree to the proposed time."""
    return booking_out(await call.market.rescheduling.accept(call.caller, call.path["id"]))


async def decline_proposal(call: Call) -> dict[str, str]:
    """Refuse a proposed time, or withdraw one's own proposal."""
    await call.market.rescheduling.decline(call.caller, call.path["id"])
    return {"message": "Proposal declined"}


PARTIES = CUSTOMERS | VENDORS
ONE = "/api/bookings/{id:uuid}/"

ROUTES = (
    Route("POST", f"{ONE}cancel/", cancel_booking, roles=BOOKING_ROLES, body=Cancellation, reply=Cancelled),
    Route(
        "GET",
        f"{ONE}cancellation/",
        preview_cancellation,
        roles=BOOKING_ROLES,
        query=CancellationQuery,
        reply=Terms,
    ),
    Route(
        "POST",
        f"{ONE}reschedule/",
        reschedule_booking,
        roles=BOOKING_ROLES,
        body=Reschedule,
        reply=Rescheduled,
    ),
    Route("GET", f"{ONE}reschedule/", read_proposal, roles=BOOKING_ROLES, reply=OpenProposal),
    Route("POST", f"{ONE}reschedule/accept/", accept_proposal, roles=PARTIES, reply=BookingOut),
    Route("POST", f"{ONE}reschedule/decline/", decline_proposal, roles=PARTIES, reply=Message),
)
