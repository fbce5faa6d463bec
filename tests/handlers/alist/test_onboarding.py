"""Professionals' accounts at Stripe: opened once, complete when Stripe says so, and paid into then."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from server import clock
from server.embedded import Endpoints
from server.errors import Busy
from server.settings import Settings
from server.store.payments import Payments as PaymentStore
from server.store.payout_accounts import PayoutAccounts
from tests.books import balanced
from tests.handlers.alist.documented import documented
from tests.handlers.alist.paying import PAYMENTS, Till, open_till
from tests.handlers.client import Api
from tests.handlers.homeserve.documented import fits
from tests.server.gateways.stripe_stand_in import Stripe, start

NONE = {
    "has_account": False,
    "stripe_account_id": None,
    "is_details_submitted": False,
    "is_charges_enabled": False,
    "is_payouts_enabled": False,
    "onboarding_complete": False,
    "onboarding_completed_at": None,
}
KEY = "sk_test_of_the_platform"


@pytest_asyncio.fixture
async def till(settings: Settings, services: Endpoints) -> AsyncIterator[Till]:
    """Offline, with events."""
    async with open_till(settings, services) as opened:
        yield opened


@pytest_asyncio.fixture
async def stripe() -> AsyncIterator[Stripe]:
    account, stop = start()
    yield account
    stop()


@pytest_asyncio.fixture
async def live(settings: Settings, services: Endpoints, stripe: Stripe) -> AsyncIterator[Till]:
    """With Stripe's stand-in."""
    keys = {"stripe_secret_key": KEY, "stripe_api_base": stripe.url}
    async with open_till(settings, services, **keys) as opened:
        yield opened


async def test_a_professional_is_onboarded_as_documented(alist: Api) -> None:
    """Without Stripe and without events an account is complete as soon as its owner asks."""
    till = await Till.build(alist)
    begun = await till.onboard()
    assert begun.status == 200
    fits(documented("onboard").response, begun.json)
    assert begun.json["stripe_account_id"].startswith("acct_mock_")
    assert begun.json["onboarding_started"] is True
    status = await till.status()
    fits(documented("onboarding_status").response, status)
    assert status["onboarding_complete"] and status["onboarding_completed_at"]
    assert await till.status() == status
    link = await alist.get(f"{PAYMENTS}dashboard-link/", token=till.pro.token)
    fits(documented("dashboard_link").response, link.json)


async def test_who_has_no_account_is_told_so(till: Till) -> None:
    """Everybody may ask; there is nothing to see of others, and no pages without an account."""
    await till.onboard()
    for account in (till.client, till.other_pro, till.crew, till.specialist, till.admin):
        assert await till.status(account) == NONE
    link = await till.api.get(f"{PAYMENTS}dashboard-link/", token=till.other_pro.token)
    assert (link.status, link.json["status_code"]) == (404, 404)


async def test_only_home_pros_are_onboarded(till: Till) -> None:
    """Clients, crew, specialists and admins get no account and no pages; visitors no answer."""
    for account in (till.client, till.crew, till.specialist, till.admin):
        assert (await till.onboard(account)).status == 403
        link = await till.api.get(f"{PAYMENTS}dashboard-link/", token=account.token)
        assert link.status == 403
    for method, path in (("POST", "onboard/"), ("GET", "status/"), ("GET", "dashboard-link/")):
        assert (await till.api.call(method, PAYMENTS + path)).status == 401
    assert await till.api.market.stores.payout_accounts.find({}) == []


async def test_events_say_how_an_account_stands(till: Till) -> None:
    """Where events can be told, they alone complete an account; older ones that come late change nothing."""
    account_id, now = (await till.onboard()).json["stripe_account_id"], clock.now()
    begun = await till.status()
    assert (begun["has_account"], begun["onboarding_complete"]) == (True, False)
    assert begun["onboarding_completed_at"] is None
    assert (await till.account_is(account_id, at=now)).status == 200
    done = await till.status()
    assert (done["is_details_submitted"], done["is_charges_enabled"]) == (True, True)
    assert done["is_payouts_enabled"] and done["onboarding_complete"]
    await till.account_is(account_id, at=now - timedelta(minutes=1), is_good=False)
    assert await till.status() == done
    await till.account_is(account_id, at=now + timedelta(seconds=2), is_good=False)
    troubled = await till.status()
    assert not troubled["onboarding_complete"]
    assert troubled["onboarding_completed_at"] == done["onboarding_completed_at"]
    await till.account_is(account_id, at=now + timedelta(seconds=4))
    assert await till.status() == done


