"""Contenders for one task, timed in turn: what slows the machine for a moment slows all of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Any

SHORTEST_SECONDS = 0.002
"""A lap repeats its call until it is at least this long, so that the clock's grain does not show."""


@dataclass(frozen=True)
class Result:
    """One line of a table.

    value      : a time, or what else was measured, in words
    times_ours : how many times longer than ours, the median over the rounds; None for what is no time
    must       : what was demanded, if anything, and whether it `is_met`
    """

    group: str
    name: str
    value: str
    times_ours: float | None = None
    must: str = ""
    is_met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "missed"}[self.is_met]


@dataclass
class Races:
    """All that was measured in one run."""

    results: list[Result] = field(default_factory=list)

    def run(
        self,
        group: str,
        contenders: Mapping[str, Callable[[], Any]],
        *,
        rounds: int = 15,
        must: Mapping[str, float] = MappingProxyType({}),
        within_seconds: float | None = None,
    ) -> dict[str, Any]:
        """Time contenders, ours first, round by round; give what each answered last.

        must : for a peer, how many times our time it must take at least; below 1 for a limit
        within_seconds : what our median must keep
        """
        answers = {name: call() for name, call in contenders.items()}  # warms up
        repeats = {name: _repeats(call) for name, call in contenders.items()}
        laps: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds):
            for name, call in contenders.items():
                laps[name].append(_lap(call, repeats[name]))
        ours = next(iter(laps))
        for name, seconds in laps.items():
            times = median(theirs / our for theirs, our in zip(seconds, laps[ours], strict=True))
            wanted, is_met = "", None
            if name in must:
                wanted, is_met = f">= {must[name]:.3g}x", times >= must[name]
            elif name == ours and within_seconds is not None:
                wanted, is_met = f"<= {in_words(within_seconds)}", median(seconds) <= within_seconds
            self.results.append(Result(group, name, in_words(median(seconds)), times, wanted, is_met))
        return answers

    def quality(self, group: str, name: str, value: str, must: str = "", is_met: bool | None = None) -> None:
        """Report what is no time: a gap, an error, a stall."""
        self.results.append(Result(group, name, value, must=must, is_met=is_met))


def in_words(seconds: float) -> str:
    """Give three digits and a unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _lap(call: Callable[[], Any], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - began) / repeats


def _repeats(call: Callable[[], Any]) -> int:
    repeats = 1
    while (seconds := _lap(call, repeats) * repeats) < SHORTEST_SECONDS:
        repeats = max(2 * repeats, round(repeats * SHORTEST_SECONDS / max(seconds, 1e-9)))
    return repeats
