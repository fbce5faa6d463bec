"""Payments, earnings and the ledger of the demo's finished bookings, as pure values."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from server.demo.money import Money, captured, refunded, released, shares_of_refund
from server.domain.disputes import UNSETTLED, Dispute
from server.domain.entities import Booking
from server.domain.payments import (
    Earning,
    EarningState,
    GatewayOrder,
    OrderAction,
    Payment,
    PaymentKind,
    PaymentState,
    fee_of,
)

SIGNED_AFTER = timedelta(hours=2)
"""When the demo's customers sign, and are charged."""


def money_of(
    bookings: Sequence[Booking],
    disputes: Mapping[str, Dispute],
    now: datetime,
    currency: str,
    fee_fraction: float,
    hold_days: int,
) -> Money:
    """Give what finished bookings have moved until `now`; what was finished just now is still to be paid.

    disputes : by booking; a refund comes off the earning, an unsettled one keeps it on hold
    """
    money = Money()
    for booking in bookings:
        if booking.completed_at is None or booking.provider_id is None:
            continue
        paid_at = booking.completed_at + SIGNED_AFTER
        is_paid = paid_at <= now
        dispute = disputes.get(booking.id)
        refund_minor = dispute.resolution_minor if dispute and is_paid else 0
        payment = _payment(booking, currency, paid_at if is_paid else None, refund_minor)
        money.payments.append(payment)
        if dispute is not None and refund_minor:
            money.orders.append(_refund(dispute, payment))
        if is_paid:
            fee = fee_of(payment.amount_minor, fee_fraction)
            is_held = dispute is not None and dispute.state in UNSETTLED
            refunded_at = dispute.resolved_at if dispute else None
            _share(money, booking, payment, fee, hold_days, now, is_held=is_held, refunded_at=refunded_at)
    return money


def _payment(booking: Booking, currency: str, paid_at: datetime | None, refund_minor: int) -> Payment:
    intent = f"pi_mock_{booking.id}"
    finished = booking.completed_at or booking.created_at
    return Payment(
        id=_id("payment", booking),
        booking_id=booking.id,
        customer_id=booking.customer_id,
        provider_id=booking.provider_id or 0,
        customer_name=booking.customer_name,
        provider_name=booking.provider_name or "",
        description=booking.service_name,
        amount_minor=booking.price_minor,
        currency=currency,
        status=_status(paid_at is not None, refund_minor),
        refunded_minor=refund_minor,
        kind=PaymentKind.AUTOMATIC,
        intent_id=intent,
        secret=f"{intent}_secret",
        created_at=finished,
        updated_at=paid_at or finished,
        charge_id=f"ch_mock_{booking.id}" if paid_at else None,
        processed_at=paid_at,
        is_wanted=paid_at is not None,
    )


def _refund(dispute: Dispute, payment: Payment) -> GatewayOrder:
    """Give the order that gave back what a dispute's resolution said."""
    at = dispute.resolved_at or dispute.updated_at
    return GatewayOrder(
        f"refund-{dispute.id}", payment.id, OrderAction.REFUND, payment.refunded_minor, at, None, done_at=at
    )


def _status(is_paid: bool, refund_minor: int) -> PaymentState:
    if refund_minor:
        return PaymentState.PARTIALLY_REFUNDED
    return PaymentState.COMPLETED if is_paid else PaymentState.PENDING


def _share(
    money: Money,
    booking: Booking,
    payment: Payment,
    fee: int,
    hold_days: int,
    now: datetime,
    *,
    is_held: bool,
    refunded_at: datetime | None,
) -> None:
    paid_at = payment.updated_at
    release_at = paid_at + timedelta(days=hold_days)
    money.entries.append(captured(payment, fee, paid_at))
    share, _ = shares_of_refund(payment, fee)
    if payment.refunded_minor:
        money.entries.append(refunded(payment, fee, refunded_at or paid_at))
    net, is_released = payment.amount_minor - fee - share, release_at <= now and not is_held
    status = EarningState.ON_HOLD if is_held else EarningState.PENDING
    earning = Earning(
        id=_id("earning", booking),
        provider_id=payment.provider_id,
        provider_name=booking.provider_name or "",
        booking_id=booking.id,
        service_name=booking.service_name,
        customer_name=booking.customer_name,
        amount_minor=net,
        status=EarningState.RELEASED if is_released else status,
        release_at=release_at,
        created_at=paid_at,
        processed_at=release_at if is_released else None,
    )
    money.earnings.append(earning)
    if is_released:
        money.entries.append(released(earning, release_at))


def _id(kind: str, booking: Booking) -> str:
    return str(uuid5(NAMESPACE_URL, f"doorstep:{kind}:{booking.id}"))
