"""The lifecycle table: legal moves, illegal moves, and tables that contradict themselves."""

from dataclasses import replace

import pytest

from server.domain.lifecycle import Effect, Lifecycle, Move, Phase
from server.domain.parties import Party
from server.errors import Forbidden, InvalidMove, WrongTable
from server.marketplaces.homeserve import LIFECYCLE

PROVIDER = frozenset({Party.PROVIDER})


def test_a_legal_move_gives_the_state_and_the_effects_of_entering_its_phase() -> None:
    """Accepting leads to confirmed and holds the time; ending frees it; finishing charges."""
    assert LIFECYCLE.step("pending", "accept", Party.PROVIDER).effects == (Effect.HOLD,)
    assert LIFECYCLE.step("pending", "cancel", Party.CUSTOMER).effects == (Effect.FREE,)
    done = (Effect.FINISH, Effect.CHARGE)
    finished = LIFECYCLE.step("in_progress", "complete", Party.PROVIDER)
    assert (finished.state, finished.phase, finished.effects) == ("completed", Phase.DONE, done)


def test_moving_within_a_phase_has_no_effects() -> None:
    """Only entering a phase has effects, so that a second state of a phase does not repeat them."""
    table = Lifecycle(
        start="asked",
        phases={"asked": Phase.OFFERED, "seen": Phase.OFFERED, "taken": Phase.AGREED},
        moves={("asked", "look"): Move("seen", PROVIDER), ("seen", "take"): Move("taken", PROVIDER)},
    )
    assert table.step("asked", "look", Party.PROVIDER).effects == ()


@pytest.mark.parametrize("state", LIFECYCLE.phases)
@pytest.mark.parametrize("action", ["accept", "start", "complete", "cancel", "reschedule", "dance"])
@pytest.mark.parametrize("party", list(Party))
def test_every_move_outside_the_table_is_refused(state: str, action: str, party: Party) -> None:
    """What the table does not list raises InvalidMove, and what it lists for others raises Forbidden."""
    move = LIFECYCLE.moves.get((state, action))
    if move is None:
        with pytest.raises(InvalidMove) as refused:
            LIFECYCLE.step(state, action, party)
        assert refused.value.facts == {"state": state, "action": action}
    elif party not in move.by:
        with pytest.raises(Forbidden):
            LIFECYCLE.step(state, action, party)
    else:
        assert LIFECYCLE.step(state, action, party).state == move.to


@pytest.mark.parametrize(
    ("start", "phases", "moves", "named"),
    [
        ("lost", {"asked": Phase.OFFERED}, {}, "lost"),
        ("asked", {"asked": Phase.OFFERED, "alone": Phase.ENDED}, {}, "alone"),
        ("asked", {"asked": Phase.OFFERED}, {("asked", "go"): Move("nowhere", PROVIDER)}, "nowhere"),
        ("asked", {"asked": Phase.OFFERED}, {("asked", "stay"): Move("asked", frozenset())}, "stay"),
    ],
)
def test_a_wrong_table_is_refused_and_named(
    start: str, phases: dict[str, Phase], moves: dict[tuple[str, str], Move], named: str
) -> None:
    """A lifecycle that contradicts itself cannot be built, and the message names the row."""
    with pytest.raises(WrongTable, match=named):
        Lifecycle(start, phases, moves)


def test_a_state_is_reached_by_naming_it() -> None:
    """Clients that name states get the action that leads there, or a refusal."""
    assert LIFECYCLE.action_to("confirmed", "in_progress") == "start"
    with pytest.raises(InvalidMove):
        LIFECYCLE.action_to("completed", "pending")


def test_a_marketplace_may_charge_nothing_for_visits() -> None:
    """Then finishing is noted and opens no payment."""
    step = replace(LIFECYCLE, charges=False).step("in_progress", "complete", Party.PROVIDER)
    assert step.effects == (Effect.FINISH,)
