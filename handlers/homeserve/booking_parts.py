"""What HomeServe shows inside a booking and elsewhere."""

from typing import Any

from pydantic import BaseModel

from handlers.fields import WireTime
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
