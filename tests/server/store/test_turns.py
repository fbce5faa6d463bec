"""Queues of one process, on the real embedded database: in order, to the commit, and never in a circle."""

import asyncio
from collections.abc import Collection

import pytest

from server.store.database import Database, session


async def count(database: Database) -> None:
    """Read a number and write the next one: of two at once one meets a conflict."""
    things = database.collection("things")
    found = await things.find_one({"_id": 1}, session=session())
    change = {"$set": {"number": found["number"] + 1}}
    await things.update_one({"_id": 1}, change, session=session())


async def test_who_queues_meets_no_conflict(database: Database) -> None:
    """Thirty writers of one document, each counted once and begun once, in the order in which they came."""
    await database.collection("things").insert_one({"_id": 1, "number": 0})
    begun: list[int] = []

    async def work(number: int) -> None:
        begun.append(number)
        await count(database)

    await asyncio.gather(*(database.together(lambda n=n: work(n), ["thing"]) for n in range(30)))  # type: ignore[misc]
    assert begun == list(range(30))
    assert (await database.collection("things").find_one({"_id": 1}))["number"] == 30


@pytest.mark.parametrize("turns", [["one", "two"], ["two", "one"], ["two", "two", "one"]])
async def test_no_order_of_turns_ends_in_a_circle(database: Database, turns: Collection[str]) -> None:
    """Who names two turns in another order than others, or one of them twice, waits for nobody for ever."""
    await database.collection("things").insert_one({"_id": 1, "number": 0})
    orders = [["one", "two"], turns] * 10
    await asyncio.gather(*(database.together(lambda: count(database), order) for order in orders))
    assert (await database.collection("things").find_one({"_id": 1}))["number"] == 20


async def test_inside_a_transaction_nobody_waits(database: Database) -> None:
    """Work that joins a transaction and finds its turn taken is undone, and begun again when it has it."""
    things = database.collection("things")
    await things.insert_many([{"_id": 1, "number": 0}, {"_id": 2, "by": ""}])
    is_held, may_end, attempts = asyncio.Event(), asyncio.Event(), list[int]()

    async def hold() -> None:
        is_held.set()
        await may_end.wait()
        # What the other one has written already: it does not wait for us with that.
        await things.update_one({"_id": 2}, {"$set": {"by": "holder"}}, session=session())
        await count(database)

    async def outer() -> None:
        attempts.append(1)
        await things.update_one({"_id": 2}, {"$set": {"by": "outer"}}, session=session())
        may_end.set()
        await database.together(lambda: count(database), ["thing"])

    holding = asyncio.create_task(database.together(hold, ["thing"]))
    await is_held.wait()
    await database.together(outer)
    await holding
    assert len(attempts) == 2
    assert (await things.find_one({"_id": 1}))["number"] == 2
    assert (await things.find_one({"_id": 2}))["by"] == "outer"


async def test_a_joined_turn_is_kept_until_the_commit(database: Database) -> None:
    """What was written in one's turn is there before the next one's turn begins."""
    things = database.collection("things")
    await things.insert_one({"_id": 1, "number": 0})
    is_written, queues = asyncio.Event(), asyncio.Event()

    async def outer() -> None:
        await database.together(lambda: count(database), ["thing"])
        is_written.set()
        await queues.wait()

    async def next_one() -> int:
        await is_written.wait()
        queues.set()
        return await database.together(read, ["thing"])

    async def read() -> int:
        return int((await things.find_one({"_id": 1}, session=session()))["number"])

    _, seen = await asyncio.gather(database.together(outer), next_one())
    assert seen == 1


async def test_who_gives_up_waiting_holds_up_nobody(database: Database) -> None:
    """A cancelled writer leaves the queue, and takes no turn along."""
    is_held, may_end = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        is_held.set()
        await may_end.wait()

    async def nothing() -> None:
        pass

    holding = asyncio.create_task(database.together(hold, ["two"]))
    await is_held.wait()
    waiting = asyncio.create_task(database.together(nothing, ["one", "two"]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await database.together(nothing, ["one"])
    may_end.set()
    await holding
    await database.together(nothing, ["two"])


async def test_who_may_choose_takes_what_nobody_has(database: Database) -> None:
    """Two at once work apart, one alone always at the first place, and a third waits for nobody."""
    names, chosen, may_end = ["one", "two"], list[str](), asyncio.Event()

    async def choose() -> None:
        chosen.append(await database.apart(names))
        if len(chosen) == 3:
            may_end.set()
        await may_end.wait()

    await asyncio.gather(*(database.together(choose) for _ in range(3)))
    assert sorted(chosen) == ["one", "one", "two"]
    await database.together(choose)
    assert chosen[3] == "one"
