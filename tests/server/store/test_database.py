"""The unit of work on the real embedded database."""

import asyncio

import pytest

from server.errors import Stale
from server.store.database import Database, Index, session
from server.store.ids import Ids


async def test_a_failed_unit_leaves_nothing(database: Database) -> None:
    """When the work raises, none of its writes is there and no callback has run."""
    called: list[str] = []

    async def note() -> None:
        called.append("committed")

    async def work() -> None:
        await database.collection("things").insert_one({"_id": 1}, session=session())
        database.after_commit(note)
        raise KeyError

    with pytest.raises(KeyError):
        await database.together(work)
    assert await database.collection("things").find_one({"_id": 1}) is None
    assert called == []


async def test_callbacks_run_once_after_the_outermost_commit(database: Database) -> None:
    """A nested unit joins the outer one; its callback sees what both wrote."""
    seen: list[int] = []

    async def look() -> None:
        seen.append(await database.collection("things").count_documents({}))

    async def inner() -> None:
        await database.collection("things").insert_one({"_id": 2}, session=session())
        database.after_commit(look)

    async def outer() -> None:
        await database.collection("things").insert_one({"_id": 1}, session=session())
        await database.together(inner)
        database.after_commit(look)

    await database.together(outer)
    assert seen == [2]


async def test_concurrent_units_on_one_document_all_count(database: Database) -> None:
    """Twenty units that read, decide and write by revision on one document lose no increment."""
    await database.collection("things").insert_one({"_id": 1, "revision": 0})

    async def work() -> None:
        found = await database.collection("things").find_one({"_id": 1}, session=session())
        done = await database.collection("things").update_one(
            {"_id": 1, "revision": found["revision"]}, {"$inc": {"revision": 1}}, session=session()
        )
        if not done.matched_count:
            raise Stale

    await asyncio.gather(*(database.together(work) for _ in range(20)))
    assert (await database.collection("things").find_one({"_id": 1}))["revision"] == 20


async def test_ids_are_unique_across_processes(database: Database) -> None:
    """Two allocators, as two processes have, never give one id twice."""
    first, second = Ids(database), Ids(database)
    given = await asyncio.gather(*(one.next("users") for one in (first, second) for _ in range(50)))
    assert len(set(given)) == 100


async def test_an_index_that_was_declared_otherwise_is_made_anew(database: Database) -> None:
    """A new version's index replaces the old one of its name, on the data that is there."""
    await database.collection("things").insert_one({"a": 1, "b": 2})
    for index in (Index("one", (("a", 1),)), Index("one", (("b", 1),)), Index("one", (("b", 1),), unique=True)):
        await database.ensure_indexes([("things", [index])])
    kept = (await database.collection("things").index_information())["one"]
    assert (list(kept["key"]), kept["unique"]) == ([("b", 1)], True)
