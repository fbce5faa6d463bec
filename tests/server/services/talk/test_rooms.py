"""Conversations on the real embedded database: who may, what is kept, what happens at once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import pytest
import pytest_asyncio
from limits import RateLimitItemPerMinute

from server.domain.events import MESSAGE_SENT, Event, from_bytes
from server.domain.paging import Paging
from server.domain.rooms import MOST_MEMBERS, Room
from server.embedded import Endpoints
from server.errors import Invalid, NotFound, TooMany
from server.marketplaces.homeserve import HOMESERVE
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.services.accounts.throttle import Throttle
from server.services.audit import Audit
from server.services.talk import rooms as module
from server.services.talk.rooms import Rooms
from server.store.database import Database
from server.store.stores import Stores
from tests.server.services.people import caller, user

ANN, BEN, CAT = caller(1, "customer"), caller(2, "vendor"), caller(3, "customer")
BOSS = caller(4, "super_admin")
ALL = Paging(1, 100)


@pytest_asyncio.fixture
async def rooms(
    database: Database, stores: Stores, audit: Audit, services: Endpoints
) -> AsyncIterator[Rooms]:
    """Conversations of Ann, Ben and Cat; nothing is announced, so that what would be stays in its rows."""
    for one in (ANN, BEN, CAT, BOSS):
        await stores.users.insert(user(one.user_id, one.role))
    name = uuid4().hex
    bus, throttle = Bus(services.redis_url, name), Throttle(services.redis_url, name)
    outbox = Outbox(database, stores.outbox, bus, Hub(), name)
    yield Rooms(
        HOMESERVE,
        database,
        stores.rooms,
        stores.messages,
        stores.users,
        stores.ids,
        outbox,
        audit,
        throttle,
    )
    await throttle.close()
    await bus.stop()


async def begin(rooms: Rooms, others: Sequence[int] = (2,), title: str = "Kitchen") -> Room:
    """Have Ann begin a conversation."""
    room, _ = await rooms.create(ANN, others, title)
    return room


async def kept(stores: Stores, room: Room) -> Room:
    found = await stores.rooms.get(room.id)
    assert found is not None
    return found


async def events(stores: Stores) -> list[Event]:
    """Give what would be announced, in order."""
    rows = await stores.outbox.find({}, sort=(("written_at", 1),))
    return [from_bytes(row.payload) for row in rows]


async def test_whoever_begins_is_the_first_member(rooms: Rooms, stores: Stores) -> None:
    """The beginner comes first, the others as they were named, each once, with their accounts."""
    room, people = await rooms.create(ANN, [3, 2, 3, 1], "Kitchen")
    assert room.member_ids == (1, 3, 2)
    assert {id: one.name for id, one in people.items()} == {1: "customer1", 2: "vendor2", 3: "customer3"}
    assert (room.title, room.last_message, room.messages_count) == ("Kitchen", None, 0)
    assert await kept(stores, room) == room


async def test_beginning_again_gives_another_room(rooms: Rooms) -> None:
    """The same two may talk of the same thing twice."""
    assert (await begin(rooms)).id != (await begin(rooms)).id
    listed, _ = await rooms.list(BEN, ALL)
    assert listed.total == 2


@pytest.mark.parametrize("others", [[], [1], [1, 1], [2, 99], [2, 5], range(2, MOST_MEMBERS + 2)])
async def test_who_may_not_be_in_a_room(rooms: Rooms, stores: Stores, others: Sequence[int]) -> None:
    """Nobody but oneself, unknown and inactive accounts, and too many are refused; nothing is kept."""
    await stores.users.insert(user(5, is_active=False))
    with pytest.raises(Invalid) as refused:
        await begin(rooms, others)
    assert set(refused.value.fields) == {"participants"}
    assert await stores.rooms.count({}) == 0


async def test_everybody_missing_is_named(rooms: Rooms) -> None:
    """Of several who are not there each is told."""
    with pytest.raises(Invalid) as refused:
        await begin(rooms, [2, 98, 99])
    assert refused.value.fields["participants"] == ["There is no user 98.", "There is no user 99."]


async def test_a_message_is_kept_counted_and_announced_together(rooms: Rooms, stores: Stores) -> None:
    """It is the room's newest, unread by the others, and one event tells every member all about it."""
    room = await begin(rooms, [2, 3])
    sent, people = await rooms.send(BEN, room.id, "I can start on Monday.")
    after = await kept(stores, room)
    assert after.last_message is not None
    assert (after.last_message.id, after.last_message.content) == (sent.id, sent.content)
    assert (after.updated_at, after.messages_count) == (sent.created_at, 1)
    assert [after.unread(one.user_id) for one in (ANN, BEN, CAT)] == [1, 0, 1]
    assert people[2].name == "vendor2"
    (event,) = await events(stores)
    assert (event.kind, event.topics) == (MESSAGE_SENT, ("user:1", "user:2", "user:3"))
    assert event.data == {
        "room_id": room.id,
        "message_id": sent.id,
        "sender_id": 2,
        "sender_name": "vendor2",
        "content": "I can start on Monday.",
        "read_by": [2],
        "created_at": sent.created_at,
    }


