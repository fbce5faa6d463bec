"""Accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.entities import User
from server.domain.paging import Listed, Paging
from server.store.collection import Collection
from server.store.database import Index, session


@dataclass(frozen=True, slots=True)
class UserFilter:
    """What a list of users is narrowed by; None means any."""

    role: str | None = None
    is_verified: bool | None = None
    pincode: str | None = None

    def query(self) -> dict[str, Any]:
        given = {"role": self.role, "is_verified": self.is_verified, "pincode": self.pincode}
        return {name: value for name, value in given.items() if value is not None}


class Users(Collection[User]):
    """Names and addresses are unique whatever their case: they are compared in lower case."""

    NAME = "users"
    ENTITY = User
    INDEXES = (
        Index("username", (("username_key", 1),), unique=True),
        Index("email", (("email", 1),), unique=True),
        Index("phone", (("phone", 1),), unique=True, sparse=True),
        Index("role", (("role", 1), ("pincode", 1))),
    )

    def dump(self, entity: User) -> dict[str, Any]:
        """Give the document, with the name as it is compared."""
        document = super().dump(entity)
        document["email"] = entity.email.lower()
        if entity.phone is None:
            del document["phone"]  # a sparse index knows absent values, not nulls
        return {**document, "username_key": entity.username.lower()}

    async def named(self, username: str) -> User | None:
        return await self.find_one({"username_key": username.lower()})

    async def with_email(self, email: str) -> User | None:
        return await self.find_one({"email": email.lower()})

    async def with_phone(self, phone: str) -> User | None:
        return await self.find_one({"phone": phone})

    async def listed(self, narrowed: UserFilter, paging: Paging) -> Listed[User]:
        """Give one page of the accounts, by id."""
        where = narrowed.query()
        return await self.page(where, paging, (("_id", 1),))

    async def with_ids(self, ids: Sequence[int]) -> list[User]:
        return await self.find({"_id": {"$in": list(ids)}}) if ids else []

    async def providers(self, ids: Sequence[int], service_id: int | None) -> list[User]:
        """Give those of these accounts that are active, available and (when named) perform the service."""
        return [
            user
            for user in await self.with_ids(ids)
            if user.is_active and user.is_available and (service_id is None or service_id in user.skills)
        ]

    async def performing(self, ids: Sequence[int], service_id: int) -> dict[int, bool]:
        """Give those of these accounts that are active and perform the service: whether each is available."""
        asked = dict.fromkeys(("is_active", "is_available", "skills"), 1)
        cursor = self._motor.find({"_id": {"$in": list(ids)}}, projection=asked, session=session())
        rows = await cursor.to_list(length=None)
        fitting = (row for row in rows if row["is_active"] and service_id in row["skills"])
        return {row["_id"]: row["is_available"] for row in fitting}

    async def with_roles(self, roles: Sequence[str]) -> list[User]:
        """Give everybody active of some roles: for staff, of whom there are few."""
        return [user for user in await self.find({"role": {"$in": list(roles)}}) if user.is_active]

    async def count_rating(self, provider_id: int, rating: int, count: int = 1) -> None:
        """Add a rating to a provider's mean; with `count` 0 change one by so much, with -1 take one away."""
        change = {"$inc": {"rating_sum": rating, "rating_count": count}}
        await self._motor.update_one({"_id": provider_id}, change, session=session())

    async def count_completed(self, provider_id: int) -> None:
        """Count one more finished job."""
        await self._motor.update_one({"_id": provider_id}, {"$inc": {"completed_jobs": 1}}, session=session())
