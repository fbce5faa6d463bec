"""A-List's conversations over HTTP and sockets: as documented, private, whole under load, heard at once."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from limits import RateLimitItemPerMinute

from server.services.talk import rooms
from tests.handlers.alist.documented import documented, is_refused
from tests.handlers.client import Account, Api, Reply, heard
from tests.handlers.homeserve.documented import fits

ROLES = ("client", "contractor", "crew", "specialist", "admin")
CONVERSATIONS = "/api/messaging/conversations/"


@dataclass
class Talk:
    """John, a client, and Jane, a contractor, who may talk to each other; and the API they do it by."""

    api: Api
    john: Account
    jane: Account

    async def begin(self, who: Account | None = None, **body: Any) -> Reply:
        """Have John begin the documented conversation with Jane, changed as said."""
        asked = {**documented("create_conversation").request, "participants": [self.jane.id], **body}
        return await self.api.post(CONVERSATIONS, json=asked, token=(who or self.john).token)

    async def begun(self) -> str:
        """Give the path of the messages of a new conversation."""
        return f"{CONVERSATIONS}{(await self.begin()).json['id']}/messages/"

    async def say(self, path: str, who: Account, content: Any = "Hello") -> Reply:
        return await self.api.post(path, json={"content": content}, token=who.token)

    async def read(self, path: str, who: Account, **query: Any) -> Any:
        """Give a page as its body."""
        reply = await self.api.get(path, token=who.token, **query)
        assert reply.status == 200, reply.json
        return reply.json


@pytest_asyncio.fixture
async def talk(alist: Api) -> Talk:
    john = await alist.account("john", "client", first_name="John Client")
    return Talk(alist, john, await alist.account("jane", "contractor", first_name="Jane Pro"))


async def test_the_documented_calls_answer_as_documented(talk: Talk) -> None:
    """Create, send, list both: 201 with what the lists show, 200 with the documented fields."""
    made = await talk.begin()
    example = documented("list_conversations").response["results"][0]
    assert (made.status, made.json["last_message"]) == (201, None)
    fits(example, made.json)
    path = f"{CONVERSATIONS}{made.json['id']}/messages/"
    sent = await talk.say(path, talk.john, documented("send_message").request["content"])
    assert sent.status == 201
    fits(documented("list_messages").response["results"][0], sent.json)
    assert sent.json["sender"] == {"id": talk.john.id, "name": "John Client"}
    assert sent.json["read_by"] == [talk.john.id]

    messages = await talk.read(path, talk.jane)
    fits(documented("list_messages").response, messages)
    assert messages["results"] == [{**sent.json, "read_by": [talk.john.id, talk.jane.id]}]
    listed = await talk.read(CONVERSATIONS, talk.jane)
    fits(documented("list_conversations").response, listed)
    (shown,) = listed["results"]
    assert shown["participants"] == [
        {"id": talk.john.id, "name": "John Client", "role": "client"},
        {"id": talk.jane.id, "name": "Jane Pro", "role": "contractor"},
    ]
    assert shown["title"] == "Kitchen Renovation Project"
    assert shown["last_message"] == {name: sent.json[name] for name in example["last_message"]}
    assert shown["updated_at"] == sent.json["created_at"]


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_talks_and_nobody_listens_in(talk: Talk, role: str) -> None:
    """Any role begins, reads and writes its own conversations; of others', admins too, it finds nothing."""
    path = await talk.begun()
    await talk.say(path, talk.john)
    other = await talk.api.account("other", role)
    assert (await talk.read(CONVERSATIONS, other))["count"] == 0
    assert is_refused(await talk.api.get(path, token=other.token), 404)
    assert is_refused(await talk.say(path, other), 404)
    assert (await talk.read(path, talk.john))["count"] == 1

    own = await talk.begin(other)
    assert own.status == 201
    assert [one["role"] for one in own.json["participants"]] == [role, "contractor"]
    path = f"{CONVERSATIONS}{own.json['id']}/messages/"
    assert (await talk.say(path, other)).status == (await talk.say(path, talk.jane)).status == 201
    assert (await talk.read(path, other))["count"] == 2


