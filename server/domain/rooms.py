"""Conversations of a few people. What is said in a room is numbered: its order is beyond doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.domain.entities import User
from server.errors import Invalid

MOST_MEMBERS = 20
"""A room's, whoever began it included: each message tells them all at once."""

MOST_CHARACTERS = 5000
"""A message's."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a room, and how many messages of it they have not listed yet."""

    user_id: int
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as those see them who are in a room with them."""

    id: int
    name: str
    role: str


def person_of(user: User) -> Person:
    """Give what others in a room see of an account."""
    return Person(user.id, user.name, user.role)


@dataclass(frozen=True, slots=True)
class Said:
    """What a room remembers of its newest message."""

    id: int
    sender_id: int
    content: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said in a room.

    number  : its place in the room: 1, 2, 3 …, without gaps
    read_by : who has seen it, the sender from the start
    """

    id: int
    room_id: int
    number: int
    sender_id: int
    content: str
    created_at: datetime
    read_by: tuple[int, ...]

    def seen(self, user_id: int) -> "Message":
        """Give the message as read by a user, too."""
        return self if user_id in self.read_by else replace(self, read_by=(*self.read_by, user_id))


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation; the first member began it. `updated_at` is when something was last said."""

    id: int
    members: tuple[Member, ...]
    title: str
    created_at: datetime
    updated_at: datetime
    last_message: Said | None = None
    messages_count: int = 0
    revision: int = 0

    @property
    def member_ids(self) -> tuple[int, ...]:
        return tuple(member.user_id for member in self.members)

    def unread(self, user_id: int | None) -> int:
        """Give how many messages a member has not listed yet."""
        return next((member.unread for member in self.members if member.user_id == user_id), 0)

    def next_message(self, id: int, sender_id: int, content: str, now: datetime) -> Message:
        """Give what a member says now, never earlier than what was said before, whosever clock is behind."""
        at = max(now, self.updated_at)
        return Message(id, self.id, self.messages_count + 1, sender_id, content, at, (sender_id,))

    def with_message(self, message: Message) -> "Room":
        """Give the room after its next message, which is unread by everybody else."""
        members = tuple(
            member if member.user_id == message.sender_id else replace(member, unread=member.unread + 1)
            for member in self.members
        )
        return replace(
            self,
            members=members,
            updated_at=message.created_at,
            last_message=Said(message.id, message.sender_id, message.content, message.created_at),
            messages_count=message.number,
            revision=self.revision + 1,
        )

    def after_reading(self, user_id: int, count: int) -> "Room":
        """Give the room after a member has read so many more messages."""
        members = tuple(
            replace(member, unread=member.unread - count) if member.user_id == user_id else member
            for member in self.members
        )
        return replace(self, members=members, revision=self.revision + 1)


@dataclass(frozen=True, slots=True)
class RoomNews:
    """What happened in a room at once: what was said in it, what somebody has read, another title."""

    before: Room | None
    room: Room
    said: Message | None = None
    read: tuple[Message, ...] = ()

    @property
    def id(self) -> int:
        return self.room.id

    @property
    def concerned(self) -> tuple[int, ...]:
        """Give the members to whom the room looks otherwise now."""
        before, room = self.before, self.room
        if before is None or (before.title, before.messages_count) != (room.title, room.messages_count):
            return room.member_ids
        return tuple(id for id in room.member_ids if before.unread(id) != room.unread(id))


def check_members(user_ids: Sequence[int]) -> None:
    """Raise Invalid unless a room of these, whoever begins it and no two alike, may be."""
    if len(user_ids) < 2:
        raise Invalid({"participants": ["Name at least one other user."]})
    if len(user_ids) > MOST_MEMBERS:
        raise Invalid({"participants": [f"A conversation has at most {MOST_MEMBERS} participants."]})


def check_content(content: str) -> None:
    """Raise Invalid when a message says nothing, invisible characters apart, or too much."""
    if not any(one.isprintable() and not one.isspace() for one in content):
        raise Invalid({"content": ["This field may not be blank."]})
    if len(content) > MOST_CHARACTERS:
        raise Invalid({"content": [f"Ensure this field has no more than {MOST_CHARACTERS} characters."]})
