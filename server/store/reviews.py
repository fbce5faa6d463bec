"""Reviews, numbered by provider, so that a page of thousands is read by its numbers."""

from collections.abc import Mapping
from typing import Any

from server.domain.paging import Listed, Paging
from server.domain.reviews import Review
from server.store.collection import Collection
from server.store.database import Index

BATCH = 10
"""Reviews that share a key, under which the newest of many providers are read at once."""


def _batch(provider_id: int, number: int) -> str:
    return f"{provider_id}:{(number - 1) // BATCH}"


class Reviews(Collection[Review]):
    """One a customer and provider; none is ever removed."""

    NAME = "reviews"
    ENTITY = Review
    INDEXES = (
        Index("pair", (("provider_id", 1), ("customer_id", 1)), unique=True),
        Index("number", (("provider_id", 1), ("number", 1)), unique=True),
        Index("batch", (("batch", 1),)),
    )

    def dump(self, entity: Review) -> dict[str, Any]:
        """Give the document, with the key of its batch."""
        return {**super().dump(entity), "batch": _batch(entity.provider_id, entity.number)}

    async def between(self, provider_id: int, customer_id: int) -> Review | None:
        return await self.find_one({"provider_id": provider_id, "customer_id": customer_id})

    async def of_provider(self, provider_id: int, total: int, paging: Paging) -> Listed[Review]:
        """Give one page of a provider's `total` reviews, newest first."""
        last = total - paging.skip
        first = max(last - paging.size + 1, 1)
        if last < 1:
            return Listed([], total, paging)
        where = {"provider_id": provider_id, "number": {"$gte": first, "$lte": last}}
        return Listed(await self.find(where, sort=(("number", -1),)), total, paging)

    async def newest_of(self, totals: Mapping[int, int]) -> dict[int, list[Review]]:
        """Give each provider's newest reviews, at most BATCH each, by how many each has."""
        batches = {
            _batch(provider_id, number)
            for provider_id, total in totals.items()
            for number in (total, total - BATCH + 1)
            if number > 0
        }
        by_provider: dict[int, list[Review]] = {id: [] for id in totals}
        if batches:
            for review in await self.find({"batch": {"$in": sorted(batches)}}, sort=(("number", -1),)):
                if review.number > totals[review.provider_id] - BATCH:
                    by_provider[review.provider_id].append(review)
        return by_provider
