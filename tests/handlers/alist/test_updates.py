"""What changed travels with A-List's events: beside what is documented, to those who may read it."""

import asyncio
from typing import Any

from tests.faces.test_events import says_nothing
from tests.handlers.alist.people import People
from tests.handlers.alist.shops import PORTFOLIO, open_shop
from tests.handlers.alist.test_messaging import CONVERSATIONS, Talk, talk
from tests.handlers.client import Account, Api, heard

__all__ = ["talk"]


async def listen(api: Api, who: Account, query: str = "") -> Any:
    path = f"{api.prefix}/ws/?token={who.token}{query}"
    return await api.connect(f"ws://localhost:{api.port}{path}")


async def test_a_message_shows_the_conversation_as_each_listener_sees_it(talk: Talk) -> None:
    """The data is as documented; beside it stand the message and the conversation with one's own count."""
    path = await talk.begun()
    sockets = {who.id: await listen(talk.api, who) for who in (talk.john, talk.jane)}
    said = (await talk.say(path, talk.john)).json
    for who, unread in ((talk.john, 0), (talk.jane, 1)):
        told = await asyncio.wait_for(heard(sockets[who.id], "message.new"), 60)
        [room] = (await talk.read(CONVERSATIONS, who))["results"]
        assert told["data"] == {**said, "conversation": room["id"]}
        assert told["state"]["messages"] == [told["data"]]
        assert told["state"]["conversations"] == [room]
        assert room["unread_count"] == unread


async def test_what_is_read_is_told_to_who_asks(talk: Talk) -> None:
    """The sender hears who has read it, the reader what is left; without `?updates=1` nobody hears."""
    path = await talk.begun()
    said = (await talk.say(path, talk.john)).json
    plain = await listen(talk.api, talk.john)
    asked = {who.id: await listen(talk.api, who, "&updates=1") for who in (talk.john, talk.jane)}
    await talk.read(path, talk.jane)
    mark = {"id": said["id"], "read_by": [talk.john.id, talk.jane.id]}
    for who in (talk.john, talk.jane):
        told = {}
        while "messages_read" not in told:
            told = (await asyncio.wait_for(heard(asked[who.id], "update"), 60))["state"]
        assert [one.items() >= mark.items() for one in told["messages_read"]] == [True]
    await talk.say(path, talk.john, "Are you there?")
    assert (await asyncio.wait_for(heard(plain, "message.new"), 60))["data"]["content"] == "Are you there?"


async def test_nobody_else_hears_of_it(people: People) -> None:
    """Of a talk, an appointment and a portfolio others hear nothing, admins included."""
    api, outside = people.api, (people.other_client, people.other_pro, people.crew, people.admin)
    sockets = [await listen(api, who, "&updates=1") for who in outside]
    inside = await listen(api, people.pro, "&updates=1")
    await open_shop(people)
    await people.ask()
    await api.post(PORTFOLIO, json={"title": "A kitchen"}, token=people.pro.token)
    await api.patch("/api/users/me/", json={"name": "Johnny"}, token=people.client.token)
    body = {"participants": [people.pro.id], "title": "The last"}
    await api.post(CONVERSATIONS, json=body, token=people.client.token)
    shown: dict[str, Any] = {}
    while "conversations" not in shown:
        shown |= (await asyncio.wait_for(heard(inside, "update"), 60)).get("state", {})
    assert shown.keys() >= {"profiles", "portfolio_items", "appointments"}
    for socket in sockets:
        assert await says_nothing(socket)
