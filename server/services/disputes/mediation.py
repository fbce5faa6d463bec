"""Mediation: a dispute is given to somebody, and resolved once, with or without a refund."""

from dataclasses import replace

from server import clock
from server.domain.disputes import Dispute, DisputeState
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Forbidden, Invalid
from server.services.disputes.dispute_cases import DisputeCases
from server.services.money.earnings import Earnings
from server.services.money.settlement import Settlement
from server.store.database import Database
from server.store.disputes import Disputes
from server.store.users import Users


class Mediation:
    """What mediators do."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        users: Users,
        cases: DisputeCases,
        earnings: Earnings,
        settlement: Settlement,
    ) -> None:
        self._meaning, self._database, self._users = meaning, database, users
        self._cases, self._earnings, self._settlement = cases, earnings, settlement

    async def assign(self, caller: Caller, dispute_id: str, mediator_id: int) -> Dispute:
        """Make a member of staff the mediator.

        raises : NotFound, Forbidden, Invalid for somebody who cannot mediate, InvalidMove once it is settled
        """

        async def write() -> Dispute:
            dispute = await self._open_case(caller, dispute_id, DisputeState.IN_PROGRESS)
            mediator = await self._users.get(mediator_id)
            if mediator is None or not mediator.is_active or mediator.role not in self._meaning.mediators:
                raise Invalid({"mediator_id": ["Not somebody who can mediate."]})
            assigned = replace(
                dispute, mediator_id=mediator.id, mediator_name=mediator.name, state=DisputeState.IN_PROGRESS
            )
            after = await self._cases.write(caller, dispute, assigned, "assign")
            concerned = (after.customer_id, after.provider_id, mediator.id)
            message = f"{mediator.name} mediates: {dispute.title}"
            await self._cases.tell(caller, after, concerned, "dispute_assigned", message)
            return after

        return await self._database.together(write, [Disputes.turn(dispute_id)])

    async def resolve(
        self, caller: Caller, dispute_id: str, notes: str, amount_minor: int, kind: str | None
    ) -> Dispute:
        """End a dispute, once, with a refund of 0 up to the price; the earning is free again.

        kind : what was agreed; None means what the amount says
        raises : NotFound, Forbidden, Invalid for more than the price or what was paid, InvalidMove
        """

        async def write() -> Dispute:
            dispute = await self._open_case(caller, dispute_id, DisputeState.RESOLVED)
            if amount_minor > dispute.price_minor:
                raise Invalid({"resolution_minor": ["More than the booking's price."]})
            resolved = replace(
                dispute,
                state=DisputeState.RESOLVED,
                resolution_notes=notes,
                resolution_minor=amount_minor,
                resolution_type=kind or _resolution(amount_minor, dispute.price_minor),
                resolved_by=caller.user_id,
                resolved_at=clock.now(),
            )
            after = await self._cases.write(caller, dispute, resolved, "resolve")
            await self._cases.meet(dispute.booking_id)
            await self._earnings.resume(caller, dispute.booking_id)
            if amount_minor:
                await self._settlement.refund(caller, dispute.booking_id, amount_minor, dispute.id)
            concerned = dispute.concerned
            facts = {"status": after.state, "resolution_notes": notes, "amount_minor": amount_minor}
            message = f"Resolved: {dispute.title}"
            await self._cases.tell(caller, after, concerned, "dispute_resolved", message, **facts)
            return after

        return await self._database.together(write, [Disputes.turn(dispute_id)])

    async def _open_case(self, caller: Caller, dispute_id: str, state: DisputeState) -> Dispute:
        """Give a dispute that a mediator may move to `state`."""
        dispute = await self._cases.get(caller, dispute_id)
        if not self._cases.is_mediator(caller):
            raise Forbidden()
        dispute.check_move(state)
        return dispute


def _resolution(amount_minor: int, price_minor: int) -> str:
    if amount_minor == 0:
        return "no_refund"
    return "full_refund" if amount_minor >= price_minor else "partial_refund"
