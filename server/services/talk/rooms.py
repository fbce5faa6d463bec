"""Conversations: begun by anybody with anybody, and nobody's business but their members'."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from server import clock
from server.domain.entities import User
from server.domain.events import MESSAGE_SENT, Event, user_topic
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.domain.rooms import Member, Message, Person, Room, RoomNews, check_content, check_members
from server.errors import Invalid, NotFound
from server.realtime.outbox import Outbox
from server.services.accounts.throttle import MESSAGES_USER, ROOMS_USER, Throttle
from server.services.audit import Audit
from server.store.database import Database
from server.store.ids import Ids
from server.store.rooms import Messages
from server.store.rooms import Rooms as RoomStore
from server.store.users import Users

People = Mapping[int, User | Person]
"""Accounts by id, so that names are shown as they are now."""


class Rooms:
    """To whoever is no member a room does not exist, staff included."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        rooms: RoomStore,
        messages: Messages,
        users: Users,
        ids: Ids,
        outbox: Outbox,
        audit: Audit,
        throttle: Throttle,
    ) -> None:
        self._meaning, self._database, self._users, self._ids = meaning, database, users, ids
        self._rooms, self._messages = rooms, messages
        self._outbox, self._audit, self._throttle = outbox, audit, throttle

    async def list(self, caller: Caller, paging: Paging) -> tuple[Listed[Room], People]:
        """Give one page of the caller's rooms, the newest said first, and everybody in them."""
        listed = await self._rooms.of(caller.user_id, paging)
        return listed, await self._people([id for room in listed.items for id in room.member_ids])

    async def get(self, caller: Caller, room_id: int) -> tuple[Room, People]:
        """Give one of the caller's rooms, and everybody in it; raises NotFound."""
        room = await self._get(caller, room_id)
        return room, await self._people(room.member_ids)

    async def create(self, caller: Caller, participant_ids: Sequence[int], title: str) -> tuple[Room, People]:
        """Begin a conversation of the caller with others; who is named twice, or is the caller, counts once.

        raises : Invalid for nobody else, too many, or whom there is not; TooMany
        """
        ids = tuple(dict.fromkeys((caller.user_id, *participant_ids)))
        check_members(ids)
        await self._throttle.hit(ROOMS_USER, self._meaning.name, str(caller.user_id))

        async def write() -> tuple[Room, People]:
            people = await self._people(ids)
            _check_there(ids, people)
            now, id = clock.now(), await self._ids.next("rooms")
            room = Room(id, tuple(Member(each) for each in ids), title, now, now)
            await self._rooms.insert(room)
            for id in ids:  # who gets another name at the same time starts over, and finds the room
                await self._users.change(id, {"met_at": now})
            # The audit tells who began to talk with whom, not what about.
            await self._audit.record(caller, None, replace(room, title=""))
            self._audit.mention(None, RoomNews(None, room))
            return room, people

        return await self._database.together(write)

    async def rename(self, caller: Caller, room_id: int, title: str) -> tuple[Room, People]:
        """Give a room of the caller's another title for everybody in it; raises NotFound."""

        async def write() -> Room:
            room = await self._get(caller, room_id)
            after = replace(room, title=title, revision=room.revision + 1)
            await self._rooms.rewrite(after, room.revision)
            self._audit.mention(None, RoomNews(room, after))
            return after

        room = await self._database.together(write, [self._rooms.turn(room_id)])
        return room, await self._people(room.member_ids)

    async def messages(self, caller: Caller, room_id: int, paging: Paging) -> tuple[Listed[Message], People]:
        """Give one page, oldest first, and the room's people; it counts as read from now; raises NotFound."""
        room, reader = await self._get(caller, room_id), caller.user_id
        listed = await self._messages.of(room, paging)
        unread = [message.id for message in listed.items if reader not in message.read_by]
        if unread:
            turns = [self._rooms.turn(room_id)]
            await self._database.together(lambda: self._mark_read(caller, room_id, unread), turns)
        return listed.map(lambda message: message.seen(reader)), await self._people(room.member_ids)

    async def send(self, caller: Caller, room_id: int, content: str) -> tuple[Message, People]:
        """Say something to everybody in a room and give it; raises Invalid, NotFound, TooMany."""
        check_content(content)
        people = await self._people((await self._get(caller, room_id)).member_ids)
        await self._throttle.hit(MESSAGES_USER, self._meaning.name, str(caller.user_id))

        async def write() -> Message:
            room = await self._get(caller, room_id)
            id = await self._ids.next("messages")
            message = room.next_message(id, caller.user_id, content, clock.now())
            # Of two who speak at once the room's revision lets one through; the other begins anew.
            after = room.with_message(message)
            await self._rooms.rewrite(after, room.revision)
            await self._messages.insert(message)
            self._audit.mention(None, RoomNews(room, after, said=message))
            await self._outbox.add(_sent(room, message, people[caller.user_id]))
            return message

        return await self._database.together(write, [self._rooms.turn(room_id)]), people

    async def _get(self, caller: Caller, room_id: int) -> Room:
        room = await self._rooms.get(room_id)
        if room is None or caller.user_id not in room.member_ids:
            raise NotFound()
        return room

    async def _mark_read(self, caller: Caller, room_id: int, message_ids: Sequence[int]) -> None:
        """Mark and count together, so that a room's counts equal its messages' marks."""
        new = await self._messages.mark_read(message_ids, caller.user_id)
        if new:
            room = await self._get(caller, room_id)
            after = room.after_reading(caller.user_id, len(new))
            await self._rooms.rewrite(after, room.revision)
            self._audit.mention(None, RoomNews(room, after, read=tuple(new)))

    async def _people(self, ids: Sequence[int]) -> Mapping[int, User]:
        return {user.id: user for user in await self._users.with_ids(sorted(set(ids)))}


def _check_there(ids: Sequence[int], people: Mapping[int, User]) -> None:
    gone = [id for id in ids if id not in people or not people[id].is_active]
    if gone:
        raise Invalid({"participants": [f"There is no user {id}." for id in gone]})


def _sent(room: Room, message: Message, sender: User) -> Event:
    """Tell everybody in the room, the sender's other devices included, what was said."""
    facts = {
        "room_id": room.id,
        "message_id": message.id,
        "sender_id": sender.id,
        "sender_name": sender.name,
        "content": message.content,
        "read_by": list(message.read_by),
        "created_at": message.created_at,
    }
    return Event(MESSAGE_SENT, tuple(map(user_topic, room.member_ids)), facts, message.created_at)
