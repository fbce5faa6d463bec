"""Providers tell when they like to be asked: advice to customers, which binds nobody."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.openings import Opening
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Conflict, Invalid, NotFound
from server.services.audit import Audit
from server.services.bookings.eligibility import Eligibility
from server.store.database import Database
from server.store.ids import Ids
from server.store.marks import Marks
from server.store.openings import Openings as OpeningStore

ORDER = (("provider_id", 1), ("weekday", 1), ("start_minute", 1))
MOST_OPENINGS = 100
"""A provider's; more than any week has use for."""


class Openings:
    """Everybody reads them, providers write their own."""

    def __init__(
        self,
        database: Database,
        store: OpeningStore,
        ids: Ids,
        marks: Marks,
        eligibility: Eligibility,
        audit: Audit,
    ) -> None:
        self._database, self._store, self._ids, self._marks = database, store, ids, marks
        self._eligibility, self._audit = eligibility, audit

    async def list(self, provider_id: int | None, weekday: int | None, paging: Paging) -> Listed[Opening]:
        """Give one page, by provider, weekday and time; None means any."""
        narrowed = {"provider_id": provider_id, "weekday": weekday}
        where = {name: value for name, value in narrowed.items() if value is not None}
        return await self._store.page(where, paging, ORDER)

    async def get(self, opening_id: int) -> Opening:
        """Give anybody's; raises NotFound."""
        opening = await self._store.get(opening_id)
        if opening is None:
            raise NotFound("Availability slot not found")
        return opening

    async def add(
        self, caller: Caller, weekday: int, start_minute: int, end_minute: int, is_recurring: bool
    ) -> Opening:
        """Keep hours of the caller's; raises Invalid (order), Conflict when they overlap others."""
        provider = await self._eligibility.provider(caller.user_id)
        opening = Opening(
            id=await self._ids.next("openings"),
            provider_id=provider.id,
            provider_name=provider.public_name,
            weekday=weekday,
            start_minute=start_minute,
            end_minute=end_minute,
            is_recurring=is_recurring,
            created_at=clock.now(),
        )

        async def write() -> Opening:
            await self._check(opening)
            await self._store.insert(opening)
            await self._audit.record(caller, None, opening)
            return opening

        return await self._database.together(write)

    async def change(self, caller: Caller, opening_id: int, values: Mapping[str, Any]) -> Opening:
        """Set fields of hours of the caller's, and give them; raises NotFound, and as `add` does."""

        async def write() -> Opening:
            before = await self._own(caller, opening_id)
            after = replace(before, **values)
            if after != before:
                await self._check(after)
                await self._store.change(opening_id, values)
                await self._audit.record(caller, before, after)
            return after

        return await self._database.together(write)

    async def remove(self, caller: Caller, opening_id: int) -> None:
        """Forget hours of the caller's; raises NotFound."""

        async def write() -> None:
            opening = await self._own(caller, opening_id)
            await self._store.delete(opening_id)
            await self._audit.record(caller, opening, None)

        await self._database.together(write)

    async def _own(self, caller: Caller, opening_id: int) -> Opening:
        opening = await self.get(opening_id)
        if not (caller.is_staff or opening.provider_id == caller.user_id):
            raise NotFound("Availability slot not found")
        return opening

    async def _check(self, opening: Opening) -> None:
        """See that hours fit among their provider's others, in the transaction that writes them."""
        if opening.end_minute <= opening.start_minute:
            raise Invalid({"end_minute": ["The end must be after the start."]})
        # Those that are written at the same time meet in the mark: the second starts over and sees the first.
        await self._marks.touch(f"openings:{opening.provider_id}")
        others = await self._store.find({"provider_id": opening.provider_id})
        others = [one for one in others if one.id != opening.id]
        if len(others) >= MOST_OPENINGS:
            raise Conflict(f"There are at most {MOST_OPENINGS}.")
        if any(_overlap(one, opening) for one in others):
            raise Conflict("These hours overlap others of yours.")


def _overlap(one: Opening, other: Opening) -> bool:
    is_apart = one.end_minute <= other.start_minute or other.end_minute <= one.start_minute
    return one.weekday == other.weekday and not is_apart
