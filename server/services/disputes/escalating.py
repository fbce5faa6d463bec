"""Disputes that drag on are brought before those who supervise."""

from dataclasses import replace
from datetime import timedelta

from server import clock
from server.domain.dispute_analysis import Escalation, escalation, responsiveness
from server.domain.disputes import UNSETTLED, Dispute
from server.domain.marketplace import Marketplace
from server.services.disputes.dispute_cases import DisputeCases
from server.store.database import Database
from server.store.disputes import DisputeMessages, Disputes
from server.store.users import Users

LATELY = timedelta(days=90)
"""How far back other disputes of a provider count."""


class Escalating:
    """Scores disputes; a job raises each at most once."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        disputes: Disputes,
        messages: DisputeMessages,
        users: Users,
        cases: DisputeCases,
    ) -> None:
        self._meaning, self._database, self._disputes = meaning, database, disputes
        self._messages, self._users, self._cases = messages, users, cases

    async def assess(self, dispute: Dispute) -> Escalation:
        """Give whether somebody higher up should look at a dispute."""
        now = clock.now()
        first, last = ((now - LATELY).date().isoformat(), now.date().isoformat())
        recent = await self._disputes.of_provider(dispute.provider_id, first, last)
        repeats = sum(one.id != dispute.id for one in recent)
        answers = responsiveness(dispute, await self._messages.all_of(dispute.id), now)
        return escalation(dispute, answers, repeats, now)

    async def escalate_due(self) -> int:
        """Bring what drags on before the supervisors and give how many; safe to run anywhere, twice."""
        count = 0
        for dispute in await self._disputes.unsettled():
            if dispute.escalated_at is None and (await self.assess(dispute)).is_due:
                count += await self._database.together(lambda id=dispute.id: self._escalate(id))  # type: ignore[misc]
        return count

    async def _escalate(self, dispute_id: str) -> bool:
        dispute = await self._disputes.get(dispute_id)
        if dispute is None or dispute.escalated_at is not None or dispute.state not in UNSETTLED:
            return False
        after = await self._cases.write(None, dispute, replace(dispute, escalated_at=clock.now()), "escalate")
        supervisors = await self._users.with_roles(sorted(self._meaning.supervisors))
        concerned = [dispute.mediator_id, *(user.id for user in supervisors)]
        message = f"Needs attention: {dispute.title}"
        await self._cases.tell(None, after, concerned, "dispute_escalated", message)
        return True
