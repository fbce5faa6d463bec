"""The demo's money: contractors' accounts, and what clients paid them for finished appointments."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import cycle
from random import Random
from uuid import NAMESPACE_URL, uuid5

from server.demo.money import Money, captured, refunded, released, shares_of_refund, transferred
from server.domain.entities import Booking
from server.domain.payments import Earning, EarningState, Payment, PaymentKind, PaymentState, fee_of
from server.domain.payouts import AccountState, PayoutAccount
from server.domain.profiles import Profile
from server.marketplaces.alist import ALIST

PAID_FOR = 0.7
"""Share of finished appointments that clients pay for here."""

_AFTER = timedelta(minutes=25)
"""From a payment's opening to what became of it, at most."""
_BACK_AFTER = timedelta(days=1)
"""From a payment to its refund."""
_OUTCOMES = {
    PaymentState.COMPLETED: 78,
    PaymentState.PENDING: 6,
    PaymentState.PROCESSING: 4,
    PaymentState.FAILED: 5,
    PaymentState.REFUNDED: 4,
    PaymentState.PARTIALLY_REFUNDED: 3,
}
_CAME = (PaymentState.COMPLETED, PaymentState.REFUNDED, PaymentState.PARTIALLY_REFUNDED)


def payouts(profiles: Sequence[Profile]) -> list[PayoutAccount]:
    """Give the accounts of the onboarded contractors, and two whose onboarding was begun."""
    waiting = [profile for profile in profiles if not profile.is_onboarded][:2]
    return [_account(profile) for profile in profiles if profile.is_onboarded or profile in waiting]


def purses(
    seed: int,
    now: datetime,
    bookings: Sequence[Booking],
    accounts: Sequence[PayoutAccount],
    fee_fraction: float,
) -> Money:
    """Give direct payments to onboarded contractors until `now`, with the ledger; numbered in order of time.

    Those of client1 to contractor1 are in every state.
    """
    rng, turns = Random(f"alist-purses-{seed}"), cycle(_OUTCOMES)
    payable = {account.id: account.account_id for account in accounts if account.state.is_complete}
    first = min(booking.customer_id for booking in bookings)
    opened: list[Payment] = []
    for booking in bookings:
        is_regular = (booking.provider_id, booking.customer_id) == (1, first)
        if booking.completed_at is None or booking.provider_id not in payable:
            continue
        at = booking.completed_at + timedelta(minutes=rng.randint(5, 600))
        state = _outcome(rng, turns if is_regular else None)
        if (is_regular or rng.random() < PAID_FOR) and at + _AFTER <= now:
            account_id = payable[booking.provider_id]
            opened.append(_payment(rng, now, booking, state, at, account_id, fee_fraction))
    opened.sort(key=lambda payment: (payment.created_at, payment.intent_id))
    money = Money()
    for number, payment in enumerate(opened, 1):
        _move(money, replace(payment, id=str(number)), now)
    return money


def _account(profile: Profile) -> PayoutAccount:
    started, state = profile.created_at + timedelta(hours=1), AccountState(True, True, True)
    account = PayoutAccount(profile.id, f"acct_mock_{_code('account', profile.id)}", started)
    if not profile.is_onboarded:
        return account.told(AccountState(details_submitted=True), started + timedelta(hours=1))
    return account.told(state, started + timedelta(days=2))


def _outcome(rng: Random, turns: Iterator[PaymentState] | None) -> PaymentState:
    if turns is not None:
        return next(turns)
    return rng.choices(list(_OUTCOMES), list(_OUTCOMES.values()))[0]


def _payment(
    rng: Random,
    now: datetime,
    booking: Booking,
    state: PaymentState,
    at: datetime,
    account_id: str,
    fee_fraction: float,
) -> Payment:
    """Give a payment as it stands now; its id is still to be given."""
    code = _code("intent", booking.id)
    settled = at + timedelta(minutes=rng.randint(1, _AFTER // timedelta(minutes=1)))
    refunded_minor = {
        PaymentState.REFUNDED: booking.price_minor,
        PaymentState.PARTIALLY_REFUNDED: booking.price_minor // 4,
    }
    changed = at if state is PaymentState.PENDING else settled
    if state in refunded_minor:
        changed = min(settled + _BACK_AFTER, now)
    return Payment(
        id="",
        customer_id=booking.customer_id,
        provider_id=booking.provider_id or 0,
        customer_name=booking.customer_name,
        provider_name=booking.provider_name or "",
        amount_minor=booking.price_minor,
        currency=ALIST.currency,
        description=f"{booking.service_name}: {booking.customer_notes.partition(' - ')[0]}",
        status=state,
        kind=PaymentKind.AUTOMATIC,
        intent_id=f"pi_mock_{code}",
        secret=f"pi_mock_{code}_secret",
        account_id=account_id,
        fee_minor=fee_of(booking.price_minor, fee_fraction),
        created_at=at,
        updated_at=changed,
        charge_id=f"ch_mock_{code}" if state in _CAME else None,
        processed_at=settled if state in _CAME else None,
        refunded_minor=refunded_minor.get(state, 0),
    )


def _move(money: Money, payment: Payment, now: datetime) -> None:
    """Add a payment, and for one that came what it moved: contractors have their share at once."""
    money.payments.append(payment)
    at, fee = payment.processed_at, payment.fee_minor or 0
    if at is None:
        return
    net = payment.amount_minor - fee
    money.entries.extend((captured(payment, fee, at), transferred(payment, net, at)))
    money.earnings.append(_earning(payment, f"capture:{payment.id}", net, at, now))
    if payment.refunded_minor:
        share, _ = shares_of_refund(payment, fee)
        back_at = payment.updated_at
        owed = _earning(payment, f"refund:{payment.id}", -share, back_at, now)
        money.entries.append(refunded(payment, fee, back_at))
        money.earnings.append(owed)
        if owed.processed_at is not None:
            money.entries.append(released(owed, owed.processed_at))


def _earning(payment: Payment, key: str, amount_minor: int, at: datetime, now: datetime) -> Earning:
    """Give what a contractor got, or owes, which is taken back when its time has come."""
    release_at = at + timedelta(days=ALIST.earning_hold_days)
    processed_at = at if amount_minor > 0 else release_at if release_at <= now else None
    return Earning(
        id=str(uuid5(NAMESPACE_URL, f"{ALIST.name}:{key}")),
        provider_id=payment.provider_id,
        provider_name=payment.provider_name,
        booking_id=None,
        service_name=payment.description,
        customer_name=payment.customer_name,
        amount_minor=amount_minor,
        status=EarningState.PENDING if processed_at is None else EarningState.RELEASED,
        release_at=release_at,
        created_at=at,
        processed_at=processed_at,
    )


def _code(what: str, id: int | str) -> str:
    return sha256(f"alist:{what}:{id}".encode()).hexdigest()[:24]
