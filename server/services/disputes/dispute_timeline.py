"""What happened to a dispute, in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.changes import Change
from server.domain.disputes import Dispute, DisputeMessage
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.services.disputes.dispute_cases import DisputeCases
from server.services.money.settlement import Settlement
from server.store.changes import Changes
from server.store.disputes import DisputeMessages
from server.store.users import Users


class Happening(StrEnum):
    OPENED = "opened"
    MESSAGE = "message"
    ASSIGNED = "assigned"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One happening. `user_id` is None for what happened by itself; `text` is what was said or decided."""

    kind: Happening
    at: datetime
    user_id: int | None
    text: str
    amount_minor: int | None = None


class DisputeTimeline:
    """Reads the dispute, its messages, the audit's entries about it, and its refund."""

    def __init__(
        self,
        messages: DisputeMessages,
        changes: Changes,
        users: Users,
        cases: DisputeCases,
        settlement: Settlement,
    ) -> None:
        self._messages, self._changes, self._users = messages, changes, users
        self._cases, self._settlement = cases, settlement

    async def list(
        self, caller: Caller, dispute_id: str, paging: Paging
    ) -> tuple[Listed[TimelineEvent], Mapping[int, str]]:
        """Give one page, oldest first, and the names of who acted by id; raises NotFound."""
        dispute = await self._cases.get(caller, dispute_id)
        messages = await self._messages.all_of(dispute.id)
        changes = await self._changes.of_subject(Dispute.__name__, dispute.id)
        events = _events(dispute, messages, changes)
        refunded_at = await self._settlement.refunded_at(dispute.id)
        if refunded_at is not None:
            refund = TimelineEvent(Happening.REFUND, refunded_at, None, "", dispute.resolution_minor)
            events.append(refund)
        events.sort(key=lambda event: event.at)
        shown = events[paging.skip : paging.skip + paging.size]
        return Listed(shown, len(events), paging), await self._names(shown)

    async def _names(self, events: Sequence[TimelineEvent]) -> Mapping[int, str]:
        ids = sorted({event.user_id for event in events if event.user_id is not None})
        users = await self._users.find({"_id": {"$in": ids}}) if ids else []
        return {user.id: user.name for user in users}


def _events(
    dispute: Dispute, messages: Sequence[DisputeMessage], changes: Sequence[Change]
) -> list[TimelineEvent]:
    events = [TimelineEvent(Happening.OPENED, dispute.created_at, dispute.opened_by, dispute.title)]
    events += [
        TimelineEvent(Happening.MESSAGE, one.created_at, one.sender_id, one.content) for one in messages
    ]
    mediator = ""
    for change in changes:
        # An entry holds what differs alone: the mediator may be the one who was found at the opening.
        mediator = change.new.get("mediator_name", mediator)
        if change.action == "assign":
            events.append(TimelineEvent(Happening.ASSIGNED, change.at, change.user_id, mediator))
        elif change.action == "close":
            events.append(TimelineEvent(Happening.CLOSED, change.at, change.user_id, ""))
    if dispute.escalated_at is not None:
        events.append(TimelineEvent(Happening.ESCALATED, dispute.escalated_at, None, ""))
    if dispute.resolved_at is not None:
        notes, amount = dispute.resolution_notes, dispute.resolution_minor
        events.append(
            TimelineEvent(Happening.RESOLVED, dispute.resolved_at, dispute.resolved_by, notes, amount)
        )
    return events
