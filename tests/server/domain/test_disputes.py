"""States, severity and read marks of disputes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.disputes import (
    KIND_POINTS,
    DisputeState,
    DisputeType,
    Severity,
    SeverityPolicy,
    is_read,
)
from server.errors import InvalidMove, WrongTable
from server.marketplaces.homeserve import SEVERITY
from tests.server.domain.quarrel import CUSTOMER, PROVIDER, a_dispute, a_message

SOON = timedelta(hours=1)
CHEAP, DEAR = 100_00, 5_000_00


def test_no_state_follows_the_end() -> None:
    """What is resolved or closed stays so; what is not may be settled, or given to somebody else."""
    for ended in (DisputeState.RESOLVED, DisputeState.CLOSED):
        for state in DisputeState:
            with pytest.raises(InvalidMove):
                a_dispute(state=ended).check_move(state)
        with pytest.raises(InvalidMove):
            a_dispute(state=ended).check_unsettled()
    for live in (DisputeState.OPEN, DisputeState.IN_PROGRESS):
        for state in set(DisputeState) - {DisputeState.OPEN}:
            a_dispute(state=live).check_move(state)
        with pytest.raises(InvalidMove):
            a_dispute(state=live).check_move(DisputeState.OPEN)


@pytest.mark.parametrize("kind", DisputeType)
def test_severity_rises_with_what_is_at_stake(kind: DisputeType) -> None:
    """For every kind a dear visit weighs more than a cheap one, and pictures and haste never less."""
    policy = SEVERITY
    cheap = policy.severity(kind, CHEAP, has_pictures=False, waited=SOON)
    assert policy.severity(kind, DEAR, has_pictures=False, waited=SOON).grade > cheap.grade
    assert policy.severity(kind, CHEAP, has_pictures=True, waited=SOON).grade >= cheap.grade
    assert policy.severity(kind, CHEAP, has_pictures=False, waited=policy.late_after).grade <= cheap.grade


def test_every_severity_is_reached() -> None:
    """Between a cheap quarrel and dear damage lie all four."""
    found = {
        SEVERITY.severity(kind, price, has_pictures=has_pictures, waited=SOON)
        for kind in DisputeType
        for price in (CHEAP, DEAR)
        for has_pictures in (False, True)
    }
    assert found == set(Severity)


def test_a_table_that_contradicts_itself_is_refused() -> None:
    """A kind without points and floors that do not rise do not start."""
    with pytest.raises(WrongTable):
        SeverityPolicy(kinds={DisputeType.DAMAGE: 1}).check()
    with pytest.raises(WrongTable):
        SeverityPolicy(kinds=KIND_POINTS, floors=(2, 2, 6)).check()


def test_a_message_is_read_by_whom_it_is_for() -> None:
    """One of several readers has read it for themselves; for others it is read when all have."""
    message = a_message(99, recipients=(CUSTOMER, PROVIDER))
    half = replace(message, unread_by=(PROVIDER,))
    seen = [is_read(half.recipient_ids, half.unread_by, user) for user in (CUSTOMER, PROVIDER, 99)]
    assert seen == [True, False, False]
    assert is_read(message.recipient_ids, (), 99)
