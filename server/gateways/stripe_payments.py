"""Stripe: payment intents, and Connect accounts for providers."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import stripe

from server.domain.payouts import AccountState
from server.errors import Busy
from server.gateways.payments import DirectCharge, Intent, Links, NotYet, Refused

T = TypeVar("T")


class StripePayments:
    """A booking's intent is authorised by the customer and captured by us; a direct one is captured at once.

    Providers have Express accounts. A direct payment is a destination charge: the customer pays the platform,
    and Stripe passes everything but the platform's fee on in the same moment.
    """

    answers_at_once = False
    needs_accounts = True

    def __init__(self, secret_key: str, api_base: str | None = None) -> None:
        self._http = stripe.AIOHTTPClient(timeout=10)
        self._client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=2,
        )

    async def open(self, booking_id: str, amount_minor: int, currency: str) -> Intent:
        wanted = {
            "amount": amount_minor,
            "currency": currency,
            "capture_method": "manual",
            "metadata": {"booking_id": booking_id},
        }
        try:
            return await self._open(wanted, f"booking-{booking_id}-{amount_minor}")
        except Refused as refused:
            raise Busy("The payment could not be opened; try again.") from refused

    async def open_direct(self, charge: DirectCharge) -> Intent:
        wanted: dict[str, Any] = {
            "amount": charge.amount_minor,
            "currency": charge.currency,
            "capture_method": "automatic",
            "description": charge.description,
            "metadata": {"customer_id": charge.customer_id, "provider_id": charge.provider_id},
        }
        if charge.account_id is not None:
            wanted["transfer_data"] = {"destination": charge.account_id}
            if charge.fee_minor:  # Stripe takes no fee of nothing
                wanted["application_fee_amount"] = charge.fee_minor
        return await self._open(wanted, charge.key)

    async def capture(self, intent_id: str, amount_minor: int, key: str) -> str:
        taking = self._client.v1.payment_intents.capture_async(
            intent_id, {"amount_to_capture": amount_minor}, {"idempotency_key": key}
        )
        try:
            intent = await taking
        except stripe.InvalidRequestError as refused:
            if refused.code == "payment_intent_unexpected_state":
                raise NotYet from refused
            raise _translated(refused) from refused
        except stripe.StripeError as refused:
            raise _translated(refused) from refused
        charge = intent.latest_charge
        return charge if isinstance(charge, str) else charge.id if charge else intent.id

    async def refund(self, intent_id: str, amount_minor: int, key: str) -> None:
        wanted: Any = {"payment_intent": intent_id, "amount": amount_minor}
        await _asked(self._client.v1.refunds.create_async(wanted, {"idempotency_key": key}))

    async def cancel(self, intent_id: str, key: str) -> None:
        await _asked(self._client.v1.payment_intents.cancel_async(intent_id, {}, {"idempotency_key": key}))

    async def open_account(self, owner_id: int, email: str, key: str) -> str:
        wanted: Any = {
            "type": "express",
            "email": email,
            "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            "metadata": {"provider_id": owner_id},
        }
        account = await _asked(self._client.v1.accounts.create_async(wanted, {"idempotency_key": key}))
        return account.id

    async def onboarding_link(self, account_id: str, links: Links) -> str:
        wanted: Any = {
            "account": account_id,
            "refresh_url": links.refresh_url,
            "return_url": links.return_url,
            "type": "account_onboarding",
        }
        return (await _asked(self._client.v1.account_links.create_async(wanted))).url

    async def account_state(self, account_id: str) -> AccountState | None:
        account = await _asked(self._client.v1.accounts.retrieve_async(account_id))
        return AccountState(
            bool(account.details_submitted), bool(account.charges_enabled), bool(account.payouts_enabled)
        )

    async def dashboard_link(self, account_id: str) -> str:
        return (await _asked(self._client.v1.accounts.login_links.create_async(account_id))).url

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _open(self, wanted: Any, key: str) -> Intent:
        intent = await _asked(self._client.v1.payment_intents.create_async(wanted, {"idempotency_key": key}))
        return Intent(intent.id, intent.client_secret or "", intent.amount, intent.status)


async def _asked(call: Awaitable[T]) -> T:
    """Give a call's answer; raises Busy, Refused."""
    try:
        return await call
    except stripe.StripeError as refused:
        raise _translated(refused) from refused


def _translated(fault: stripe.StripeError) -> Exception:
    """Give what a fault means: declined for good, or worth another try."""
    final = isinstance(fault, stripe.InvalidRequestError | stripe.CardError)
    return Refused(fault.user_message or fault.code or "declined") if final else Busy()
