"""Rooms and what is said in them."""

from collections.abc import Sequence

from server.domain.paging import Listed, Paging
from server.domain.rooms import Message, Room
from server.store.collection import Collection
from server.store.database import Index, session


class Rooms(Collection[Room]):
    """Every conversation."""

    NAME = "rooms"
    ENTITY = Room
    INDEXES = (Index("member", (("members.user_id", 1), ("updated_at", -1))),)

    async def of(self, user_id: int, paging: Paging) -> Listed[Room]:
        """Give one page of a member's rooms, those where something was said last first."""
        return await self.page({"members.user_id": user_id}, paging, (("updated_at", -1), ("_id", -1)))


class Messages(Collection[Message]):
    """Everything that was said."""

    NAME = "messages"
    ENTITY = Message
    INDEXES = (Index("room", (("room_id", 1), ("number", 1))),)

    async def of(self, room: Room, paging: Paging) -> Listed[Message]:
        """Give one page of what a room had said when it was read, oldest first."""
        last = min(paging.skip + paging.size, room.messages_count)
        where = {"room_id": room.id, "number": {"$gt": paging.skip, "$lte": last}}
        found = await self.find(where, sort=(("number", 1),)) if last > paging.skip else []
        return Listed(found, room.messages_count, paging)

    async def mark_read(self, ids: Sequence[int], user_id: int) -> int:
        """Note that a user has seen messages, and give how many of them were new to the user."""
        where = {"_id": {"$in": list(ids)}, "read_by": {"$ne": user_id}}
        seen = {"$addToSet": {"read_by": user_id}}
        done = await self._motor.update_many(where, seen, session=session())
        return int(done.modified_count)
