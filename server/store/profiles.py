"""Business profiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import itemgetter
from typing import Any

from server.domain.profiles import Profile
from server.store.collection import Collection
from server.store.database import Index, session


class ProfileOrder(StrEnum):
    """What a list is ordered by; the value is the field."""

    NAME = "name_key"
    EXPERIENCE = "years_of_experience"
    AGE = "created_at"


@dataclass(frozen=True, slots=True)
class ProfileQuery:
    """What a list of profiles holds, and its order; None means any, several services mean any of them.

    search : each of its words is part of a word of the business' name, services or description
    orders : the first field decides, then the next; True is descending
    """

    search: str | None = None
    service_ids: tuple[int, ...] | None = None
    min_years: int | None = None
    min_radius: int | None = None
    is_onboarded: bool | None = None
    orders: tuple[tuple[ProfileOrder, bool], ...] = ((ProfileOrder.AGE, True),)

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Say whether a document has all that is asked for."""
        return (
            (self.service_ids is None or not set(self.service_ids).isdisjoint(row["service_ids"]))
            and (self.min_years is None or row["years_of_experience"] >= self.min_years)
            and (self.min_radius is None or row["service_radius"] >= self.min_radius)
            and (self.is_onboarded is None or row["is_onboarded"] == self.is_onboarded)
        )


LISTED = (*ProfileOrder, "service_ids", "service_radius", "is_onboarded")
"""Fields that lists are narrowed and ordered by."""

PORTION = 50
"""Ids that are asked for at once."""


class Profiles(Collection[Profile]):
    """Names are ordered whatever their case: they are compared in lower case."""

    NAME = "profiles"
    ENTITY = Profile
    INDEXES = (
        Index("services", (("service_ids", 1),)),
        Index("best", (("is_onboarded", 1), ("rating", -1))),
        Index("image", (("image_key", 1),), unique=True, sparse=True),
    )

    def dump(self, entity: Profile) -> dict[str, Any]:
        """Give the document, with the name as it is compared."""
        document = super().dump(entity)
        if entity.image_key is None:
            del document["image_key"]  # a sparse index knows absent values, not nulls
        return {**document, ProfileOrder.NAME: entity.business_name.casefold()}

    async def with_image(self, key: str) -> Profile | None:
        return await self.find_one({"image_key": key})

    async def with_ids(self, ids: Sequence[int]) -> dict[int, Profile]:
        """Give those of these profiles that there are, by id."""
        return {one.id: one for one in await self.find({"_id": {"$in": list(ids)}})} if ids else {}

    async def touch(self, profile: Profile) -> None:
        """Count a change of what belongs to a profile; raises Stale when another came first."""
        await self.rewrite(replace(profile, revision=profile.revision + 1), profile.revision)

    async def best(self, most: int) -> list[Profile]:
        """Give the onboarded profiles that are rated best; the one with more reviews first among equals."""
        order = (("rating", -1), ("review_count", -1), ("_id", 1))
        return await self.find({"is_onboarded": True}, sort=order, limit=most)

    async def matching(self, query: ProfileQuery, among: Iterable[int] | None = None) -> list[int]:
        """Give the ids of all profiles that a query means, in order; `among` has what its words found.

        One index is read; narrowing and order happen here on a few fields, because the embedded database
        reads the whole collection for two conditions on different keys.
        """
        if among is not None:
            rows = await self._rows_of(sorted(among))
        elif query.service_ids is not None:
            rows = await self._rows({"service_ids": {"$in": list(query.service_ids)}})
        else:
            rows = await self._rows({})
        rows = [row for row in rows if query.fits(row)]
        rows.sort(key=lambda row: row["_id"])
        for field, is_descending in reversed(query.orders):  # sorting keeps what was among equal ones
            rows.sort(key=itemgetter(field), reverse=is_descending)
        return [row["_id"] for row in rows]

    async def _rows_of(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        """Give the rows of these profiles; the embedded database takes time by the square of many ids."""
        rows: list[dict[str, Any]] = []
        for first in range(0, len(ids), PORTION):
            rows += await self._rows({"_id": {"$in": ids[first : first + PORTION]}})
        return rows

    async def _rows(self, where: Mapping[str, Any]) -> list[dict[str, Any]]:
        cursor = self._motor.find(where, projection=dict.fromkeys(LISTED, 1), session=session())
        found: list[dict[str, Any]] = await cursor.to_list(length=None)
        return found
