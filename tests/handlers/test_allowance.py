"""What one user may say over all their sockets."""

from handlers.allowance import MESSAGES_PER_SECOND, Allowances


def test_a_user_says_so_much_a_second() -> None:
    """What all their sockets say together is counted, anew each second; others have counts of their own."""
    allowances = Allowances()
    sockets = [allowances.of("tiny", 1) for _ in range(2)]
    said = [sockets[turn % 2].may_speak(7.5) for turn in range(MESSAGES_PER_SECOND + 5)]
    assert said == [True] * MESSAGES_PER_SECOND + [False] * 5
    assert allowances.of("tiny", 2).may_speak(7.5)
    assert allowances.of("other", 1).may_speak(7.5)
    assert sockets[0].may_speak(8.0)
