"""The audit: every change a service makes leaves an entry in the same transaction."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from server import clock
from server.domain.changes import Change, differences
from server.domain.parties import Caller
from server.store.changes import Changes
from server.store.ids import Ids

SYSTEM = "system"
"""The role of background work."""

client_address: ContextVar[str] = ContextVar("client_address", default="")
"""Where the request in this context came from; the dispatcher sets it."""


Watcher = Callable[[Any | None, Any | None], None]
"""(before, after): as `Audit.record` is given them."""


class Audit:
    """Writes entries; a change that is undone leaves none."""

    def __init__(self, changes: Changes, ids: Ids) -> None:
        self._changes, self._ids = changes, ids
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have somebody hear of every change that is recorded, inside its transaction."""
        self._watchers.append(watcher)

    def mention(self, before: Any | None, after: Any | None) -> None:
        """Have the watchers hear of a change that leaves no entry: what people tell each other, and read."""
        if before != after:
            for watcher in self._watchers:
                watcher(before, after)

    async def record(
        self, caller: Caller | None, before: Any | None, after: Any | None, action: str | None = None
    ) -> None:
        """Keep who changed an entity from `before` to `after`; None stands for "was not" and "is no more".

        caller : None when nobody asked: background work
        action : create, update or delete by itself
        """
        entity = before if after is None else after
        self.mention(before, after)
        old, new = differences(before, after)
        if not old and not new:
            return
        usual = "create" if before is None else "delete" if after is None else "update"
        at = clock.now()
        await self._changes.insert(
            Change(
                id=await self._ids.next("changes"),
                user_id=caller.user_id if caller else None,
                role=caller.role if caller else SYSTEM,
                action=action or usual,
                subject=type(entity).__name__,
                subject_id=str(getattr(entity, "id", "")),
                at=at,
                date=at.date().isoformat(),
                address=client_address.get(),
                old=old,
                new=new,
            )
        )