async def test_strangers_are_a_401(talk: Talk) -> None:
    """Without a token none of the calls is answered."""
    path = await talk.begun()
    for method, to in (("GET", CONVERSATIONS), ("POST", CONVERSATIONS), ("GET", path), ("POST", path)):
        assert is_refused(await talk.api.call(method, to, json=None if method == "GET" else {}), 401)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"participants": []}, "participants"),
        ({"participants": [999]}, "participants"),
        ({"participants": ["x", "y"]}, "participants"),
        ({"participants": 2}, "participants"),
        ({"participants": None}, "participants"),
        ({"participants": [True]}, "participants"),
        ({"participants": [0]}, "participants"),
        ({"participants": [2**60]}, "participants"),
        ({"participants": list(range(1, 30))}, "participants"),
        ({"participants": [1] * 101}, "participants"),
        ({"title": "x" * 301}, "title"),
        ({"title": 7}, "title"),
        ({"title": "a\x00b"}, "title"),
    ],
)
async def test_a_wrong_conversation_names_the_field(talk: Talk, body: dict[str, Any], field: str) -> None:
    """400 in the documented form, and nobody is in a conversation."""
    assert is_refused(await talk.begin(**body), 400, field)
    assert (await talk.read(CONVERSATIONS, talk.john))["count"] == 0


async def test_who_is_not_there_cannot_be_talked_to(talk: Talk) -> None:
    """An inactive account, oneself alone, and a body without anybody are refused by name."""
    gone = await talk.api.account("gone", "contractor", is_active=False)
    for wrong in ([gone.id], [talk.jane.id, gone.id], [talk.john.id]):
        assert is_refused(await talk.begin(participants=wrong), 400, "participants")
    reply = await talk.api.post(CONVERSATIONS, json={"title": "Alone"}, token=talk.john.token)
    assert is_refused(reply, 400, "participants")


async def test_participants_count_once_and_titles_are_optional(talk: Talk) -> None:
    """Oneself and repetitions add nobody; a conversation without a title has an empty one."""
    for title in ({}, {"title": None}, {"title": ""}):
        body = {"participants": [talk.jane.id, talk.john.id, talk.jane.id], **title}
        made = await talk.api.post(CONVERSATIONS, json=body, token=talk.john.token)
        assert [one["id"] for one in made.json["participants"]] == [talk.john.id, talk.jane.id]
        assert made.json["title"] == ""


async def test_a_key_begins_and_says_things_once(talk: Talk) -> None:
    """Sent again with its key a request gives the same answer; without one it is done again."""
    keyed = {"token": talk.john.token, "headers": {"Idempotency-Key": "once"}}
    body = {"participants": [talk.jane.id]}
    first, again = [await talk.api.post(CONVERSATIONS, json=body, **keyed) for _ in range(2)]
    assert first.json == again.json
    assert (await talk.begin()).json["id"] != first.json["id"]
    path = f"{CONVERSATIONS}{first.json['id']}/messages/"
    keyed["headers"] = {"Idempotency-Key": "said"}
    sent = [await talk.api.post(path, json={"content": "Hello"}, **keyed) for _ in range(2)]
    assert sent[0].json == sent[1].json
    assert is_refused(await talk.api.post(path, json={"content": "Other"}, **keyed), 409)
    assert (await talk.read(path, talk.john))["count"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": ""},
        {"content": " \n\t "},
        {"content": "\u200b"},
        {"content": None},
        {"content": 7},
        {"content": ["x"]},
        {"content": "a\x00b"},
        {"content": "x" * 5001},
    ],
)
async def test_a_wrong_message_names_its_content(talk: Talk, body: dict[str, Any]) -> None:
    """400 in the documented form, and nothing is said."""
    path = await talk.begun()
    assert is_refused(await talk.api.post(path, json=body, token=talk.john.token), 400, "content")
    assert (await talk.read(path, talk.john))["count"] == 0


