"""Stands in for the payment gateway where no Stripe key is set."""

from hashlib import sha256
from secrets import token_hex

from server.domain.payouts import AccountState
from server.gateways.payments import DirectCharge, Intent, Links

CONNECT = "https://connect.stripe.com"


class OfflinePayments:
    """Refused in production. Everybody's card is good, everybody's account is complete.

    Where events can be told (a webhook secret is set) they alone say how an account stands and when a direct
    payment has come. Where nobody can tell any, an account is complete as soon as somebody asks, and a direct
    payment stays pending.
    """

    answers_at_once = True
    needs_accounts = False

    def __init__(self, *, hears_events: bool) -> None:
        self._hears_events = hears_events

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        return _intent(f"pi_mock_{booking_id}", amount_minor)

    async def open_direct(self, charge: DirectCharge) -> Intent:
        return _intent(f"pi_mock_{_short(charge.key)}", charge.amount_minor)

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        return intent_id.replace("pi_mock_", "ch_mock_", 1)

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None:
        return None

    async def cancel(self, intent_id: str, key: str) -> None:
        return None

    async def open_account(self, owner_id: int, email: str, key: str) -> str:
        return f"acct_mock_{_short(key)}"

    async def onboarding_link(self, account_id: str, links: Links) -> str:
        return f"{CONNECT}/setup/s/account_link_mock_{token_hex(12)}"

    async def account_state(self, account_id: str) -> AccountState | None:
        return None if self._hears_events else AccountState(True, True, True)

    async def dashboard_link(self, account_id: str) -> str:
        return f"{CONNECT}/express/dashboard/{account_id}"

    async def close(self) -> None:
        return None


def _intent(id: str, amount_minor: int) -> Intent:
    return Intent(id, f"{id}_secret", amount_minor, "requires_payment_method")


def _short(key: str) -> str:
    """Give the same id for the same key."""
    return sha256(key.encode()).hexdigest()[:24]
