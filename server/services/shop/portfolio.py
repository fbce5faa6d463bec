"""Work that providers show beside their profile."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

from server import clock
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.errors import Conflict, NotFound
from server.services.audit import Audit
from server.services.files.uploads import Uploads
from server.services.shop.showcase import Showcase
from server.store.database import Database
from server.store.ids import Ids
from server.store.portfolio import PortfolioItems
from server.store.profiles import Profiles

FOLDER = "portfolio"
MOST_ITEMS = 50
"""A provider's; more than anybody looks at, and an end to filling the disk."""


class Portfolio:
    """Everybody sees it; its owner and staff change it."""

    def __init__(
        self,
        database: Database,
        store: PortfolioItems,
        profiles: Profiles,
        ids: Ids,
        uploads: Uploads,
        showcase: Showcase,
        audit: Audit,
    ) -> None:
        self._database, self._store, self._profiles, self._ids = database, store, profiles, ids
        self._uploads, self._showcase, self._audit = uploads, showcase, audit

    async def list(self, caller: Caller, paging: Paging) -> Listed[PortfolioItem]:
        """Give one page of the caller's own work, newest first."""
        return await self._store.of_provider(caller.user_id, paging)

    async def get(self, caller: Caller, item_id: int) -> PortfolioItem:
        """Give a piece of work to its owner and staff; raises NotFound."""
        item = await self._store.get(item_id)
        if item is None or not (caller.is_staff or item.provider_id == caller.user_id):
            raise NotFound("Portfolio item not found")
        return item

    async def add(
        self,
        caller: Caller,
        title: str,
        description: str,
        completed_on: Date | None,
        image: Path | None = None,
    ) -> PortfolioItem:
        """Show a piece of work.

        raises : NotFound without a profile, Conflict when there is too much, Invalid (image), Busy
        """
        await self._with_room(caller)
        kept = None if image is None else await self._uploads.image(caller, FOLDER, image)
        item = PortfolioItem(
            id=await self._ids.next("portfolio"),
            provider_id=caller.user_id,
            title=title,
            description=description,
            created_at=clock.now(),
            completed_on=None if completed_on is None else completed_on.isoformat(),
            image_key=None if kept is None else kept.key,
        )

        async def write() -> None:
            profile = await self._with_room(caller)
            # Several at once meet in the profile's revision, so that none misses the limit.
            await self._profiles.touch(profile)
            await self._store.insert(item)
            await self._audit.record(caller, None, item)
            self._showcase.will_look_otherwise()

        await self._database.together(write)
        return item

    async def change(
        self,
        caller: Caller,
        item_id: int,
        values: Mapping[str, Any],
        image: Path | None = None,
        *,
        removes_image: bool = False,
    ) -> PortfolioItem:
        """Change what `values` (fields of PortfolioItem) and `image` name, and give it all.

        raises : NotFound, for somebody else's too, Invalid (image), Busy
        """
        await self.get(caller, item_id)
        kept = None if image is None else await self._uploads.image(caller, FOLDER, image)

        async def write() -> PortfolioItem:
            before = await self.get(caller, item_id)
            key = kept.key if kept else None if removes_image else before.image_key
            after = replace(before, **values, image_key=key)
            await self._store.replace(after)
            await self._audit.record(caller, before, after)
            if before.image_key is not None and before.image_key != key:
                await self._uploads.forget(before.image_key)
            self._showcase.will_look_otherwise()
            return after

        return await self._database.together(write, [self._profiles.turn(caller.user_id)])

    async def delete(self, caller: Caller, item_id: int) -> None:
        """Remove a piece of work and its picture; raises NotFound, for somebody else's too."""

        async def write() -> None:
            item = await self.get(caller, item_id)
            await self._store.delete(item.id)
            await self._audit.record(caller, item, None)
            if item.image_key is not None:
                await self._uploads.forget(item.image_key)
            self._showcase.will_look_otherwise()

        await self._database.together(write)

    async def _with_room(self, caller: Caller) -> Profile:
        """Give the caller's profile, which takes one more piece of work; raises as `add` does."""
        profile = await self._profiles.get(caller.user_id)
        if profile is None:
            raise NotFound("You have no profile yet.")
        if await self._store.count({"provider_id": caller.user_id}) >= MOST_ITEMS:
            raise Conflict(f"A portfolio has at most {MOST_ITEMS} items.")
        return profile
