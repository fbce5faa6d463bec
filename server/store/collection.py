"""What every repository shares: entities in and out of one collection.

An entity is a dataclass whose `id` is the document's `_id`. Writes join the transaction of
`Database.together` when one is open.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import TypeAdapter
from pymongo.errors import BulkWriteError, DuplicateKeyError

from server.domain.paging import Listed, Paging
from server.errors import Conflict, Stale
from server.store.database import Database, Index, session

E = TypeVar("E")
DUPLICATE_KEY = 11000
Document = Mapping[str, Any]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything that is kept, for ranges that would have no lower bound."""


class Collection(Generic[E]):
    """Reads and writes entities of one type. Subclasses add the queries of their subject."""

    NAME: ClassVar[str]
    ENTITY: ClassVar[type]
    INDEXES: ClassVar[tuple[Index, ...]] = ()

    def __init__(self, database: Database) -> None:
        self._motor = database.collection(self.NAME)
        self._adapter: TypeAdapter[E] = TypeAdapter(self.ENTITY)

    def load(self, document: Document) -> E:
        """Give the entity of a document."""
        return self._adapter.validate_python({**document, "id": document["_id"]})

    def dump(self, entity: E) -> dict[str, Any]:
        """Give the document of an entity."""
        document: dict[str, Any] = self._adapter.dump_python(entity)
        document["_id"] = document.pop("id")
        return document

    @classmethod
    def turn(cls, id: int | str) -> str:
        """Name the queue of those who write an entity (`Database.together`)."""
        return f"{cls.NAME}:{id}"

    async def get(self, id: int | str) -> E | None:
        """Give the entity, None when there is none."""
        document = await self._motor.find_one({"_id": id}, session=session())
        return self.load(document) if document else None

    async def find_one(self, where: Document) -> E | None:
        document = await self._motor.find_one(where, session=session())
        return self.load(document) if document else None

    async def find(
        self,
        where: Document,
        *,
        sort: Sequence[tuple[str, int]] = (),
        skip: int = 0,
        limit: int = 0,
    ) -> list[E]:
        """Give the entities that match; limit 0 means all, so `where` must be bounded then."""
        cursor = self._motor.find(where, session=session(), skip=skip, limit=limit)
        if sort:
            cursor = cursor.sort(list(sort))
        return [self.load(document) for document in await cursor.to_list(length=None)]

    async def page(self, where: Document, paging: Paging, sort: Sequence[tuple[str, int]]) -> Listed[E]:
        """Give one page of what matches, and how many there are; `where` names one index's keys."""
        found = await self.find(where, sort=sort, skip=paging.skip, limit=paging.size)
        is_last = len(found) < paging.size and (found or not paging.skip)
        return Listed(found, paging.skip + len(found) if is_last else await self.count(where), paging)

    async def count(self, where: Document) -> int:
        return int(await self._motor.count_documents(where, session=session()))

    async def insert(self, entity: E) -> None:
        """Add an entity; raises Conflict when its id or another unique value is taken."""
        try:
            await self._motor.insert_one(self.dump(entity), session=session())
        except DuplicateKeyError as taken:
            raise Conflict() from taken

    async def fill(self, entities: Sequence[E]) -> None:
        """Add many entities; those whose id is there already are left as they are."""
        documents = [self.dump(entity) for entity in entities]
        if not documents:
            return
        try:
            await self._motor.insert_many(documents, ordered=False)
        except BulkWriteError as some:
            if any(fault["code"] != DUPLICATE_KEY for fault in some.details["writeErrors"]):
                raise

    async def change(self, id: int | str, values: Document, *, where: Document | None = None) -> bool:
        """Set values of one entity that also matches `where`; say whether there was one.

        raises : Conflict when a value that must be unique is taken
        """
        change = {"$set": values}
        try:
            found = await self._motor.update_one({"_id": id, **(where or {})}, change, session=session())
        except DuplicateKeyError as taken:
            raise Conflict() from taken
        return bool(found.matched_count)

    async def replace(self, entity: E) -> None:
        """Write an entity whole, in the transaction that read it."""
        document = self.dump(entity)
        await self._motor.replace_one({"_id": document["_id"]}, document, session=session())

    async def rewrite(self, entity: E, revision: int) -> None:
        """Replace an entity if the kept one is still at `revision`; raises Stale otherwise."""
        document = self.dump(entity)
        where = {"_id": document["_id"], "revision": revision}
        done = await self._motor.replace_one(where, document, session=session())
        if not done.matched_count:
            raise Stale()

    async def delete(self, id: int | str, *, where: Document | None = None) -> bool:
        gone = await self._motor.delete_one({"_id": id, **(where or {})}, session=session())
        return bool(gone.deleted_count)

    async def increase(self, id: str, changes: Mapping[str, int], names: Document) -> None:
        """Add to columns of a count, which begins as `names` when it is new.

        raises : Stale when two begin it at once; a transaction then starts afresh
        """
        change = {"$inc": dict(changes), "$setOnInsert": dict(names)}
        try:
            await self._motor.update_one({"_id": id}, change, upsert=True, session=session())
        except DuplicateKeyError as collision:
            raise Stale() from collision
