"""The assistant, over REST and its socket."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from handlers.call import Call
from handlers.fields import Id, Notes, WireTime, wire_time
from handlers.homeserve.roles import EVERYONE
from handlers.reading import Body, Query
from handlers.route import Route, SocketRoute
from server import clock
from server.chat.wording import title
from server.domain.events import Event
from server.domain.parties import Caller
from server.errors import Malformed

Role = Annotated[str, Field(max_length=40, examples=["customer"])]


class Question(Body):
    user_id: Id
    role: Role
    message: Annotated[Notes, Field(min_length=1, examples=["When is my next booking?"])]


class Whose(Query):
    user_id: Id
    role: Role


class SocketQuestion(Body):
    type: Annotated[str, Field(pattern="^chat_message$")]
    message: Annotated[Notes, Field(min_length=1)]


class Response(BaseModel):
    response: str


class RecentActivity(BaseModel):
    type: str
    id: str
    service: str
    status: str
    date: WireTime


class ContextOut(BaseModel):
    role: str
    suggested_actions: list[str]
    recent_activities: list[RecentActivity]


class ContextReply(BaseModel):
    context: ContextOut


async def ask(call: Call) -> dict[str, str]:
    """Ask the assistant; it answers from the user's own data."""
    body: Question = call.body
    speaker = await call.market.chat.speaker(call.caller, body.user_id, body.role)
    return {"response": await call.market.chat.reply(speaker, body.message)}


async def read_context(call: Call) -> dict[str, Any]:
    """Give what the user may want to ask, and their newest bookings."""
    query: Whose = call.query
    speaker = await call.market.chat.speaker(call.caller, query.user_id, query.role)
    context = await call.market.chat.context(speaker)
    recent = [
        {
            "type": "booking",
            "id": booking.id,
            "service": booking.service_name,
            "status": title(booking.state),
            "date": booking.starts_at,
        }
        for booking in context.recent
    ]
    return {
        "context": {
            "role": query.role,
            "suggested_actions": list(context.suggestions),
            "recent_activities": recent,
        }
    }


async def join_chat(call: Call) -> None:
    """Let a user talk to the assistant; staff may about anybody."""
    await _speaker(call)


async def hear(call: Call, content: Any) -> dict[str, Any]:
    """Answer `{"type": "chat_message", "message": ...}` by `chat_response`: message, timestamp."""
    try:
        question = SocketQuestion.model_validate(content)
    except ValidationError as wrong:
        raise Malformed('Send {"type": "chat_message", "message": "..."}.') from wrong
    answer = await call.market.chat.reply(await _speaker(call), question.message)
    return {"type": "chat_response", "data": {"message": answer, "timestamp": wire_time(clock.now())}}


def spell(event: Event) -> None:
    """Say nothing of events: this socket only answers."""
    return


async def _speaker(call: Call) -> Caller:
    return await call.market.chat.speaker(call.caller, call.path["user_id"], call.path["role"])


ROUTES = (
    Route("POST", "/api/chat/query/", ask, roles=EVERYONE, body=Question, reply=Response),
    Route("GET", "/api/chat/context/", read_context, roles=EVERYONE, query=Whose, reply=ContextReply),
)
SOCKETS = (SocketRoute("/ws/chat/{user_id:int}/{role}/", join_chat, spell, EVERYONE, receive=hear),)
