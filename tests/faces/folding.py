"""Clients that fetch once and then only listen: what they know, and whether that is what is fetched.

Fetching what was said marks it as read, so `check` has everybody fetch, and only then looks.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any, ClassVar

import orjson

from tests.handlers.client import Account, Api, Reply, heard

Known = dict[str, dict[Any, Any]]
"""Things by kind and id, each as its row shows it."""

Action = Callable[[], Awaitable[Reply | None]]
GONE, READ = "gone_", "_read"
END = "The end"
NAMED = ("conversations", "messages")
"""Kinds whose people are called as they are called now."""


def fold(known: Known, message: dict[str, Any]) -> None:
    """Change what a client knows by one message."""
    for kind, rows in message.get("state", {}).items():
        if kind.startswith(GONE):
            for id in rows:
                known.get(kind.removeprefix(GONE), {}).pop(id, None)
        elif kind.endswith(READ):
            read = known.get(kind.removesuffix(READ), {})
            for row in rows:
                if row["id"] in read:
                    read[row["id"]] |= row
        elif kind == "people":
            for row in rows:
                _rename([known.get(name) for name in NAMED], row)
        else:
            known.setdefault(kind, {}).update({row["id"]: row for row in rows})
    if message["type"] == "status_update":
        known["people"][message["data"]["user_id"]] = message["data"]


def _rename(value: Any, person: Any) -> None:
    """Give somebody another name wherever they are."""
    if isinstance(value, dict) and value.get("id") == person["id"] and "name" in value:
        value["name"] = person["name"]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _rename(part, person)


async def listed(
    api: Api, account: Account, path: str, name: str = "results", **query: Any
) -> dict[Any, Any]:
    """Fetch all pages of a list, by id."""
    found: dict[Any, Any] = {}
    number, is_more = 1, True
    while is_more:
        page = (await api.get(path, token=account.token, page=number, page_size=100, **query)).json
        found |= {row["id"]: row for row in page[name]}
        number, is_more = number + 1, bool(page.get("next") or page.get("has_more"))
    return found


@dataclass(frozen=True)
class View(ABC):
    """A socket, and who listens on it."""

    account: Account

    @property
    @abstractmethod
    def path(self) -> str:
        """Give the socket's path."""

    @abstractmethod
    async def fetch(self, api: Api) -> Known | None:
        """Give what the socket speaks of, fetched afresh; None when it is not the listener's any more."""

    async def connect(self, api: Api, since: int, epoch: str = "") -> Any:
        query = f"?token={self.account.token}&updates=1&since={since}&epoch={epoch}"
        return await api.connect(f"ws://localhost:{api.port}{api.prefix}{self.path}{query}")

    async def place(self, api: Api) -> tuple[int, str]:
        """Give the socket's last event."""
        socket = await self.connect(api, 0)
        told = await heard(socket, "resync")
        socket.close()
        return told["seq"], told["epoch"]

    async def missed(self, api: Api, place: tuple[int, str], last: int) -> list[Any]:
        """Give what came after a place, up to a number; what is not spelled leaves a gap."""
        socket, messages = await self.connect(api, *place), []
        seq = place[0]
        while seq < last:
            message = orjson.loads(await socket.read_message())
            if "seq" in message:  # a greeting has none
                assert seq < message["seq"] <= last, "a number again, or one that nobody gave"
                seq = message["seq"]
                messages.append(message)
        socket.close()
        return messages


@dataclass
class Cut:
    """What a client knew at a moment, and the last event before it began to ask."""

    view: View
    place: tuple[int, str]
    known: Known

    def by(self, accounts: Sequence[Account]) -> "Cut":
        """Give it for a client that has signed in again."""
        fresh = {one.id: one for one in accounts}
        return replace(self, view=replace(self.view, account=fresh[self.view.account.id]))

    @classmethod
    async def make(cls, api: Api, view: View) -> "Cut":
        place = await view.place(api)
        return cls(view, place, await view.fetch(api) or {})


async def settled(api: Api, last: View, *others: int) -> None:
    """Return once everything that was committed has been announced: an event that came last is heard.

    last   : a socket of one user's news, which hears it
    others : users who hear of the end before, so that their last event is one that every face spells
    """
    socket = await last.connect(api, *await last.place(api))
    market, ids = api.market, [*(id for id in others if id != last.account.id), last.account.id]
    await market.database.together(lambda: market.notifications.notify(ids, "bonus_alert", END))
    while END not in await socket.read_message():
        pass
    socket.close()


async def check(api: Api, cuts: Sequence[Cut], last: View) -> list[Any]:
    """Fold what came after each cut into what was known, compare with what is fetched, give what came.

    last : as `settled` says
    """
    for view in {cut.view: None for cut in cuts}:
        await view.fetch(api)
    await settled(api, last, *{cut.view.account.id: None for cut in cuts})
    return [message for cut in cuts for message in await _check(api, cut)]


async def _check(api: Api, cut: Cut) -> list[Any]:
    fresh = await cut.view.fetch(api)
    if fresh is None:
        socket = await cut.view.connect(api, 0)
        assert await socket.read_message() is None, "somebody else's"
        return []
    last, epoch = await cut.view.place(api)
    assert epoch == cut.place[1]
    messages = await cut.view.missed(api, cut.place, last)
    folded = deepcopy(cut.known)
    for message in messages:
        fold(folded, message)
    for kind, rows in fresh.items():
        found = folded.get(kind, {})
        if kind == "people":  # who left one's company is not heard of any more
            found = {user_id: found.get(user_id) for user_id in rows}
        assert found == rows, (cut.view.path, kind, [message["type"] for message in messages])
    return messages


async def all_there(api: Api, views: Sequence[View]) -> None:
    """Have everybody keep a socket, so that those which a test opens and closes say nothing of presence."""
    for view in views:
        await api.listen(view.path, view.account.token)


class History(ABC):
    """Does one thing after another, chosen by a seeded generator among what makes some sense.

    views : the sockets that there are from the beginning; the first one's user hears of the end last
    late  : sockets of those who come and go, and stay in the end
    """

    types: ClassVar[frozenset[str]]
    """Types of messages that are heard in every history."""

    views: list[View]
    late: Sequence[View] = ()

    def __init__(self, api: Api, rng: Random) -> None:
        self.api, self.rng = api, rng
        self.statuses: dict[str, set[int]] = {}

    @abstractmethod
    def actions(self) -> Sequence[tuple[int, Action]]:
        """Give what can be done, and how often."""

    async def a_view(self) -> View:
        """Give a socket that somebody may open now."""
        return self.rng.choice(self.views)

    async def step(self) -> None:
        """Do something; nothing may fail but by a refusal."""
        weights, actions = zip(*self.actions(), strict=True)
        [action] = self.rng.choices(actions, weights)
        reply = await action()
        if reply is not None:
            assert reply.status < 500, (action.__name__, reply.json)
            self.statuses.setdefault(action.__name__, set()).add(reply.status)