async def test_outsiders_and_staff_find_nothing(rooms: Rooms, stores: Stores) -> None:
    """To anybody but a member a room does not exist: not listed, not read, not written to."""
    room = await begin(rooms)
    await rooms.send(ANN, room.id, "Hello")
    for stranger in (CAT, BOSS):
        assert (await rooms.list(stranger, ALL))[0].total == 0
        for attempt in (rooms.messages(stranger, room.id, ALL), rooms.send(stranger, room.id, "Me, too")):
            with pytest.raises(NotFound):
                await attempt
    for attempt in (rooms.messages(ANN, 999, ALL), rooms.send(ANN, 999, "Hello?")):
        with pytest.raises(NotFound):
            await attempt
    assert [one.read_by for one in await stores.messages.find({})] == [(1,)]
    assert (await kept(stores, room)).messages_count == 1


async def test_rooms_come_newest_first_and_paged(rooms: Rooms) -> None:
    """A room moves to the front when something is said in it; a page knows how many there are."""
    made = [await begin(rooms, title=f"Room {number}") for number in range(3)]
    await rooms.send(BEN, made[0].id, "Hello")
    listed, people = await rooms.list(BEN, Paging(1, 2))
    assert [room.id for room in listed.items] == [made[0].id, made[2].id]
    assert (listed.total, listed.has_next, set(people)) == (3, True, {1, 2})
    rest, _ = await rooms.list(BEN, Paging(2, 2))
    assert [room.id for room in rest.items] == [made[1].id]


async def test_listing_reads_what_is_listed(rooms: Rooms, stores: Stores) -> None:
    """Messages come oldest first; those of the page are read by the reader from then on, others are not."""
    room = await begin(rooms)
    for number in range(5):
        await rooms.send(ANN, room.id, f"{number}")
    page, _ = await rooms.messages(BEN, room.id, Paging(2, 2))
    assert [(one.content, one.read_by) for one in page.items] == [("2", (1, 2)), ("3", (1, 2))]
    assert (page.total, page.has_next) == (5, True)
    assert (await kept(stores, room)).unread(2) == 3
    mine, _ = await rooms.messages(ANN, room.id, ALL)
    assert [2 in one.read_by for one in mine.items] == [False, False, True, True, False]
    await rooms.messages(BEN, room.id, ALL)
    assert (await kept(stores, room)).unread(2) == 0
    beyond, _ = await rooms.messages(BEN, room.id, Paging(9, 2))
    assert (list(beyond.items), beyond.total) == ([], 5)


async def test_reading_moves_no_room(rooms: Rooms, stores: Stores) -> None:
    """Neither reading nor reading again changes when something was last said."""
    room = await begin(rooms)
    sent, _ = await rooms.send(ANN, room.id, "Hello")
    await rooms.messages(BEN, room.id, ALL)
    read = await kept(stores, room)
    await rooms.messages(BEN, room.id, ALL)
    assert await kept(stores, room) == read
    assert read.updated_at == sent.created_at


