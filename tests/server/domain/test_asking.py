"""How much may be asked for: what counts, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.asking import Asked, AskingLimits, check_pace, check_waiting
from server.errors import Conflict, TooMany

NOW = datetime(2030, 1, 15, 12, tzinfo=UTC)
LIMITS = AskingLimits(with_one=2, hours_with_one=4, in_all=3, an_hour_with_one=2)


def asked(
    provider_id: int = 1, *, is_open: bool = True, ahead: int = 24, hours: int = 1, ago: int = 120
) -> Asked:
    """Give a booking that begins in so many hours and was made so many minutes ago."""
    starts_at = NOW + timedelta(hours=ahead)
    return Asked(
        provider_id, is_open, starts_at, starts_at + timedelta(hours=hours), NOW - timedelta(minutes=ago)
    )


@pytest.mark.parametrize(
    "others",
    [
        [],
        [asked()],
        [asked(), asked(2), asked(2, is_open=False)],
        [asked(is_open=False), asked(is_open=False)],
        [asked(ahead=-1), asked(ahead=0)],
        [asked(hours=3)],
        [asked(2, hours=50)],
    ],
    ids=["none", "one", "others", "answered", "past", "as long as may be", "long with another"],
)
def test_what_was_answered_or_is_over_does_not_count(others: list[Asked]) -> None:
    """Only unanswered bookings to come count, those with one provider apart from all."""
    check_waiting(LIMITS, others, asked(), NOW)


@pytest.mark.parametrize(
    "others",
    [[asked(), asked()], [asked(), asked(2), asked(3)], [asked(hours=4)]],
    ids=["with one", "in all", "hours"],
)
def test_too_much_is_refused(others: list[Asked]) -> None:
    """Each limit by itself."""
    with pytest.raises(Conflict):
        check_waiting(LIMITS, others, asked(), NOW)


def test_the_pace_counts_whatever_became_of_it() -> None:
    """Bookings of the last hour count, answered or not; it is told when the next may be made."""
    check_pace(LIMITS, [asked(ago=61), asked(ago=30), asked(2, ago=20)], 1, NOW)
    with pytest.raises(TooMany) as refused:
        check_pace(LIMITS, [asked(ago=50, is_open=False), asked(ago=30), asked(ago=70)], 1, NOW)
    assert refused.value.facts == {"retry_after_seconds": 600}
