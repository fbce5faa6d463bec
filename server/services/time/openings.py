"""Providers tell when they like to be asked: advice to customers, which binds nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.entities import User
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
from server.store.users import Users

ORDER = (("provider_id", 1), ("weekday", 1), ("start_minute", 1))
MOST_OPENINGS = 100
"""A provider's; more than any week has use for."""


class Openings:
    """Everybody reads them, providers write their own."""

    def __init__(
        self,
        database: Database,
        store: OpeningStore,
        users: Users,
        ids: Ids,
        marks: Marks,
        eligibility: Eligibility,
        audit: Audit,
    ) -> None:
        self._database, self._store, self._users = database, store, users
        self._ids, self._marks = ids, marks
        self._eligibility, self._audit = eligibility, audit

    async def list(
        self, provider_id: int | None, weekday: int | None, paging: Paging
    ) -> Listed[tuple[Opening, User]]:
        """Give one page with its providers, by provider, weekday and time; None means any."""
        narrowed = {"provider_id": provider_id, "weekday": weekday}
        where = {name: value for name, value in narrowed.items() if value is not None}
        listed = await self._store.page(where, paging, ORDER)
        people = await self._people(listed.items)
        return listed.map(lambda one: (one, people[one.provider_id]))

    async def get(self, opening_id: int) -> tuple[Opening, User]:
        """Give anybody's, and whose; raises NotFound."""
        opening = await self._one(opening_id)
        return opening, (await self._people([opening]))[opening.provider_id]

    async def add(
        self, caller: Caller, weekday: int, start_minute: int, end_minute: int, is_recurring: bool
    ) -> tuple[Opening, User]:
        """Keep hours of the caller's, and give both; raises Invalid (order), Conflict (others overlap)."""
        provider = await self._eligibility.provider(caller.user_id)
        opening = Opening(
            id=await self._ids.next("openings"),
            provider_id=provider.id,
            weekday=weekday,
            start_minute=start_minute,
            end_minute=end_minute,
            is_recurring=is_recurring,
            created_at=clock.now(),
        )

        async def write() -> None:
            await self._check(opening)
            await self._store.insert(opening)
            await self._audit.record(caller, None, opening)

        await self._database.together(write)
        return opening, provider

    async def change(
        self, caller: Caller, opening_id: int, values: Mapping[str, Any]
    ) -> tuple[Opening, User]:
        """Set fields of hours of the caller's, and give both; raises NotFound, and as `add` does."""

        async def write() -> None:
            before = await self._own(caller, opening_id)
            after = replace(before, **values)
            if after != before:
                await self._check(after)
                await self._store.change(opening_id, values)
                await self._audit.record(caller, before, after)

        await self._database.together(write)
        return await self.get(opening_id)

    async def remove(self, caller: Caller, opening_id: int) -> None:
        """Forget hours of the caller's; raises NotFound."""

        async def write() -> None:
            opening = await self._own(caller, opening_id)
            await self._store.delete(opening_id)
            await self._audit.record(caller, opening, None)

        await self._database.together(write)

    async def _people(self, openings: Sequence[Opening]) -> dict[int, User]:
        """Give whose they are, so that names are shown as they are now."""
        ids = sorted({one.provider_id for one in openings})
        return {user.id: user for user in await self._users.with_ids(ids)}

    async def _one(self, opening_id: int) -> Opening:
        opening = await self._store.get(opening_id)
        if opening is None:
            raise NotFound("Availability slot not found")
        return opening

    async def _own(self, caller: Caller, opening_id: int) -> Opening:
        opening = await self._one(opening_id)
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