async def test_of_many_at_once_none_is_lost(rooms: Rooms, stores: Stores) -> None:
    """Three send ten each at once: thirty are numbered without a gap, and the last one is the room's."""
    room = await begin(rooms, [2, 3])
    speakers = (ANN, BEN, CAT) * 10
    await asyncio.gather(*(rooms.send(who, room.id, f"{n}") for n, who in enumerate(speakers)))
    listed, _ = await rooms.messages(ANN, room.id, ALL)
    assert [one.number for one in listed.items] == list(range(1, 31))
    assert {one.content for one in listed.items} == {str(n) for n in range(30)}
    assert [one.id for one in listed.items] == sorted(one.id for one in listed.items)
    times = [one.created_at for one in listed.items]
    after = await kept(stores, room)
    assert times == sorted(times)
    assert after.last_message is not None
    assert (after.last_message.id, after.updated_at) == (listed.items[-1].id, times[-1])
    assert len(await events(stores)) == 30


async def test_reading_while_others_write_keeps_the_counts_true(rooms: Rooms, stores: Stores) -> None:
    """Whatever the order of reading and writing, a member's count equals the messages without their mark."""
    room = await begin(rooms, [2, 3])
    for number in range(5):
        await rooms.send(ANN, room.id, f"before {number}")
    await asyncio.gather(
        *(rooms.messages(who, room.id, ALL) for who in (BEN, CAT) * 4),
        *(rooms.send(ANN, room.id, f"meanwhile {number}") for number in range(5)),
    )
    unread: Counter[int] = Counter()
    for message in await stores.messages.find({"room_id": room.id}):
        assert len(set(message.read_by)) == len(message.read_by)
        unread.update(set(room.member_ids) - set(message.read_by))
    after = await kept(stores, room)
    assert after.messages_count == 10
    assert [after.unread(id) for id in room.member_ids] == [unread[id] for id in room.member_ids]


async def test_a_name_is_shown_as_it_is_now(rooms: Rooms, stores: Stores) -> None:
    """Who changes their name, or is locked out, keeps their place in the talk."""
    room = await begin(rooms)
    await rooms.send(BEN, room.id, "Hello")
    await stores.users.change(2, {"first_name": "Benjamin", "is_active": False})
    _, people = await rooms.messages(ANN, room.id, ALL)
    assert people[2].name == "Benjamin"
    await rooms.send(ANN, room.id, "Are you there?")


async def test_empty_talk_is_refused(rooms: Rooms, stores: Stores) -> None:
    """What says nothing is refused, and the room stays as it was."""
    room = await begin(rooms)
    for content in ("", " \n", "\u200b", "x" * 5001):
        with pytest.raises(Invalid):
            await rooms.send(ANN, room.id, content)
    assert await kept(stores, room) == room
    assert await events(stores) == []


async def test_who_talks_too_much_is_slowed_down(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit a user's messages and rooms are refused, other users' are not."""
    for name in ("MESSAGES_USER", "ROOMS_USER"):
        limit = getattr(module, name)
        monkeypatch.setattr(module, name, RateLimitItemPerMinute(2, namespace=limit.namespace))
    room = await begin(rooms)
    for _ in range(2):
        await rooms.send(ANN, room.id, "Hello?")
    with pytest.raises(TooMany):
        await rooms.send(ANN, room.id, "Hello!")
    await rooms.send(BEN, room.id, "Yes?")
    await begin(rooms)
    with pytest.raises(TooMany):
        await begin(rooms)
    await rooms.create(BEN, [1], "")


async def test_the_audit_keeps_no_words(rooms: Rooms, stores: Stores) -> None:
    """It tells who began to talk with whom; neither the title nor a message is in it."""
    room = await begin(rooms, title="My burst pipe")
    await rooms.send(ANN, room.id, "It is wet")
    (change,) = await stores.changes.find({"subject": "Room"})
    assert (change.user_id, change.action, change.subject_id) == (1, "create", str(room.id))
    assert "pipe" not in str(change)
    assert "wet" not in str(await stores.changes.find({}))
