"""Money on its way: what a customer owes, what a provider earns, and the ledger of what has moved."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from server.errors import InvalidMove


class PaymentState(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


UNPAID = frozenset(
    {PaymentState.PENDING, PaymentState.PROCESSING, PaymentState.AUTHORIZED, PaymentState.FAILED}
)
"""States in which the money has not been taken and still may be."""

PAID = frozenset({PaymentState.COMPLETED, PaymentState.PARTIALLY_REFUNDED})
"""States in which some of the money is there to be given back."""


class PaymentKind(StrEnum):
    """How the money came."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    CANCELLATION_FEE = "cancellation_fee"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money asked of a customer. `secret` lets the customer's app confirm the intent.

    booking_id      : None when the customer pays the provider directly, for whatever `description` says
    refunded_minor  : given back so far; refunding_minor: promised, and not yet carried out
    is_wanted       : the customer has signed, so that the money is taken as soon as it can be
    account_id      : the provider's account at the gateway, which gets its share of a direct payment at once
    fee_minor       : the platform's share, where it was fixed when the payment was opened
    told_at         : when what the gateway told last had happened
    """

    id: str
    customer_id: int
    provider_id: int
    amount_minor: int
    currency: str
    status: PaymentState
    kind: PaymentKind
    intent_id: str
    secret: str
    created_at: datetime
    updated_at: datetime
    booking_id: str | None = None
    customer_name: str = ""
    provider_name: str = ""
    description: str = ""
    account_id: str | None = None
    fee_minor: int | None = None
    told_at: datetime | None = None
    charge_id: str | None = None
    processed_by: int | None = None
    processed_at: datetime | None = None
    refunded_minor: int = 0
    refunding_minor: int = 0
    is_wanted: bool = False
    revision: int = 0

    @property
    def refundable_minor(self) -> int:
        """What may still be promised back."""
        return self.amount_minor - self.refunded_minor - self.refunding_minor if self.status in PAID else 0

    def share_of_platform(self, fraction: float) -> int:
        """Give the platform's share: as it was fixed, or the fraction that holds now."""
        return fee_of(self.amount_minor, fraction) if self.fee_minor is None else self.fee_minor

    def about(self) -> dict[str, Any]:
        """Give what a message about the payment names: payment_id, and booking_id where there is one."""
        booking = {} if self.booking_id is None else {"booking_id": self.booking_id}
        return {"payment_id": self.id, **booking}


class OrderAction(StrEnum):
    CAPTURE = "capture"
    REFUND = "refund"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """Something the gateway is still to do.

    due_at : None when it is done, or waits for the customer to confirm
    round  : how often the gateway answered "not yet": such an answer is an answer, and its key is used up
    """

    id: str
    payment_id: str
    action: OrderAction
    amount_minor: int
    created_at: datetime
    due_at: datetime | None
    attempts: int = 0
    round: int = 0
    done_at: datetime | None = None

    @property
    def key(self) -> str:
        """The gateway's idempotency key: the same while nobody knows what became of the call."""
        return f"{self.id}-{self.round}"


class EarningState(StrEnum):
    PENDING = "pending"
    ON_HOLD = "on_hold"
    RELEASED = "released"


_EARNING_MOVES = {
    (EarningState.PENDING, EarningState.ON_HOLD),
    (EarningState.ON_HOLD, EarningState.PENDING),
    (EarningState.PENDING, EarningState.RELEASED),
}


@dataclass(frozen=True, slots=True)
class Earning:
    """What a provider gets of a payment; negative when they owe it (a penalty, a refund after release).

    booking_id, service_name : None and what the customer wrote when they paid directly
    """

    id: str
    provider_id: int
    provider_name: str
    booking_id: str | None
    service_name: str
    customer_name: str
    amount_minor: int
    status: EarningState
    release_at: datetime
    created_at: datetime
    processed_by: int | None = None
    processed_at: datetime | None = None
    revision: int = 0

    def about(self) -> dict[str, Any]:
        """Give what a message about the earning names: earning_id, and booking_id where there is one."""
        booking = {} if self.booking_id is None else {"booking_id": self.booking_id}
        return {"earning_id": self.id, **booking}

    def check_move(self, state: EarningState) -> None:
        """Raise InvalidMove unless the earning may go to `state`."""
        if (self.status, state) not in _EARNING_MOVES:
            words = (self.status.replace("_", " "), state.replace("_", " "))
            raise InvalidMove(f"An earning that is {words[0]} cannot be {words[1]}.", state=self.status)


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a movement: money into an account is positive, out of it negative."""

    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A movement of money, written once and whole: its legs add up to zero. The id is its key."""

    id: str
    booking_id: str | None
    at: datetime
    legs: tuple[Leg, ...]


GATEWAY, CASH, FEES, PENALTIES, PAYOUTS = "gateway", "cash", "platform:fees", "platform:penalties", "payouts"
"""Accounts of the platform; a provider's is `provider_account(id)`."""


def provider_account(provider_id: int) -> str:
    return f"provider:{provider_id}"


def fee_of(amount_minor: int, fraction: float) -> int:
    """Give the platform's share of an amount, half up to the minor unit."""
    return int((amount_minor * Decimal(str(fraction))).quantize(Decimal(1), ROUND_HALF_UP))
