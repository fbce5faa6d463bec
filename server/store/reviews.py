"""Reviews, numbered by provider, so that a page of thousands is read by its numbers."""

from collections.abc import Iterable
from typing import Any

from server.domain.paging import Listed, Paging
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.store.collection import Collection
from server.store.database import Index

BATCH = 10
"""Reviews that share a key, under which the newest of many providers are read at once."""


def _batch(provider_id: int, number: int) -> str:
    return f"{provider_id}:{(number - 1) // BATCH}"


class Reviews(Collection[Review]):
    """One a customer and provider."""

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

    async def of_provider(self, profile: Profile, paging: Paging) -> Listed[Review]:
        """Give one page of a profile's reviews, newest first."""
        numbers = profile.review_numbers(paging.skip, paging.size)
        if not numbers:
            return Listed([], profile.review_count, paging)
        where = {"provider_id": profile.id, "number": {"$gte": numbers[0], "$lte": numbers[-1]}}
        return Listed(await self.find(where, sort=(("number", -1),)), profile.review_count, paging)

    async def newest_of(self, profiles: Iterable[Profile]) -> dict[int, list[Review]]:
        """Give each profile's newest reviews, at most BATCH each."""
        newest = {profile.id: profile.review_numbers(0, BATCH) for profile in profiles}
        batches = {_batch(id, number) for id, numbers in newest.items() for number in numbers}
        by_provider: dict[int, list[Review]] = {id: [] for id in newest}
        if batches:
            for review in await self.find({"batch": {"$in": sorted(batches)}}, sort=(("number", -1),)):
                if review.number in newest[review.provider_id]:
                    by_provider[review.provider_id].append(review)
        return by_provider
