"""Integer ids that several processes allocate."""

import asyncio

from server.store.database import Database
from server.store.ids import BLOCK, Ids


async def test_ids_are_unique_across_processes(database: Database) -> None:
    """Two allocators, as two processes have, never give one id twice."""
    first, second = Ids(database), Ids(database)
    given = await asyncio.gather(*(one.next("users") for one in (first, second) for _ in range(50)))
    assert len(set(given)) == 100


async def test_ids_begin_at_one_and_rise(database: Database) -> None:
    """One process alone counts without gaps, over the ends of its blocks, each sequence for itself."""
    ids = Ids(database)
    assert [await ids.next("users") for _ in range(2 * BLOCK + 1)] == list(range(1, 2 * BLOCK + 2))
    assert await ids.next("bookings") == 1


async def test_a_unit_that_fails_gives_no_id_back(database: Database) -> None:
    """An id taken inside a unit stays taken: it may have been shown by then."""
    ids = Ids(database)
    given: list[int] = []

    async def work() -> None:
        given.append(await ids.next("users"))
        if len(given) == 1:
            raise KeyError

    for _ in range(2):
        try:
            await database.together(work)
        except KeyError:
            continue
    assert given == [1, 2]


async def test_reserved_ids_are_not_given_out(database: Database) -> None:
    """After a reservation the next id lies behind it, also when a block was open; a lower one is void."""
    ids = Ids(database)
    assert await ids.next("users") == 1
    await ids.reserve("users", 1000)
    assert await ids.next("users") == 1001
    await ids.reserve("users", 500)
    assert await ids.next("users") > 1001


async def test_simultaneous_reservations_both_hold(database: Database) -> None:
    """Two processes that reserve in a new sequence at once leave the higher one standing."""
    first, second = Ids(database), Ids(database)
    await asyncio.gather(first.reserve("users", 300), second.reserve("users", 200))
    assert await first.next("users") == 301
