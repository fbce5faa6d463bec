"""How long a fleet's search may go on, and who is told how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.fleet.problem import Progress

PROGRESS_SECONDS = 0.2

OnProgress = Callable[[Progress], None]


@dataclass
class Budget:
    """When to stop, asked by the search between iterations; tells progress on the way.

    seconds, iterations : whichever ends first; None for no bound
    left_out : penalties of jobs that the search is not given, added to the costs that are told
    """

    seconds: float | None
    iterations: int | None = None
    on_progress: OnProgress | None = None
    left_out: int = 0
    parent: "Budget | None" = None

    def __post_init__(self) -> None:
        self.began = self._told = time.perf_counter()
        self.done = 0

    def __call__(self, best_cost: int) -> bool:
        budget: Budget | None = self
        while budget is not None:
            budget.done += 1
            budget = budget.parent
        if self.on_progress is not None and time.perf_counter() - self._told >= PROGRESS_SECONDS:
            self.tell(best_cost)
        return self.fraction(time.perf_counter()) >= 1

    def tell(self, best_cost: int) -> None:
        """Tell progress, whenever it was told last."""
        self._told = time.perf_counter()
        if self.on_progress is not None:
            self.on_progress(Progress(self.fraction(self._told), int(best_cost) + self.left_out, self.done))

    def fraction(self, now: float) -> float:
        """Give the share that is spent, 0..1."""
        spent = 0.0
        if self.seconds is not None:
            spent = (now - self.began) / self.seconds if self.seconds > 0 else 1.0
        if self.iterations is not None:
            spent = max(spent, self.done / self.iterations if self.iterations > 0 else 1.0)
        return min(1.0, spent)

    def rest(self, share: float) -> "Budget":
        """Give a share of what is left, which is spent from here too; it tells nobody."""
        left = share * (1 - self.fraction(time.perf_counter()))
        seconds = self.seconds * left if self.seconds is not None else None
        iterations = max(1, round(self.iterations * left)) if self.iterations is not None else None
        return Budget(seconds, iterations, parent=self)
