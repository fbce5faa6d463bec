"""Dispatches: asked for, proposed, applied."""

from collections.abc import Sequence
from typing import Any

from server.domain.dispatch import Dispatch, DispatchState
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index


class Dispatches(Collection[Dispatch]):
    """Every run, newest first."""

    NAME = "dispatches"
    ENTITY = Dispatch
    INDEXES = (
        Index("date_state", (("date", 1), ("state", 1))),
        Index("state", (("state", 1), ("created_at", -1))),
        Index("created", (("created_at", -1),)),
    )

    async def of_date(self, date: str, states: Sequence[DispatchState]) -> list[Dispatch]:
        return [one for state in states for one in await self.find({"date": date, "state": state})]

    async def listed(self, date: str | None, state: DispatchState | None, paging: Paging) -> Listed[Dispatch]:
        given: dict[str, Any] = {"date": date, "state": state}
        where = {name: value for name, value in given.items() if value is not None}
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))