async def test_a_profile_says_whether_its_owner_can_be_paid(till: Till) -> None:
    """Whichever comes first, the profile or the account: `is_onboarded` is what Stripe said last."""
    market, stores = till.api.market, till.api.market.stores
    for account in (till.pro, till.other_pro):
        if account is till.pro:
            await market.profiles.create(await market.tokens.verify(account.token), {"business_name": "A"})
        account_id = (await till.onboard(account)).json["stripe_account_id"]
        await till.account_is(account_id)
        if account is till.other_pro:
            await market.profiles.create(await market.tokens.verify(account.token), {"business_name": "B"})
        profile = await stores.profiles.get(account.id)
        assert profile is not None and profile.is_onboarded
        await till.account_is(account_id, is_good=False)
        profile = await stores.profiles.get(account.id)
        assert profile is not None and not profile.is_onboarded


async def test_a_profile_and_news_of_the_account_at_once(till: Till) -> None:
    """Made in the very moment in which the account is completed, a profile is onboarded."""
    market = till.api.market
    account_id = (await till.onboard()).json["stripe_account_id"]
    caller = await market.tokens.verify(till.pro.token)
    await asyncio.gather(market.profiles.create(caller, {"business_name": "A"}), till.account_is(account_id))
    profile = await market.stores.profiles.get(till.pro.id)
    assert profile is not None and profile.is_onboarded


@pytest.mark.parametrize("place", ["offline", "stripe"])
async def test_onboarding_twice_gives_the_same_account(
    till: Till, live: Till, stripe: Stripe, place: str
) -> None:
    """Ten times at once or again later: one account, and a fresh link each time; others get their own."""
    at = live if place == "stripe" else till
    answers = [*await asyncio.gather(*(at.onboard() for _ in range(10))), await at.onboard()]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["stripe_account_id"] for answer in answers}) == 1
    assert len({answer.json["account_link"] for answer in answers}) == len(answers)
    other = (await at.onboard(at.other_pro)).json["stripe_account_id"]
    assert other != answers[0].json["stripe_account_id"]
    assert len(await at.api.market.stores.payout_accounts.find({})) == 2
    assert len(stripe.accounts) == (2 if place == "stripe" else 0)


async def test_links_lead_back_to_the_app(settings: Settings, services: Endpoints, stripe: Stripe) -> None:
    """Both ways back are pages of FRONTEND_URL."""
    keys = {"stripe_secret_key": KEY, "stripe_api_base": stripe.url}
    async with open_till(settings, services, **keys, frontend_url="https://app.example/") as till:
        await till.onboard()
    (link,) = stripe.links
    assert link["refresh_url"] == "https://app.example/payments/onboard/refresh/"
    assert link["return_url"] == "https://app.example/payments/onboard/return/"


async def test_stripe_is_asked_and_may_be_away(live: Till, stripe: Stripe) -> None:
    """The status is Stripe's; while Stripe is away it is what was known, and what needs Stripe is a 503."""
    account_id = (await live.onboard()).json["stripe_account_id"]
    link = f"{PAYMENTS}dashboard-link/"
    assert not (await live.status())["onboarding_complete"]
    assert (await live.api.get(link, token=live.pro.token)).status == 409
    stripe.onboard(account_id)
    done = await live.status()
    assert done["onboarding_complete"]
    assert (await live.api.get(link, token=live.pro.token)).status == 200
    stripe.broken = 10**6
    assert await live.status() == done
    assert (await live.onboard()).status == 503
    assert (await live.onboard(live.other_pro)).status == 503
    assert (await live.api.get(link, token=live.pro.token)).status == 503
    assert (await live.pay()).status == 503
    assert await live.listed(live.admin) == []


