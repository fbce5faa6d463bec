"""A booking's life as a table.

State names belong to the marketplace. The core knows five phases and hangs its effects on entering them:

    OFFERED   asked for; a named provider's time is held
    AGREED    a provider has taken it
    UNDERWAY  the work has begun
    DONE      the work is finished; a payment opens, where visits are charged for
    ENDED     called off; the time is free again

`step` is pure: it returns the new state and the effects to carry out. An illegal move raises and
changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.domain.parties import Party
from server.errors import Forbidden, InvalidMove, WrongTable


class Phase(StrEnum):
    OFFERED = "offered"
    AGREED = "agreed"
    UNDERWAY = "underway"
    DONE = "done"
    ENDED = "ended"


LIVE = frozenset({Phase.OFFERED, Phase.AGREED, Phase.UNDERWAY})
"""Phases in which a booking counts as demand and holds its provider's time."""


class Effect(StrEnum):
    """What a service carries out when a booking enters a phase."""

    HOLD = "hold the provider's time"
    BEGIN = "note when the work began"
    FREE = "free the provider's time"
    FINISH = "note when the work ended"
    CHARGE = "open the payment"


_EFFECTS: Mapping[Phase, tuple[Effect, ...]] = {
    Phase.OFFERED: (),
    Phase.AGREED: (Effect.HOLD,),
    Phase.UNDERWAY: (Effect.BEGIN,),
    Phase.DONE: (Effect.FINISH, Effect.CHARGE),
    Phase.ENDED: (Effect.FREE,),
}


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action leads, and which parties may take it.

    by_other : only the side that did not move the booking last, which thereby agrees; staff always may
    """

    to: str
    by: frozenset[Party]
    by_other: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a legal move."""

    state: str
    phase: Phase
    effects: tuple[Effect, ...]
    by_other: bool = False


@dataclass(frozen=True)
class Lifecycle:
    """start: the first state; phases: each state's phase; moves: (state, action) -> Move.

    charges : False: a finished visit opens no payment; customers pay by themselves
    """

    start: str
    phases: Mapping[str, Phase]
    moves: Mapping[tuple[str, str], Move]
    charges: bool = True

    def __post_init__(self) -> None:
        if self.start not in self.phases:
            raise WrongTable(f"lifecycle: start state {self.start!r} has no phase")
        for (state, action), move in self.moves.items():
            for name in (state, move.to):
                if name not in self.phases:
                    raise WrongTable(f"lifecycle: move ({state!r}, {action!r}) names unknown state {name!r}")
            if not move.by:
                raise WrongTable(f"lifecycle: move ({state!r}, {action!r}) is open to nobody")
        unreachable = set(self.phases) - self._reachable()
        if unreachable:
            raise WrongTable(f"lifecycle: states never reached: {', '.join(sorted(unreachable))}")

    def _reachable(self) -> set[str]:
        seen, queue = {self.start}, [self.start]
        while queue:
            state = queue.pop()
            for (origin, _), move in self.moves.items():
                if origin == state and move.to not in seen:
                    seen.add(move.to)
                    queue.append(move.to)
        return seen

    def step(self, state: str, action: str, party: Party) -> Step:
        """Give the state that `action` by `party` leads to, with the effects of entering its phase.

        raises : InvalidMove when the state has no such action, Forbidden when it is not this party's
        """
        move = self.moves.get((state, action))
        if move is None:
            raise InvalidMove(f"Cannot {action} a booking that is {state}.", state=state, action=action)
        if party not in move.by:
            raise Forbidden()
        phase = self.phases[move.to]
        entered = phase is not self.phases[state]
        effects = _EFFECTS[phase] if entered else ()
        if not self.charges:
            effects = tuple(effect for effect in effects if effect is not Effect.CHARGE)
        return Step(move.to, phase, effects, move.by_other)

    def action_to(self, state: str, target: str) -> str:
        """Give the action that leads from `state` to `target`, for clients that name states, not actions.

        raises : InvalidMove when no single move leads there
        """
        for (origin, action), move in self.moves.items():
            if origin == state and move.to == target:
                return action
        raise InvalidMove(f"A {state} booking cannot become {target}.", state=state, action=target)

    def states_in(self, *phases: Phase) -> tuple[str, ...]:
        """Give the states whose phase is one of `phases`, in table order."""
        return tuple(state for state, phase in self.phases.items() if phase in phases)