@pytest.mark.parametrize("content", ["x" * 5000, "नमस्ते 👋", "two\nlines", "<script>alert(1)</script>"])
async def test_words_arrive_as_they_were_written(talk: Talk, content: str) -> None:
    """The longest message, other scripts, lines and markup come back unchanged."""
    path = await talk.begun()
    assert (await talk.say(path, talk.john, content)).json["content"] == content
    assert (await talk.read(path, talk.jane))["results"][0]["content"] == content


@pytest.mark.parametrize("id", ["999", "0", "-1", "x", "9" * 15, "9" * 30])
async def test_no_such_conversation_is_a_404(talk: Talk, id: str) -> None:
    """Whatever stands in the path's place for the id."""
    path = f"{CONVERSATIONS}{id}/messages/"
    assert is_refused(await talk.api.get(path, token=talk.john.token), 404)
    assert is_refused(await talk.say(path, talk.john), 404)


async def test_lists_are_paged_by_ten(talk: Talk) -> None:
    """Messages oldest first, conversations newest first; the links lead through all of them."""
    path = await talk.begun()
    for number in range(11):
        await talk.say(path, talk.john, f"{number}")
    page = await talk.read(path, talk.jane)
    assert [one["content"] for one in page["results"]] == [f"{number}" for number in range(10)]
    assert (page["count"], page["previous"]) == (11, None)
    following = await talk.read(page["next"].removeprefix(talk.api.base_url), talk.jane)
    assert [one["content"] for one in following["results"]] == ["10"]
    assert following["next"] is None

    made = [(await talk.begin()).json["id"] for _ in range(11)]
    page = await talk.read(CONVERSATIONS, talk.jane)
    assert [one["id"] for one in page["results"]] == made[:0:-1]
    assert page["count"] == 12
    await talk.say(path, talk.jane)
    page = await talk.read(CONVERSATIONS, talk.jane, page_size=1)
    assert f"{CONVERSATIONS}{page['results'][0]['id']}/messages/" == path


@pytest.mark.parametrize(
    ("query", "status"), [("page=0", 400), ("page=x", 400), ("page_size=0", 400), ("page=2", 404)]
)
async def test_a_page_that_is_not_there(talk: Talk, query: str, status: int) -> None:
    """A number that is none is a 400 naming it, one beyond the last page a 404."""
    path = await talk.begun()
    await talk.say(path, talk.john)
    for each in (path, CONVERSATIONS):
        reply = await talk.api.get(f"{each}?{query}", token=talk.john.token)
        assert is_refused(reply, status, query.partition("=")[0] if status == 400 else None)


async def test_unread_are_counted_until_listed(talk: Talk) -> None:
    """What others said counts until the page that shows it was listed; one's own never does."""
    path = await talk.begun()
    for number in range(3):
        await talk.say(path, talk.john, f"{number}")

    async def unread(who: Account) -> int:
        return int((await talk.read(CONVERSATIONS, who))["results"][0]["unread_count"])

    assert (await unread(talk.john), await unread(talk.jane)) == (0, 3)
    page = await talk.read(path, talk.jane, page_size=2)
    assert [one["read_by"] for one in page["results"]] == [[talk.john.id, talk.jane.id]] * 2
    assert await unread(talk.jane) == 1
    mine = await talk.read(path, talk.john)
    assert [talk.jane.id in one["read_by"] for one in mine["results"]] == [True, True, False]


