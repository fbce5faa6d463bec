"""The fee for calling a booking off: tiers by notice, grace, and whose fault it was."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.cancellation import CancellationPolicy
from server.domain.parties import Party
from server.errors import WrongTable
from server.marketplaces.homeserve import CANCELLATION

START = datetime(2024, 1, 15, 10, tzinfo=UTC)
LONG_AGO = START - timedelta(days=10)
PARTIES = st.sampled_from(list(Party))


def fee(notice: timedelta, fault: Party | None = Party.CUSTOMER, price_minor: int = 50000) -> int:
    now = START - notice
    return CANCELLATION.fee_minor(price_minor, fault, booked_at=LONG_AGO, starts_at=START, now=now)


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (timedelta(hours=24), 0),
        (timedelta(hours=24) - timedelta(seconds=1), 10000),
        (timedelta(hours=4), 10000),
        (timedelta(hours=4) - timedelta(seconds=1), 25000),
        (timedelta(0), 25000),
        (-timedelta(milliseconds=1), 50000),
        (-timedelta(days=2), 50000),
    ],
)
def test_tiers_at_their_edges(notice: timedelta, expected: int) -> None:
    """A day's notice is free, four hours cost a fifth, less a half, after the start it is the whole price."""
    assert fee(notice) == expected


def test_a_mistake_noticed_at_once_is_free() -> None:
    """Within five minutes of booking nothing is due, however near the start is."""
    booked = START - timedelta(hours=1)
    edge = timedelta(minutes=5)
    for since, expected in ((edge, 0), (edge + timedelta(milliseconds=1), 25000)):
        now = booked + since
        due = CANCELLATION.fee_minor(50000, Party.CUSTOMER, booked_at=booked, starts_at=START, now=now)
        assert due == expected


def test_nobody_at_fault_pays_nothing() -> None:
    """Without a fault there is no fee."""
    assert fee(timedelta(0), None) == 0


@given(PARTIES, st.integers(0, 10**9), st.integers(-100, 100), st.integers(0, 100))
def test_more_notice_never_costs_more(fault: Party, price: int, hours: int, more: int) -> None:
    """A fee lies between nothing and the price, and earlier notice never raises it."""
    late = fee(timedelta(hours=hours), fault, price)
    early = fee(timedelta(hours=hours + more), fault, price)
    assert 0 <= early <= late <= price


def test_a_table_in_disorder_is_refused() -> None:
    """A policy under which more notice costs more does not start."""
    policy = CancellationPolicy({Party.CUSTOMER: ((timedelta(hours=4), 0.5), (timedelta(0), 0.1))})
    with pytest.raises(WrongTable):
        policy.check()
