"""Conversations: nobody's business but their participants'."""

from walkthrough.smoke.alist_cast import CONVERSATION, READ_MESSAGE, Cast, listed
from walkthrough.smoke.alist_visits import BELL, rung
from walkthrough.smoke.checking import Checks

ROOMS = "/api/messaging/conversations/"


async def play(checks: Checks, cast: Cast) -> None:
    client, pro = cast.client, cast.pro
    body = {"participants": [pro.user["id"]], "title": "Kitchen Renovation Project"}
    room = {**CONVERSATION, "title": body["title"], "last_message": None}
    made = await checks.expect(client, "POST", ROOMS, 201, body, shape=room)
    for participants in ([], [999_999_999], ["x"], [client.user["id"]]):
        wrong = {"participants": participants}
        await checks.expect(client, "POST", ROOMS, 400, wrong, field="participants")
    path = f"{ROOMS}{(made.json or {}).get('id', 0)}/messages/"
    bell = await pro.listen(BELL)
    content = "I need help with a leaky faucet in my kitchen."
    said = {**READ_MESSAGE, "content": content, "read_by": [client.user["id"]]}
    await checks.expect(client, "POST", path, 201, {"content": content}, shape=said)
    await rung(checks, pro, bell, "message.new", content=content)
    bell.close()
    for blank in ({"content": "  "}, {}):
        await checks.expect(client, "POST", path, 400, blank, field="content")
    await _read(checks, cast, path, content)
    one = path.removesuffix("messages/")
    await checks.expect(pro, "GET", one, shape={**CONVERSATION, "title": body["title"]})
    renamed = {"title": "Kitchen, next year"}
    await checks.expect(pro, "PATCH", one, 200, renamed, shape={**CONVERSATION, **renamed})
    for role in ("client", "contractor", "admin"):
        await checks.expect(cast.of(role), "GET", one, 404)
        await checks.expect(cast.of(role), "GET", path, 404)
        await checks.expect(cast.of(role), "POST", path, 404, {"content": "May I?"})
    await checks.expect(cast.of("client"), "GET", ROOMS, shape=listed(CONVERSATION))


async def _read(checks: Checks, cast: Cast, path: str, content: str) -> None:
    """Listing marks as read; the room shows its newest message."""
    both = sorted((cast.client.user["id"], cast.pro.user["id"]))
    page = {**listed(READ_MESSAGE), "count": 1}
    reply = await checks.expect(cast.pro, "GET", path, shape=page)
    read_by = [sorted(one["read_by"]) for one in reply.json["results"]]
    checks.check(cast.pro.name, "what is listed is read", read_by == [both])
    newest = {**CONVERSATION, "last_message": {"content": content}}
    await checks.expect(cast.pro, "GET", ROOMS, shape={**listed(newest), "count": 1})
