"""Providers tell when they like to be asked: advice to customers, which binds nobody."""

from server import clock
from server.domain.openings import Opening
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Conflict, Invalid, NotFound
from server.services.audit import Audit
from server.services.bookings.eligibility import Eligibility
from server.store.database import Database
from server.store.ids import Ids
from server.store.openings import Openings as OpeningStore

ORDER = (("provider_id", 1), ("weekday", 1), ("start_minute", 1))
MOST_OPENINGS = 100
"""A provider's; more than any week has use for."""


class Openings:
    """Everybody reads them, providers write their own."""

    def __init__(
        self, database: Database, store: OpeningStore, ids: Ids, eligibility: Eligibility, audit: Audit
    ) -> None:
        self._database, self._store, self._ids = database, store, ids
        self._eligibility, self._audit = eligibility, audit

    async def list(self, provider_id: int | None, weekday: int | None, paging: Paging) -> Listed[Opening]:
        """Give one page, by provider, weekday and time; None means any."""
        narrowed = {"provider_id": provider_id, "weekday": weekday}
        where = {name: value for name, value in narrowed.items() if value is not None}
        return await self._store.page(where, paging, ORDER)

    async def add(
        self, caller: Caller, weekday: int, start_minute: int, end_minute: int, is_recurring: bool
    ) -> Opening:
        """Keep hours of the caller's; raises Invalid (order), Conflict when they overlap others."""
        if end_minute <= start_minute:
            raise Invalid({"end_minute": ["The end must be after the start."]})
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
            own = await self._store.find({"provider_id": provider.id})
            if len(own) >= MOST_OPENINGS:
                raise Conflict(f"There are at most {MOST_OPENINGS}.")
            if any(_overlap(one, opening) for one in own):
                raise Conflict("These hours overlap others of yours.")
            await self._store.insert(opening)
            await self._audit.record(caller, None, opening)
            return opening

        return await self._database.together(write)

    async def remove(self, caller: Caller, opening_id: int) -> None:
        """Forget hours of the caller's; raises NotFound."""

        async def write() -> None:
            opening = await self._store.get(opening_id)
            if opening is None or not (caller.is_staff or opening.provider_id == caller.user_id):
                raise NotFound("Availability slot not found")
            await self._store.delete(opening_id)
            await self._audit.record(caller, opening, None)

        await self._database.together(write)


def _overlap(one: Opening, other: Opening) -> bool:
    is_apart = one.end_minute <= other.start_minute or other.end_minute <= one.start_minute
    return one.weekday == other.weekday and not is_apart
