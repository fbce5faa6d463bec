"""Connect at Stripe and offline: accounts, links, and payments that are passed on less a fee."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from server.domain.payouts import AccountState
from server.errors import Busy
from server.gateways.offline_payments import OfflinePayments
from server.gateways.payments import DirectCharge, Links, Refused
from server.gateways.stripe_payments import StripePayments
from tests.server.gateways.stripe_stand_in import Stripe, start

LINKS = Links("https://app.example/again/", "https://app.example/back/")
CHARGE = DirectCharge("direct-1", 3, 1, 15000, 1500, "usd", "Plumbing repair service", None)


@pytest_asyncio.fixture
async def stripe() -> AsyncIterator[Stripe]:
    account, stop = start()
    yield account
    stop()


@pytest_asyncio.fixture
async def gateway(stripe: Stripe) -> AsyncIterator[StripePayments]:
    opened = StripePayments("sk_test_x", stripe.url)
    yield opened
    await opened.close()


async def test_an_account_is_opened_once_a_key(gateway: StripePayments, stripe: Stripe) -> None:
    """An Express account that may take transfers; again, or after a lost answer, the key gives the same."""
    stripe.loses_answers = 1
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    assert await gateway.open_account(1, "pro@example.com", "account-1") == account_id
    assert await gateway.open_account(2, "other@example.com", "account-2") != account_id
    asked = stripe.accounts[account_id]["asked"]
    assert (asked["type"], asked["email"], asked["metadata[provider_id]"]) == (
        "express",
        "pro@example.com",
        "1",
    )
    assert asked["capabilities[card_payments][requested]"] == "true"


async def test_a_link_is_new_each_time_and_leads_back(gateway: StripePayments, stripe: Stripe) -> None:
    """Links are used up by one visit, so none is given twice; they name where to return to."""
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    links = {await gateway.onboarding_link(account_id, LINKS) for _ in range(3)}
    assert len(links) == 3
    assert stripe.links[0]["refresh_url"] == LINKS.refresh_url
    assert stripe.links[0]["return_url"] == LINKS.return_url


async def test_an_account_says_how_it_stands(gateway: StripePayments, stripe: Stripe) -> None:
    """Nothing is allowed before the onboarding, and there are no pages to look at."""
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    assert await gateway.account_state(account_id) == AccountState()
    with pytest.raises(Refused):
        await gateway.dashboard_link(account_id)
    stripe.onboard(account_id)
    assert await gateway.account_state(account_id) == AccountState(True, True, True)
    assert (await gateway.dashboard_link(account_id)).startswith("https://connect.stripe.com/express/")


async def test_a_direct_payment_is_passed_on_less_the_fee(gateway: StripePayments, stripe: Stripe) -> None:
    """The intent is captured at once and names the account, the fee and who pays whom."""
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    stripe.onboard(account_id)
    intent = await gateway.open_direct(replace(CHARGE, account_id=account_id))
    asked = stripe.intents[intent.id]["asked"]
    assert asked == {
        "amount": "15000",
        "currency": "usd",
        "capture_method": "automatic",
        "description": "Plumbing repair service",
        "metadata[customer_id]": "3",
        "metadata[provider_id]": "1",
        "transfer_data[destination]": account_id,
        "application_fee_amount": "1500",
    }
    assert intent.secret.startswith(intent.id)


async def test_no_fee_is_no_argument(gateway: StripePayments, stripe: Stripe) -> None:
    """Stripe refuses a fee of nothing, and a fee without an account."""
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    stripe.onboard(account_id)
    free = await gateway.open_direct(replace(CHARGE, fee_minor=0, account_id=account_id))
    kept = await gateway.open_direct(replace(CHARGE, key="direct-2"))
    for intent in (free, kept):
        assert "application_fee_amount" not in stripe.intents[intent.id]["asked"]


async def test_faults_are_told_apart(gateway: StripePayments, stripe: Stripe) -> None:
    """An account that may not be paid is a refusal for good; a broken gateway is worth another try."""
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    with pytest.raises(Refused):
        await gateway.open_direct(replace(CHARGE, account_id=account_id))
    with pytest.raises(Refused):
        await gateway.account_state("acct_unknown")
    stripe.broken = 100
    with pytest.raises(Busy):
        await gateway.account_state(account_id)
    with pytest.raises(Busy):
        await gateway.open_account(2, "other@example.com", "account-2")


@pytest.mark.parametrize("hears_events", [True, False])
async def test_offline_ids_say_so(hears_events: bool) -> None:
    """Mock ids depend on the key alone; accounts are complete unless events say how they stand."""
    gateway = OfflinePayments(hears_events=hears_events)
    account_id = await gateway.open_account(1, "pro@example.com", "account-1")
    assert account_id.startswith("acct_mock_")
    assert await gateway.open_account(1, "pro@example.com", "account-1") == account_id
    intent = await gateway.open_direct(CHARGE)
    assert intent.id.startswith("pi_mock_") and intent.secret.startswith(f"{intent.id}_secret")
    assert await gateway.open_direct(CHARGE) == intent
    assert (await gateway.open_direct(replace(CHARGE, key="direct-2"))).id != intent.id
    state = await gateway.account_state(account_id)
    assert state is None if hears_events else state is not None and state.is_complete
    assert len({await gateway.onboarding_link(account_id, LINKS) for _ in range(3)}) == 3
    assert (await gateway.dashboard_link(account_id)).endswith(account_id)
