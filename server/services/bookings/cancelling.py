"""What calling a booking off entails beside the freed time: the fee, who pays it, and who hears of it."""

from dataclasses import dataclass, replace

from server import clock
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.domain.payments import PaymentKind
from server.errors import Forbidden
from server.services.bookings.visibility import Visibility
from server.services.money.earnings import Earnings
from server.services.money.payments import Payments
from server.services.money.settlement import Settlement
from server.services.talk.notifications import Notifications

ACTION = "cancel"
"""The lifecycle's name for it."""


@dataclass(frozen=True, slots=True)
class CancelWish:
    """Why, and for staff alone: whose fault it was, and whether the fee is waived."""

    reason: str = ""
    fault: Party | None = None
    waives_fee: bool = False


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What calling off would cost now, and whom."""

    fee_minor: int
    fault: Party | None


class Cancelling:
    """The policy is the marketplace's; only a booking that somebody had taken costs anything."""

    def __init__(
        self,
        meaning: Marketplace,
        visibility: Visibility,
        payments: Payments,
        settlement: Settlement,
        earnings: Earnings,
        notifications: Notifications,
    ) -> None:
        self._meaning, self._visibility = meaning, visibility
        self._payments, self._settlement, self._earnings = payments, settlement, earnings
        self._notifications = notifications

    async def preview(
        self,
        caller: Caller,
        booking_id: str,
        wish: CancelWish = CancelWish(),
    ) -> CancelTerms:
        """Give what it would cost to call a booking off now; changes nothing.

        raises : NotFound, InvalidMove or Forbidden when it cannot be called off, or not by the caller,
                 Forbidden when somebody but staff says whose fault it is
        """
        booking = await self._visibility.get_as_party(caller, booking_id)
        self._meaning.lifecycle.step(booking.state, ACTION, caller.party)
        return self._terms(caller, booking, wish)

    async def prepare(self, caller: Caller, booking: Booking, wish: CancelWish) -> None:
        """Have the gateway open the fee, if the customer will pay one; raises Busy when it is away."""
        terms = self._terms(caller, booking, wish)
        if terms.fee_minor and terms.fault is Party.CUSTOMER:
            await self._payments.prepare(booking.id, terms.fee_minor)

    async def settle(self, caller: Caller, before: Booking, after: Booking, wish: CancelWish) -> Booking:
        """Charge whoever is at fault, tell the other side, and give the booking with what was decided.

        Call inside the transaction that calls it off.
        raises : Forbidden when somebody but staff says whose fault it was
        """
        terms = self._terms(caller, before, wish)
        if terms.fee_minor and terms.fault is Party.CUSTOMER:
            await self._payments.open(caller, before, terms.fee_minor, PaymentKind.CANCELLATION_FEE)
            await self._settlement.capture(caller, before.id)
        elif terms.fee_minor:
            await self._earnings.penalise(caller, before, terms.fee_minor, before.id)
        await self._tell(caller, before, wish, terms)
        return replace(
            after,
            cancelled_at=after.updated_at,
            cancelled_by=caller.user_id,
            fault=terms.fault,
            cancel_reason=wish.reason,
            fee_minor=terms.fee_minor,
        )

    def _terms(self, caller: Caller, booking: Booking, wish: CancelWish) -> CancelTerms:
        if not caller.is_staff and (wish.fault is not None or wish.waives_fee):
            raise Forbidden()
        fault = wish.fault if caller.is_staff else caller.party
        taken = self._meaning.lifecycle.phases[booking.state] in (Phase.AGREED, Phase.UNDERWAY)
        if not taken or wish.waives_fee or booking.provider_id is None:
            return CancelTerms(0, fault)
        fee = self._meaning.cancellation.fee_minor(
            booking.price_minor,
            fault,
            booked_at=booking.created_at,
            starts_at=booking.starts_at,
            now=clock.now(),
        )
        return CancelTerms(fee, fault)

    async def _tell(self, caller: Caller, booking: Booking, wish: CancelWish, terms: CancelTerms) -> None:
        parties = [one for one in (booking.customer_id, booking.provider_id) if one is not None]
        others = [user_id for user_id in parties if user_id != caller.user_id]
        message = f"{booking.service_name} was called off"
        facts = {"booking_id": booking.id, "reason": wish.reason, "fee_minor": terms.fee_minor}
        await self._notifications.notify(others, "booking_cancelled", message, facts)