async def test_at_stripe_only_accounts_that_take_charges_are_paid(live: Till, stripe: Stripe) -> None:
    """409 before; then the charge goes to the account, less the platform's fee, and is released at once."""
    assert (await live.pay()).status == 409
    account_id = (await live.onboard()).json["stripe_account_id"]
    assert (await live.pay()).status == 409
    assert await live.listed(live.admin) == []
    stripe.onboard(account_id)
    assert (await live.pay()).status == 200
    paid = await live.only()
    asked = stripe.intents[paid["stripe_payment_intent_id"]]["asked"]
    assert (asked["amount"], asked["application_fee_amount"]) == ("15000", "1500")
    assert asked["transfer_data[destination]"] == account_id
    await live.tell_of("succeeded", paid["stripe_payment_intent_id"])
    market = live.api.market
    assert await balanced(market) == {
        "gateway": 15000,
        f"provider:{live.pro.id}": 0,
        "platform:fees": -1500,
        "payouts": -13500,
    }
    (earning,) = await market.stores.earnings.find({})
    assert (earning.amount_minor, earning.status) == (13500, "released")
    await live.refund(paid["stripe_payment_intent_id"], 15000)
    assert (await balanced(market))[f"provider:{live.pro.id}"] == 13500
    owed = [one for one in await market.stores.earnings.find({}) if one.amount_minor < 0]
    assert [one.amount_minor for one in owed] == [-13500]


async def test_a_key_opens_one_intent(live: Till, stripe: Stripe) -> None:
    """Equal requests at once under one key, and lost answers of Stripe, make one intent and one payment."""
    stripe.onboard((await live.onboard()).json["stripe_account_id"])
    stripe.loses_answers = 2
    answers = await asyncio.gather(*(live.pay(key="k") for _ in range(5)))
    assert {answer.status for answer in answers} <= {200, 409}
    assert (await live.pay(key="k")).json == next(one.json for one in answers if one.status == 200)
    assert len(stripe.intents) == len(await live.listed()) == 1


async def test_a_crash_between_stripe_and_our_note(
    live: Till, stripe: Stripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever broke off there goes on with the same intent or account when the client tries again."""

    async def crash(*_: object) -> None:
        raise Busy()

    with monkeypatch.context() as broken:
        broken.setattr(PayoutAccounts, "insert", crash)
        assert (await live.onboard()).status == 503
    stripe.onboard((await live.onboard()).json["stripe_account_id"])
    assert len(stripe.accounts) == 1
    with monkeypatch.context() as broken:
        broken.setattr(PaymentStore, "insert", crash)
        assert (await live.pay(key="k")).status == 503
    assert len(stripe.intents) == 1
    assert await live.listed(live.admin) == []
    made = await live.pay(key="k")
    assert made.status == 200
    (intent,) = stripe.intents.values()
    assert made.json["client_secret"] == intent["client_secret"]
    await live.tell_of("succeeded", intent["id"])
    assert (await live.only())["status"] == "completed"


async def test_without_a_key_each_request_pays(live: Till, stripe: Stripe) -> None:
    """Two equal requests of a client who named no key are two payments."""
    stripe.onboard((await live.onboard()).json["stripe_account_id"])
    for _ in range(2):
        assert (await live.pay()).status == 200
    assert len(stripe.intents) == len(await live.listed()) == 2


async def test_the_fee_is_fixed_when_a_payment_is_opened(
    settings: Settings, services: Endpoints, stripe: Stripe
) -> None:
    """No fee: nothing is asked for, and the professional gets everything."""
    keys = {"stripe_secret_key": KEY, "stripe_api_base": stripe.url, "platform_fee_percentage": 0.0}
    async with open_till(settings, services, **keys) as till:
        stripe.onboard((await till.onboard()).json["stripe_account_id"])
        await till.pay()
        paid = await till.only()
        assert "application_fee_amount" not in stripe.intents[paid["stripe_payment_intent_id"]]["asked"]
        await till.tell_of("succeeded", paid["stripe_payment_intent_id"])
        assert (await balanced(till.api.market)).get("platform:fees", 0) == 0


async def test_links_and_keys_reach_no_log_and_nobody_else(live: Till, stripe: Stripe) -> None:
    """Account links, dashboards, client secrets and our own key are in no log line, list or audit entry."""
    with capture_logs() as lines:
        begun = (await live.onboard()).json
        stripe.onboard(begun["stripe_account_id"])
        link = (await live.api.get(f"{PAYMENTS}dashboard-link/", token=live.pro.token)).json["url"]
        secret = (await live.pay()).json["client_secret"]
        stripe.broken = 10**6
        await live.status(), await live.pay(), await live.onboard()
    kept: list[Any] = [lines, await live.api.market.stores.changes.find({})]
    kept += [orjson.dumps(await live.listed(who)) for who in (live.client, live.pro, live.admin)]
    for hidden in (begun["account_link"], link, secret, KEY):
        assert hidden not in repr(kept)
