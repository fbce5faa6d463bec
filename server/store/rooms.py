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

    async def company_of(self, user_id: int) -> list[int]:
        """Give who is in a room with a user, the user included; nobody when there is no room."""
        where, wanted = {"members.user_id": user_id}, {"members.user_id": 1}
        cursor = self._motor.find(where, projection=wanted, session=session())
        rows = await cursor.to_list(length=None)
        return sorted({member["user_id"] for row in rows for member in row["members"]})

    async def touch_those_of(self, user_id: int) -> None:
        """Count a change of all rooms of a user."""
        where, change = {"members.user_id": user_id}, {"$inc": {"revision": 1}}
        await self._motor.update_many(where, change, session=session())


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

    async def mark_read(self, ids: Sequence[int], user_id: int) -> list[Message]:
        """Note that a user has seen messages, and give those that were new to the user, as they are now."""
        where = {"_id": {"$in": list(ids)}, "read_by": {"$ne": user_id}}
        new = await self.find(where)
        if new:
            seen = {"$addToSet": {"read_by": user_id}}
            await self._motor.update_many(where, seen, session=session())
        return [message.seen(user_id) for message in new]
