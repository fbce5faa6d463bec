"""What the core asks of a payment provider: Stripe when a key is set, else an offline stand-in."""

from dataclasses import dataclass
from typing import Protocol

from server.domain.payouts import AccountState


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that a customer's app can now confirm."""

    id: str
    secret: str
    amount_minor: int
    status: str


@dataclass(frozen=True, slots=True)
class DirectCharge:
    """What a customer pays a provider without a booking; it is taken as soon as the customer confirms.

    key        : the gateway's idempotency key, which stands for all the rest
    account_id : the provider's account, which gets the amount less `fee_minor`; None: the platform keeps it
    """

    key: str
    customer_id: int
    provider_id: int
    amount_minor: int
    fee_minor: int
    currency: str
    description: str
    account_id: str | None


@dataclass(frozen=True, slots=True)
class Links:
    """Where the gateway sends a provider back to.

    refresh_url : the link was used or is too old: a new one is to be asked for
    return_url  : the provider has left the gateway's pages, finished or not
    """

    refresh_url: str
    return_url: str


class NotYet(Exception):
    """The customer has not confirmed; the gateway says so by an event when they have."""


class Refused(Exception):
    """The gateway will never do this; its words are safe to show to staff."""


class PaymentGateway(Protocol):
    """Every call bears repeating: the same key gives the same answer and moves no money twice.

    raises : Busy when the gateway is away, Refused when it declines for good, NotYet (capture only)
    """

    answers_at_once: bool
    """Whether a call costs no waiting, so that it may be made before a client is answered."""

    needs_accounts: bool
    """Whether providers can be paid directly only once they have an account that takes charges."""

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent: ...

    async def open_direct(self, charge: DirectCharge) -> Intent: ...

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        """Take the money and give the charge's id."""

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None: ...

    async def cancel(self, intent_id: str, key: str) -> None: ...

    async def open_account(self, owner_id: int, email: str, key: str) -> str:
        """Open an account for a provider and give its id."""

    async def onboarding_link(self, account_id: str, links: Links) -> str:
        """Give the address, good once and for minutes, where providers tell the gateway who they are."""

    async def account_state(self, account_id: str) -> AccountState | None:
        """Give how an account stands; None when only events tell."""

    async def dashboard_link(self, account_id: str) -> str:
        """Give the address, good once, of the gateway's own pages for a provider."""

    async def close(self) -> None: ...
