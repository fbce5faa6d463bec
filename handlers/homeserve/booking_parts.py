"""What HomeServe shows inside a booking and elsewhere."""

from typing import Any

from pydantic import BaseModel

from handlers.fields import MajorNumber, WireTime
from server.domain.entities import Booking
from server.domain.parties import Party
from server.domain.proposals import Proposal


class WindowOut(BaseModel):
    start: WireTime
    end: WireTime


class ProposalOut(BaseModel):
    """Another time that one side asks the other for."""

    proposed_by: int
    scheduled_date: WireTime
    arrival_window: WindowOut
    reason: str
    created_at: WireTime
    expires_at: WireTime


class CancellationOut(BaseModel):
    """Why and by whom a booking was called off, and what it cost whom."""

    cancelled_at: WireTime
    cancelled_by: int | None
    reason: str
    fee: MajorNumber
    charged_to: str | None


FAULTS = {"customer": Party.CUSTOMER, "vendor": Party.PROVIDER}
FAULT_WORDS = {party: word for word, party in FAULTS.items()}
"""Who can be at fault, in HomeServe's words."""


def charged(fee_minor: int, fault: Party | None) -> dict[str, Any]:
    """Give a fee and who pays it."""
    return {"fee": fee_minor, "charged_to": FAULT_WORDS.get(fault) if fault and fee_minor else None}


def cancellation_out(booking: Booking) -> dict[str, Any] | None:
    """Give HomeServe's fields of a booking that was called off, None for any other."""
    if booking.cancelled_at is None:
        return None
    return {
        "cancelled_at": booking.cancelled_at,
        "cancelled_by": booking.cancelled_by,
        "reason": booking.cancel_reason,
        **charged(booking.fee_minor, booking.fault),
    }


def proposal_out(proposal: Proposal | None) -> dict[str, Any] | None:
    """Give HomeServe's fields of an open proposal, None when there is none."""
    if proposal is None:
        return None
    return {
        "proposed_by": proposal.proposed_by,
        "scheduled_date": proposal.starts_at,
        "arrival_window": {"start": proposal.window_start, "end": proposal.window_end},
        "reason": proposal.reason,
        "created_at": proposal.created_at,
        "expires_at": proposal.expires_at,
    }
