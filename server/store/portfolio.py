"""Work that providers show."""

from collections.abc import Sequence
from typing import Any

from server.domain.paging import Listed, Paging
from server.domain.portfolio import PortfolioItem
from server.store.collection import Collection
from server.store.database import Index

NEWEST = (("created_at", -1), ("_id", -1))


class PortfolioItems(Collection[PortfolioItem]):
    """Rows of pictures and texts; the picture of a row that is gone is served to nobody."""

    NAME = "portfolio_items"
    ENTITY = PortfolioItem
    INDEXES = (
        Index("provider", (("provider_id", 1), ("created_at", -1))),
        Index("image", (("image_key", 1),), unique=True, sparse=True),
    )

    def dump(self, entity: PortfolioItem) -> dict[str, Any]:
        document = super().dump(entity)
        if entity.image_key is None:
            del document["image_key"]  # a sparse index knows absent values, not nulls
        return document

    async def with_image(self, key: str) -> PortfolioItem | None:
        return await self.find_one({"image_key": key})

    async def of_provider(self, provider_id: int, paging: Paging) -> Listed[PortfolioItem]:
        """Give one page of a provider's work, newest first."""
        return await self.page({"provider_id": provider_id}, paging, NEWEST)

    async def newest_of(self, provider_ids: Sequence[int], most: int) -> dict[int, list[PortfolioItem]]:
        """Give so much of each provider's work at most, newest first: one read of what is limited anyway."""
        by_provider: dict[int, list[PortfolioItem]] = {id: [] for id in provider_ids}
        if provider_ids:
            for item in await self.find({"provider_id": {"$in": list(provider_ids)}}, sort=NEWEST):
                if len(by_provider[item.provider_id]) < most:
                    by_provider[item.provider_id].append(item)
        return by_provider
