"""What travels by which channel."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.notifications import USUAL, Channel, Kind, Preferences

SERVICES = Path(__file__).parents[3] / "server" / "services"
TELLING = ("notify", "_tell", "_tell_other", "_tell_both")
KIND = re.compile("[a-z]+(_[a-z]+)+")


def told() -> Iterator[str]:
    """Give every kind that a service names in a call that tells somebody something."""
    for path in sorted(SERVICES.rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr in TELLING:
                texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str) and KIND.fullmatch(text))


def test_every_kind_is_in_the_table() -> None:
    """A kind says how it usually travels, and no service tells anybody anything of another kind."""
    assert set(USUAL) == set(Kind)
    named = set(told())
    assert len(named) > 10
    assert named <= set(Kind)


def test_the_socket_carries_everything() -> None:
    """Whatever a user has chosen, every kind reaches the socket, first and once."""
    silent = Preferences(1, email=False, sms=False, kinds=dict.fromkeys(Kind, (Channel.EMAIL,)))
    for kind in Kind:
        assert silent.channels(kind) == (Channel.WEBSOCKET,)
        assert Preferences(1).channels(kind)[0] is Channel.WEBSOCKET


@pytest.mark.parametrize(
    ("preferences", "channels"),
    [
        (Preferences(1), (Channel.WEBSOCKET, Channel.EMAIL, Channel.SMS)),
        (Preferences(1, sms=False), (Channel.WEBSOCKET, Channel.EMAIL)),
        (Preferences(1, kinds={"booking_cancelled": (Channel.SMS,)}), (Channel.WEBSOCKET, Channel.SMS)),
        (Preferences(1, sms=False, kinds={"booking_cancelled": (Channel.SMS,)}), (Channel.WEBSOCKET,)),
    ],
)
def test_a_switch_is_stronger_than_a_choice(preferences: Preferences, channels: tuple[Channel, ...]) -> None:
    """A kind's own channels replace the usual ones; a channel that is off carries nothing."""
    assert preferences.channels(Kind.BOOKING_CANCELLED) == channels


def test_a_choice_can_be_taken_back() -> None:
    """What is not named stays as it was, and None brings the usual channels of a kind back."""
    chosen = Preferences(1).changed(False, None, {Kind.BONUS_ALERT: (Channel.SMS, Channel.SMS)})
    assert chosen == Preferences(1, email=False, kinds={Kind.BONUS_ALERT: (Channel.SMS,)})
    assert chosen.changed(True, None, {Kind.BONUS_ALERT: None}) == Preferences(1)