async def test_two_who_speak_at_once_are_both_heard(talk: Talk) -> None:
    """Ten of each at once: twenty are there, and the conversation's last is the list's last."""
    path = await talk.begun()
    sides = (talk.john, talk.jane) * 10
    sent = await asyncio.gather(*(talk.say(path, who, f"{n}") for n, who in enumerate(sides)))
    assert {one.status for one in sent} == {201}
    listed = (await talk.read(path, talk.john, page_size=100))["results"]
    assert {one["content"] for one in listed} == {str(n) for n in range(20)}
    (shown,) = (await talk.read(CONVERSATIONS, talk.john))["results"]
    assert shown["last_message"]["id"] == listed[-1]["id"]
    assert shown["updated_at"] == listed[-1]["created_at"]


async def test_too_many_messages_are_a_429(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says too much is told when to go on; the other side may answer."""
    limit = RateLimitItemPerMinute(2, namespace=rooms.MESSAGES_USER.namespace)
    monkeypatch.setattr(rooms, "MESSAGES_USER", limit)
    path = await talk.begun()
    replies = [await talk.say(path, talk.john, f"{number}") for number in range(3)]
    assert [reply.status for reply in replies] == [201, 201, 429]
    assert is_refused(replies[2], 429)
    assert 1 <= int(replies[2].headers["Retry-After"]) <= 60
    assert (await talk.say(path, talk.jane)).status == 201


@pytest.mark.parametrize("path", ["/ws/notifications/", "/ws/"])
async def test_a_message_is_heard_at_once(talk: Talk, path: str) -> None:
    """Every participant's sockets get `message.new` with the message as its list shows it; others nothing."""
    room = await talk.begun()
    cleo = await talk.api.account("cleo", "client")
    sockets = [await talk.api.listen(path, who.token) for who in (talk.jane, talk.john, cleo)]
    sent = (await talk.say(room, talk.john, "Can you come on Monday?")).json
    for socket in sockets[:2]:
        told = await asyncio.wait_for(heard(socket, "message.new"), 10)
        assert told["data"] == {**sent, "conversation": int(room.split("/")[4])}
    private = await talk.begin(cleo)
    hers = f"{CONVERSATIONS}{private.json['id']}/messages/"
    await talk.say(hers, talk.jane, "For Cleo")
    first = await asyncio.wait_for(heard(sockets[2], "message.new"), 10)
    assert first["data"]["content"] == "For Cleo"


async def test_one_conversation_is_read_by_its_participants(talk: Talk) -> None:
    """As their list shows it; to anybody else, admins too, it does not exist."""
    path = await talk.begun()
    await talk.say(path, talk.john)
    one = path.removesuffix("messages/")
    for who in (talk.john, talk.jane):
        assert (await talk.read(one, who)) == (await talk.read(CONVERSATIONS, who))["results"][0]
    for role in ROLES:
        stranger = await talk.api.account(f"stranger-{role}", role)
        assert is_refused(await talk.api.get(one, token=stranger.token), 404)
    assert is_refused(await talk.api.get(one), 401)


async def test_a_participant_that_is_no_number_is_named_once(talk: Talk) -> None:
    """With the one thing that is wrong about it."""
    refused = await talk.begin(participants=["x"])
    assert refused.json["details"] == {"participants": ["Input should be a valid integer"]}


async def test_participants_give_another_title(talk: Talk) -> None:
    """Everybody in it sees the new one, with all that was said; to anybody else there is none."""
    path = await talk.begun()
    await talk.say(path, talk.john)
    one = path.removesuffix("messages/")
    before = await talk.read(one, talk.john)
    renamed = await talk.api.patch(one, json={"title": "The bath", "participants": []}, token=talk.john.token)
    assert (renamed.status, renamed.json) == (200, {**before, "title": "The bath"})
    assert (await talk.read(one, talk.jane))["title"] == "The bath"
    assert is_refused(
        await talk.api.patch(one, json={"title": "x" * 301}, token=talk.jane.token), 400, "title"
    )
    for role in ROLES:
        stranger = await talk.api.account(f"stranger-{role}", role)
        assert is_refused(await talk.api.patch(one, json={"title": "Mine"}, token=stranger.token), 404)
    assert is_refused(await talk.api.patch(one, json={"title": "Mine"}), 401)
