"""What one user may hold and say over all their sockets."""

import pytest

from handlers.allowance import MAX_CONNECTIONS, MESSAGES_PER_SECOND, Allowances
from server.errors import TooMany


def test_a_user_holds_so_many_sockets_and_no_more() -> None:
    """The one too many is refused until another is given back; other users and marketplaces are untouched."""
    allowances = Allowances()
    for _ in range(MAX_CONNECTIONS):
        allowances.take("tiny", 1)
    with pytest.raises(TooMany):
        allowances.take("tiny", 1)
    allowances.take("tiny", 2)
    allowances.take("other", 1)
    allowances.give_back("tiny", 1)
    allowances.take("tiny", 1)


def test_a_user_says_so_much_a_second() -> None:
    """What all their sockets say together is counted, anew each second."""
    allowances = Allowances()
    sockets = [allowances.take("tiny", 1) for _ in range(2)]
    said = [sockets[turn % 2].may_speak(7.5) for turn in range(MESSAGES_PER_SECOND + 5)]
    assert said == [True] * MESSAGES_PER_SECOND + [False] * 5
    assert sockets[0].may_speak(8.0)
