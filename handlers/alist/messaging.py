"""Conversations, and what is said in them; nobody but their participants sees either."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from handlers.alist.roles import EVERYONE
from handlers.alist.users import PersonOut
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call, Viewer
from handlers.fields import Clean, Id, Line, WireTime, wire_time
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.events import Event
from server.domain.rooms import MOST_CHARACTERS, Message, Room, Said
from server.services.talk.rooms import People

CONVERSATIONS = "/api/messaging/conversations/"
ONE = CONVERSATIONS + "{conversation_id:int}/"
MESSAGES = ONE + "messages/"

Content = Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS), Clean]


class NewConversation(Body):
    participants: Annotated[list[Id], Field(min_length=1, max_length=100)]
    title: Line | None = None


class ChangeConversation(Body):
    title: Line


class NewMessage(Body):
    content: Content


class ParticipantOut(PersonOut):
    role: str


class LastMessageOut(BaseModel):
    id: int
    sender: PersonOut
    content: str
    created_at: WireTime


class MessageOut(LastMessageOut):
    read_by: list[int]


class ConversationOut(BaseModel):
    """The document's conversation, and how many of its messages the caller has not listed yet."""

    id: int
    participants: list[ParticipantOut]
    title: str
    last_message: LastMessageOut | None
    updated_at: WireTime
    unread_count: int


def conversation_out(viewer: Viewer, room: Room, people: People) -> dict[str, Any]:
    """Give a conversation as the viewer sees it."""
    return {
        "id": room.id,
        "participants": [people[user_id] for user_id in room.member_ids],
        "title": room.title,
        "last_message": room.last_message and said_out(room.last_message, people),
        "updated_at": room.updated_at,
        "unread_count": room.unread(viewer.user_id),
    }


def said_out(said: Said | Message, people: People) -> dict[str, Any]:
    """Give who said what, and when."""
    return {
        "id": said.id,
        "sender": people[said.sender_id],
        "content": said.content,
        "created_at": said.created_at,
    }


def message_out(message: Message, people: People) -> dict[str, Any]:
    """Give a message with the ids of those who have read it."""
    return {**said_out(message, people), "read_by": sorted(message.read_by)}


def message_new(event: Event) -> dict[str, Any]:
    """Give a message as its conversation's list shows it, with the conversation's id."""
    facts = event.data
    return {
        "id": facts["message_id"],
        "conversation": facts["room_id"],
        "sender": {"id": facts["sender_id"], "name": facts["sender_name"]},
        "content": facts["content"],
        "read_by": facts["read_by"],
        "created_at": wire_time(facts["created_at"]),
    }


async def list_conversations(call: Call) -> dict[str, Any]:
    """Give one's conversations, those with the newest message first."""
    query: PageQuery = call.query
    listed, people = await call.market.rooms.list(call.caller, query.paging())
    return page(call, listed.map(lambda room: conversation_out(call.viewer, room, people)))


async def create_conversation(call: Call) -> dict[str, Any]:
    """Begin a conversation with others; the caller is a participant without being named."""
    body: NewConversation = call.body
    room, people = await call.market.rooms.create(call.caller, body.participants, body.title or "")
    return conversation_out(call.viewer, room, people)


async def get_conversation(call: Call) -> dict[str, Any]:
    """Give one conversation to its participants."""
    room, people = await call.market.rooms.get(call.caller, call.path["conversation_id"])
    return conversation_out(call.viewer, room, people)


async def change_conversation(call: Call) -> dict[str, Any]:
    """Give a conversation another title, for all its participants."""
    body: ChangeConversation = call.body
    room, people = await call.market.rooms.rename(call.caller, call.path["conversation_id"], body.title)
    return conversation_out(call.viewer, room, people)


async def list_messages(call: Call) -> dict[str, Any]:
    """Give what was said, oldest first; what is listed counts as read by the caller."""
    query: PageQuery = call.query
    listed, people = await call.market.rooms.messages(
        call.caller, call.path["conversation_id"], query.paging()
    )
    return page(call, listed.map(lambda message: message_out(message, people)))


async def send_message(call: Call) -> dict[str, Any]:
    """Say something to the other participants."""
    body: NewMessage = call.body
    message, people = await call.market.rooms.send(call.caller, call.path["conversation_id"], body.content)
    return message_out(message, people)


ROUTES = (
    Route(
        "GET",
        CONVERSATIONS,
        list_conversations,
        roles=EVERYONE,
        query=PageQuery,
        reply=Page[ConversationOut],
    ),
    Route(
        "POST",
        CONVERSATIONS,
        create_conversation,
        roles=EVERYONE,
        body=NewConversation,
        reply=ConversationOut,
        status=201,
    ),
    Route("GET", ONE, get_conversation, roles=EVERYONE, reply=ConversationOut),
    Route(
        "PATCH",
        ONE,
        change_conversation,
        roles=EVERYONE,
        body=ChangeConversation,
        reply=ConversationOut,
    ),
    Route("GET", MESSAGES, list_messages, roles=EVERYONE, query=PageQuery, reply=Page[MessageOut]),
    Route(
        "POST",
        MESSAGES,
        send_message,
        roles=EVERYONE,
        body=NewMessage,
        reply=MessageOut,
        status=201,
    ),
)
