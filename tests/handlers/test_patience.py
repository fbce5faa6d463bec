"""How long clients are waited for, by a clock that a test moves."""

import pytest

from handlers.patience import (
    BODY_BYTES_A_SECOND,
    BODY_SECONDS,
    FOREVER,
    HEAD_SECONDS,
    IDLE_SECONDS,
    READ_SECONDS,
    Patience,
)


class Clock:
    """Seconds that pass when they are told to."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_head_has_its_time_from_the_first_byte_on(clock: Clock) -> None:
    """More bytes bring no more time; who waits for an answer is not hurried."""
    patience = Patience(clock)
    assert patience.deadline == 1000 + IDLE_SECONDS
    patience.head(1, is_answering=False)
    clock.seconds += 20
    patience.head(1, is_answering=False)
    assert (patience.deadline, patience.head_bytes) == (1000 + HEAD_SECONDS, 2)
    patience.answer_begins()
    patience.head(1, is_answering=True)
    assert patience.deadline == FOREVER


def test_a_body_may_pause_and_not_crawl(clock: Clock) -> None:
    """Each piece of a quick body allows the next pause; single bytes do not keep a connection."""
    patience = Patience(clock)
    patience.body_begins()
    for _ in range(10):
        clock.seconds += BODY_SECONDS - 1
        patience.body(int(BODY_SECONDS * BODY_BYTES_A_SECOND))
        assert patience.deadline == clock.seconds + BODY_SECONDS
    patience.body_begins()
    begun = clock.seconds
    for _ in range(3):
        clock.seconds += BODY_SECONDS / 2
        patience.body(1)
    assert patience.deadline < begun + BODY_SECONDS + 1 < clock.seconds


def test_who_was_answered_has_time_to_read_and_to_ask_again(clock: Clock) -> None:
    """A request that has been begun meanwhile is to be finished soon."""
    patience = Patience(clock)
    patience.answer_waits()
    assert patience.deadline == 1000 + READ_SECONDS
    patience.request_waits()
    assert patience.deadline == 1000 + IDLE_SECONDS
    patience.head(1, is_answering=True)
    patience.request_waits()
    assert patience.deadline == 1000 + HEAD_SECONDS
