"""The transaction that is open in this context."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from server.store.turns import Held

Closing = Callable[[Sequence[Any]], Awaitable[None]]
"""What ends a transaction: it is given every note that was left for it, in their order."""


@dataclass(slots=True)
class Unit:
    """A transaction, what waits for its end and its commit, and what its work has found out."""

    session: Any
    """The driver's."""
    turns: Held
    callbacks: dict[Callable[[], Awaitable[None]], None] = field(default_factory=dict)
    answers: dict[Hashable, Any] = field(default_factory=dict)
    notes: dict[Closing, list[Any]] = field(default_factory=dict)
    last: dict[Closing, list[Any]] = field(default_factory=dict)

    async def close(self) -> None:
        """Do the last of the work; what it leaves notes for follows."""
        while left := self.notes or self.last:
            closing = next(iter(left))
            await closing(left.pop(closing))


current: ContextVar[Unit | None] = ContextVar("unit", default=None)
