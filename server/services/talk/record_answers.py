"""The assistant's answers about what is on record: money, signatures, disputes, ratings, applications."""

from server.chat.intents import Intent, Meaning
from server.chat.wording import amount, bullets, counted, title, when
from server.domain.disputes import UNSETTLED
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.domain.payments import EarningState
from server.domain.signatures import SignatureState
from server.services.applications.applications import ApplicationFilter, Applications
from server.services.bookings.signatures import Signatures
from server.services.disputes.disputes import DisputeFilter, Disputes
from server.services.insights.performance import PerformanceService
from server.services.money.earnings import Earnings
from server.services.money.payments import Payments
from server.services.talk.answers import MANY, SHOWN, Answers


class RecordAnswers:
    """Of each subject what the user may read."""

    def __init__(
        self,
        meaning: Marketplace,
        payments: Payments,
        earnings: Earnings,
        signatures: Signatures,
        disputes: Disputes,
        performance: PerformanceService,
        applications: Applications,
    ) -> None:
        self._meaning, self._payments, self._earnings = meaning, payments, earnings
        self._signatures, self._disputes = signatures, disputes
        self._performance, self._applications = performance, applications

    def all(self) -> Answers:
        """Give the answers by what is asked."""
        return {
            Intent.PAYMENTS: self._money,
            Intent.EARNINGS: self._earned,
            Intent.SIGNATURES: self._signed,
            Intent.DISPUTES: self._disputed,
            Intent.PERFORMANCE: self._performed,
            Intent.APPLICATIONS: self._applied,
        }

    async def _money(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is Party.PROVIDER:
            return await self._earned(speaker, meaning, message)
        listed = await self._payments.list(speaker, (), None, SHOWN)
        if not listed.total:
            return "There are no payments yet."
        lines = (
            f"{amount(payment.amount_minor)} - {title(payment.status)}, "
            f"{f'booking {payment.booking_id}' if payment.booking_id else payment.description}"
            for payment in listed.items
        )
        return bullets(f"{counted(listed.total, 'payment')}, newest first:", lines)

    async def _earned(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return await self._money(speaker, meaning, message)
        sums, recent = await self._earnings.summary(speaker.user_id)
        waiting, released = sums.get(EarningState.PENDING, 0), sums.get(EarningState.RELEASED, 0)
        head = f"You have earned {amount(released + waiting)}, of which {amount(waiting)} is still to come."
        lines = (f"{one.service_name}: {amount(one.amount_minor)} - {title(one.status)}" for one in recent)
        return bullets(head, lines) if recent else head

    async def _signed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._signatures.list(speaker, SignatureState.PENDING, None, SHOWN)
        if not listed.total:
            return "No signature is waiting."
        zone = self._meaning.timezone
        lines = (
            f"{one.service_name}, open until {when(one.expires_at, zone)}\n  Signature ID: {one.id}"
            for one in listed.items
        )
        return bullets(f"{counted(listed.total, 'signature')} waiting:", lines)

    async def _disputed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed, _ = await self._disputes.list(speaker, DisputeFilter(), MANY)
        unsettled = [dispute for dispute in listed.items if dispute.state in UNSETTLED]
        if not unsettled:
            days = self._meaning.dispute_days
            return f"There are no open disputes. You can open one about a visit within {days} days."
        lines = (
            f"{one.title} - {title(one.state)}, {one.severity} severity\n  Dispute ID: {one.id}"
            for one in unsettled[: SHOWN.size]
        )
        return bullets(f"{counted(len(unsettled), 'open dispute')}:", lines)

    async def _performed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return "Ratings and tiers are kept for vendors."
        figures = await self._performance.summary(speaker.user_id)
        return (
            f"You are in the {figures.tier} tier with {figures.bonus_points} points: rated "
            f"{figures.avg_rating}, {figures.completion_rate}% completed, {figures.on_time_rate}% on time, "
            f"{figures.dispute_rate}% disputed."
        )

    async def _applied(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._applications.list(speaker, ApplicationFilter(), SHOWN)
        if not listed.total:
            return "There are no applications. Anybody signed in can apply to become a vendor."
        lines = (f"{one.full_name} - {title(one.state)}\n  Application ID: {one.id}" for one in listed.items)
        return bullets(f"{counted(listed.total, 'application')}:", lines)
