"""The unit of work on the real embedded database."""

import asyncio
from collections.abc import Sequence

import pytest
from pymongo.errors import DuplicateKeyError

from server.errors import Busy, Stale
from server.store.database import Database, Index, session


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


async def test_a_transaction_is_summed_up_once_at_its_end(database: Database) -> None:
    """With all notes, inside; what goes last sees the others' notes, a failed attempt leaves none."""
    things, told, attempts = database.collection("things"), list[list[str]](), list[int]()

    async def write(notes: Sequence[str]) -> None:
        told.append(list(notes))
        await things.insert_one({"_id": len(notes)}, session=session())

    async def add(notes: Sequence[str]) -> None:
        database.before_commit(write, "and " + notes[0], goes_last=True)

    async def work() -> None:
        attempts.append(1)
        database.before_commit(write, "one", goes_last=True)
        database.before_commit(add, "another")
        database.before_commit(write, "two", goes_last=True)
        if len(attempts) == 1:
            raise Stale

    await database.together(work)
    assert told == [["one", "two", "and another"]]
    assert await things.find_one({"_id": 3}) is not None


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


async def test_an_index_that_was_declared_otherwise_is_made_anew(database: Database) -> None:
    """A new version's index replaces the old one of its name, on the data that is there."""
    await database.collection("things").insert_one({"a": 1, "b": 2})
    for index in (
        Index("one", (("a", 1),)),
        Index("one", (("b", 1),)),
        Index("one", (("b", 1),), unique=True),
    ):
        await database.ensure_indexes([("things", [index])])
    kept = (await database.collection("things").index_information())["one"]
    assert (list(kept["key"]), kept["unique"]) == ([("b", 1)], True)


async def test_a_duplicate_key_undoes_the_whole_unit(database: Database) -> None:
    """A unique value that is taken reaches the caller as such, and what the unit wrote before is gone."""
    things = database.collection("things")
    await database.ensure_indexes([("things", [Index("value", (("value", 1),), unique=True)])])
    await things.insert_one({"_id": 1, "value": "taken"})

    async def work() -> None:
        await things.insert_one({"_id": 2, "value": "free"}, session=session())
        await things.insert_one({"_id": 3, "value": "taken"}, session=session())

    with pytest.raises(DuplicateKeyError):
        await database.together(work)
    assert [thing["_id"] for thing in await things.find({}).to_list(None)] == [1]


async def test_concurrent_upserts_in_units_make_one_document(database: Database) -> None:
    """Ten units that upsert one document and count in it make it once and lose no count."""

    async def work() -> None:
        await database.collection("things").update_one(
            {"_id": 1}, {"$inc": {"count": 1}}, upsert=True, session=session()
        )

    await asyncio.gather(*(database.together(work) for _ in range(10)))
    assert await database.collection("things").find({}).to_list(None) == [{"_id": 1, "count": 10}]


async def test_others_see_a_unit_only_once_it_is_committed(database: Database) -> None:
    """A read outside the unit finds nothing of it while it runs; a read inside finds its own writes."""
    things = database.collection("things")
    seen: list[int] = []

    async def work() -> None:
        await things.insert_one({"_id": 1}, session=session())
        seen.append(await things.count_documents({"_id": 1}))
        seen.append(await things.count_documents({"_id": 1}, session=session()))

    await database.together(work)
    assert seen == [0, 1]
    assert await things.count_documents({"_id": 1}) == 1


async def test_conflicts_without_end_are_refused_as_overload(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit that never gets through gives up at its deadline, with a reason that invites a retry."""
    monkeypatch.setattr("server.store.database.TRANSACTION_SECONDS", 0.2)

    async def work() -> None:
        raise Stale

    with pytest.raises(Busy):
        await database.together(work)


async def test_a_database_that_is_away_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there: a ping, a unit and the making of indexes say so in words for clients."""
    monkeypatch.setattr("server.store.database.SELECTION_MS", 50)
    away = Database.open("mongodb://127.0.0.1:1/", "nowhere")

    async def work() -> None:
        await away.collection("things").insert_one({}, session=session())

    for use in (
        away.ping(),
        away.together(work),
        away.ensure_indexes([("things", [Index("a", (("a", 1),))])]),
    ):
        with pytest.raises(Busy):
            await use
    away.close()
