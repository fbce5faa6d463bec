"""Rooms as plain values: numbers, times, who has not read what, and what may not be."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.rooms import (
    MOST_CHARACTERS,
    MOST_MEMBERS,
    Member,
    Room,
    check_content,
    check_members,
)
from server.errors import Invalid

NINE = datetime(2024, 1, 15, 9, tzinfo=UTC)
ROOM = Room(1, (Member(7), Member(8), Member(9)), "Kitchen", NINE, NINE)


def test_a_message_changes_all_that_depends_on_it() -> None:
    """The room has one more message, its time and its words; it is unread by all but its sender."""
    message = ROOM.next_message(5, 8, "Monday?", NINE + timedelta(minutes=1))
    after = ROOM.with_message(message)
    assert (message.number, message.room_id, message.read_by) == (1, 1, (8,))
    assert (after.messages_count, after.revision, after.updated_at) == (1, 1, message.created_at)
    assert after.last_message is not None
    assert (after.last_message.id, after.last_message.content) == (5, "Monday?")
    assert [after.unread(user_id) for user_id in (7, 8, 9, 10)] == [1, 0, 1, 0]
    assert after.with_message(after.next_message(6, 7, "Yes", NINE)).messages_count == 2


def test_reading_counts_for_the_reader_alone() -> None:
    """Who has read is left with what is new since; the others' counts stay."""
    after = ROOM.with_message(ROOM.next_message(5, 8, "Monday?", NINE)).after_reading(9, 1)
    assert [after.unread(user_id) for user_id in (7, 8, 9)] == [1, 0, 0]
    message = ROOM.next_message(5, 8, "Monday?", NINE)
    assert message.seen(7).seen(7).read_by == (8, 7)


def test_a_clock_that_is_behind_does_not_turn_the_order_round() -> None:
    """A message is never earlier than the one before it."""
    later = ROOM.with_message(ROOM.next_message(5, 8, "Monday?", NINE + timedelta(minutes=1)))
    assert later.next_message(6, 7, "Yes", NINE).created_at == later.updated_at


@pytest.mark.parametrize("content", ["", " ", "\n\t", "\u200b", "\u00a0\u2003", "\u2060\ufeff"])
def test_what_shows_nothing_says_nothing(content: str) -> None:
    """Spaces of any kind and invisible characters alone are refused."""
    with pytest.raises(Invalid) as refused:
        check_content(content)
    assert set(refused.value.fields) == {"content"}


def test_limits_are_met_exactly() -> None:
    """The longest message and the largest room pass, one more of either does not."""
    check_content("नमस्ते 👋")
    check_content("x" * MOST_CHARACTERS)
    check_members(range(MOST_MEMBERS))
    with pytest.raises(Invalid):
        check_content("x" * (MOST_CHARACTERS + 1))
    for wrong in (range(1), range(MOST_MEMBERS + 1)):
        with pytest.raises(Invalid) as refused:
            check_members(wrong)
        assert set(refused.value.fields) == {"participants"}
