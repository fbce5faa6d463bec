"""A signature's states: what may follow what, and when its time is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from server.domain.signatures import Signature, SignatureState
from server.errors import InvalidMove

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
OPEN = Signature("s", "b", "AC Repair", 1, 2, SignatureState.PENDING, NOON, NOON + timedelta(hours=48))
LEGAL = {
    ("pending", "signed"),
    ("pending", "refused"),
    ("pending", "expired"),
    ("refused", "pending"),
    ("expired", "pending"),
}


@pytest.mark.parametrize(("state", "to"), list(product(SignatureState, repeat=2)))
def test_moves(state: SignatureState, to: SignatureState) -> None:
    """What is signed stays signed; what was refused or ran out may be asked for anew; nothing else moves."""
    signature = replace(OPEN, state=state)
    if (state, to) in LEGAL:
        signature.check_move(to)
        return
    with pytest.raises(InvalidMove) as refused:
        signature.check_move(to)
    assert refused.value.facts == {"state": state}


def test_it_is_open_until_its_time_is_over() -> None:
    """One millisecond before the end it is open, at the end it is expired; other states have no end."""
    last = OPEN.expires_at - timedelta(milliseconds=1)
    assert (OPEN.at(last).state, OPEN.at(OPEN.expires_at).state) == ("pending", "expired")
    for state in (SignatureState.SIGNED, SignatureState.REFUSED):
        assert replace(OPEN, state=state).at(OPEN.expires_at).state is state


def test_the_hash_is_of_the_record_alone() -> None:
    """Equal records have equal hashes, whatever else differs; the text does not depend on the machine."""
    signed = replace(OPEN, state=SignatureState.SIGNED, signed_at=NOON, rating=5, comments="Gut, नमस्ते")
    assert signed.record() == (
        '{"booking":"b","comments":"Gut, नमस्ते","rating":5,"signature":"s",'
        '"signed_at":"2026-01-15T12:00:00+00:00","signed_by":1}'
    )
    digest = "a12e381e70a96fed9433371d19e38a6e17cf3f3defcbfe882c82acb08da8ed8b"
    assert signed.digest_now() == replace(signed, service_name="Painting", revision=7).digest_now() == digest
