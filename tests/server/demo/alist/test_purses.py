"""The money of A-List's demo."""

from collections import Counter
from datetime import datetime

import pytest

from handlers.alist.payments import STATUSES, PaymentStatus
from server.demo.filling import Filling
from server.domain.payments import FEES, GATEWAY, EarningState, fee_of, provider_account
from tests.server.demo.alist.conftest import filled


def balances(demo: Filling) -> Counter[str]:
    """Give every account's balance; each movement adds up to zero."""
    found: Counter[str] = Counter()
    for entry in demo.ledger:
        assert sum(leg.amount_minor for leg in entry.legs) == 0
        for leg in entry.legs:
            found[leg.account] += leg.amount_minor
    return found


def test_accounts_say_who_is_onboarded(demo: Filling) -> None:
    """A profile is onboarded exactly when its account is complete; some have begun, some have none."""
    complete = {account.id for account in demo.payout_accounts if account.state.is_complete}
    assert complete == {profile.id for profile in demo.profiles if profile.is_onboarded}
    assert len(complete) < len(demo.payout_accounts) < len(demo.profiles)
    for account in demo.payout_accounts:
        assert (account.completed_at is not None) == account.state.is_complete
    assert len({account.account_id for account in demo.payout_accounts}) == len(demo.payout_accounts)


@pytest.mark.parametrize("hour", [0, 13])
def test_payments_in_every_state(now: datetime, hour: int) -> None:
    """Each of A-List's states occurs whenever it is made, between client1 and contractor1 too."""
    demo = filled(now.replace(hour=hour))
    client = min(one.customer_id for one in demo.bookings)
    own = [one for one in demo.payments if (one.provider_id, one.customer_id) == (1, client)]
    assert {STATUSES[one.status] for one in own} == set(PaymentStatus)


def test_payments_follow_finished_appointments(demo: Filling, now: datetime) -> None:
    """Who paid had an appointment finished at that price; the payee has an account that may be paid."""
    accounts = {one.id: one for one in demo.payout_accounts}
    assert [one.id for one in demo.payments] == [str(n) for n in range(1, len(demo.payments) + 1)]
    assert len({one.intent_id for one in demo.payments}) == len(demo.payments)
    for one in demo.payments:
        opened = accounts[one.provider_id].completed_at
        assert one.account_id == accounts[one.provider_id].account_id
        assert opened is not None and opened < one.created_at <= one.updated_at <= now
        assert any(
            (visit.customer_id, visit.provider_id, visit.price_minor)
            == (one.customer_id, one.provider_id, one.amount_minor)
            for visit in demo.bookings
            if visit.completed_at is not None and visit.completed_at < one.created_at
        )
        assert one.fee_minor == fee_of(one.amount_minor, 0.1) and one.booking_id is None


def test_the_ledger_agrees(demo: Filling) -> None:
    """The gateway holds what came and stayed; contractors owe only what is to be taken back from them."""
    found = balances(demo)
    came = [one for one in demo.payments if one.processed_at is not None]
    assert found[GATEWAY] == sum(one.amount_minor - one.refunded_minor for one in came)
    assert -found[FEES] == sum(
        (one.fee_minor or 0) - (one.fee_minor or 0) * one.refunded_minor // one.amount_minor for one in came
    )
    waiting: Counter[str] = Counter()
    for earning in demo.earnings:
        if earning.status is not EarningState.RELEASED:
            waiting[provider_account(earning.provider_id)] += earning.amount_minor
    for profile in demo.profiles:
        assert -found[provider_account(profile.id)] == waiting[provider_account(profile.id)]


def test_earnings_agree_with_payments(demo: Filling, now: datetime) -> None:
    """A contractor's earnings come to what payments left them; what is ripe is released."""
    earned: Counter[int] = Counter()
    for earning in demo.earnings:
        earned[earning.provider_id] += earning.amount_minor
        assert (earning.processed_at is not None) == (earning.status is EarningState.RELEASED)
        assert earning.processed_at is not None or earning.release_at > now
    shares: Counter[int] = Counter()
    for one in demo.payments:
        if one.processed_at is not None:
            fee = one.fee_minor or 0
            given = one.refunded_minor - fee * one.refunded_minor // one.amount_minor
            shares[one.provider_id] += one.amount_minor - fee - given
    assert earned == shares
    assert len({earning.id for earning in demo.earnings}) == len(demo.earnings)
