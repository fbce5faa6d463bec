"""Providers' figures as they were last calculated."""

from server.domain.paging import Listed, Paging
from server.domain.performance import Performance
from server.store.collection import Collection
from server.store.database import Index, session


class PerformanceStore(Collection[Performance]):
    """One a provider."""

    NAME = "performance"
    ENTITY = Performance
    INDEXES = (
        Index("provider", (("provider_id", 1),), unique=True),
        Index("tier", (("tier", 1), ("bonus_points", -1))),
    )

    async def of_provider(self, provider_id: int) -> Performance | None:
        return await self.find_one({"provider_id": provider_id})

    async def put(self, performance: Performance) -> None:
        document = self.dump(performance)
        await self._motor.replace_one({"_id": document["_id"]}, document, upsert=True, session=session())

    async def listed(self, tier: str | None, paging: Paging) -> Listed[Performance]:
        """Give one page, most points first; None means any tier."""
        where = {} if tier is None else {"tier": tier}
        return await self.page(where, paging, (("bonus_points", -1), ("_id", 1)))
