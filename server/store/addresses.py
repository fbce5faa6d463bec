"""Customers' addresses."""

from server.domain.entities import Address
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index


class Addresses(Collection[Address]):
    """At most one of a user's addresses is the default; a unique index sees to it."""

    NAME = "addresses"
    ENTITY = Address
    INDEXES = (
        Index("user", (("user_id", 1), ("created_at", 1))),
        Index("default", (("user_id", 1),), unique=True, where={"is_default": True}),
    )

    async def listed(self, user_id: int, is_default: bool | None, paging: Paging) -> Listed[Address]:
        """Give one page of a user's addresses, oldest first."""
        where: dict[str, object] = {"user_id": user_id}
        if is_default is not None:
            where["is_default"] = is_default
        return await self.page(where, paging, (("created_at", 1), ("_id", 1)))

    async def default_of(self, user_id: int) -> Address | None:
        return await self.find_one({"user_id": user_id, "is_default": True})
