"""The catalogue."""

from collections.abc import Sequence

from server.domain.entities import Service
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index


class Services(Collection[Service]):
    """What can be booked."""

    NAME = "services"
    ENTITY = Service
    INDEXES = (Index("category", (("is_active", 1), ("category", 1))),)

    async def listed(self, category: str | None, paging: Paging) -> Listed[Service]:
        """Give one page of the active services, by id."""
        where: dict[str, object] = {"is_active": True}
        if category is not None:
            where["category"] = category
        return await self.page(where, paging, (("_id", 1),))

    async def with_ids(self, ids: Sequence[int]) -> list[Service]:
        """Give those of these services that are active."""
        if not ids:
            return []
        return [one for one in await self.find({"_id": {"$in": list(ids)}}) if one.is_active]

    async def active(self) -> list[Service]:
        """Give all active services, of which a marketplace has some dozens, by id."""
        return await self.find({"is_active": True}, sort=(("_id", 1),))
