"""What both demos' payments have in common: how they move the ledger."""

from dataclasses import dataclass, field
from datetime import datetime

from server.domain.payments import (
    FEES,
    GATEWAY,
    PAYOUTS,
    Earning,
    GatewayOrder,
    LedgerEntry,
    Leg,
    Payment,
    provider_account,
)


@dataclass(frozen=True, slots=True)
class Money:
    """What has moved."""

    payments: list[Payment] = field(default_factory=list)
    orders: list[GatewayOrder] = field(default_factory=list)
    earnings: list[Earning] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)


def captured(payment: Payment, fee: int, at: datetime) -> LedgerEntry:
    """Give how a payment that came was shared between provider and platform."""
    net = payment.amount_minor - fee
    return _entry("capture", payment, at, (GATEWAY, net + fee), (_account(payment), -net), (FEES, -fee))


def transferred(payment: Payment, net: int, at: datetime) -> LedgerEntry:
    """Give how the gateway passed the provider's share on at once."""
    return _entry("transfer", payment, at, (_account(payment), net), (PAYOUTS, -net))


def shares_of_refund(payment: Payment, fee: int) -> tuple[int, int]:
    """Give what provider and platform gave of what was refunded."""
    of_platform = fee * payment.refunded_minor // payment.amount_minor
    return payment.refunded_minor - of_platform, of_platform


def refunded(payment: Payment, fee: int, at: datetime) -> LedgerEntry:
    """Give how a refund was shared."""
    share, of_platform = shares_of_refund(payment, fee)
    out = (GATEWAY, -payment.refunded_minor)
    return _entry("refund", payment, at, out, (_account(payment), share), (FEES, of_platform))


def released(earning: Earning, at: datetime) -> LedgerEntry:
    """Give how an earning was paid out; of a negative one, how it was taken back."""
    amount = earning.amount_minor
    legs = (Leg(provider_account(earning.provider_id), amount), Leg(PAYOUTS, -amount))
    return LedgerEntry(f"release:{earning.id}", earning.booking_id, at, legs)


def _account(payment: Payment) -> str:
    return provider_account(payment.provider_id)


def _entry(what: str, payment: Payment, at: datetime, *legs: tuple[str, int]) -> LedgerEntry:
    moved = tuple(Leg(account, amount) for account, amount in legs if amount)
    return LedgerEntry(f"{what}:{payment.id}", payment.booking_id, at, moved)
