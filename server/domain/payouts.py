"""Where a provider's money goes: their account at the payment gateway, and how far its opening is."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountState:
    """What the gateway lets an account do."""

    details_submitted: bool = False
    charges_enabled: bool = False
    payouts_enabled: bool = False

    @property
    def is_complete(self) -> bool:
        return self.details_submitted and self.charges_enabled and self.payouts_enabled


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """A provider's account; the id is the provider's.

    account_id   : the gateway's name for it
    completed_at : when everything was in order for the first time; later trouble leaves it
    known_at     : when the gateway said what is here; what it said before that counts no more
    """

    id: int
    account_id: str
    started_at: datetime
    state: AccountState = AccountState()
    completed_at: datetime | None = None
    known_at: datetime | None = None
    revision: int = 0

    def told(self, state: AccountState, at: datetime) -> "PayoutAccount":
        """Give the account after the gateway said what its state was at a time; old news change nothing."""
        if self.known_at is not None and at < self.known_at:
            return self
        completed_at = self.completed_at or (at if state.is_complete else None)
        return replace(self, state=state, completed_at=completed_at, known_at=at)
