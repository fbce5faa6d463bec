"""Applications of those who want to be providers."""

from server.domain.applications import UNDECIDED, Application
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index


class Applications(Collection[Application]):
    """At most one undecided a user."""

    NAME = "applications"
    ENTITY = Application
    INDEXES = (
        Index("applicant", (("applicant_id", 1), ("created_at", -1))),
        Index("state", (("state", 1), ("kind", 1), ("category", 1))),
        Index("date", (("date", 1),)),
        Index("document", (("documents.key", 1),)),
    )

    async def undecided_of(self, user_id: int) -> Application | None:
        found = await self.find({"applicant_id": user_id})
        return next((one for one in found if one.state in UNDECIDED), None)

    async def with_document(self, key: str) -> Application | None:
        return await self.find_one({"documents.key": key})

    async def listed(self, where: dict[str, object], paging: Paging) -> Listed[Application]:
        """Give one page, newest first; `where` names keys of one index."""
        return await self.page(where, paging, (("created_at", -1), ("_id", 1)))

    async def of_dates(self, first: str, last: str) -> list[Application]:
        """Give the applications begun between two UTC days."""
        return await self.find({"date": {"$gte": first, "$lte": last}})
