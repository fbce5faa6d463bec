"""What is said in a dispute: heard at once, read once, paged, private, with files."""

import asyncio
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient

from server.services.disputes import dispute_talk
from tests.handlers.client import Account, heard
from tests.handlers.homeserve.complaints import complain, resolve, say, talk
from tests.handlers.homeserve.forms import PDF, picture, post_form
from tests.handlers.homeserve.scene import Scene


async def fetch(url: str, account: Account) -> Any:
    headers = {"Authorization": f"Bearer {account.token}"}
    return await AsyncHTTPClient().fetch(url, headers=headers, raise_error=False)


async def test_the_other_side_hears_it(scene: Scene) -> None:
    """A message reaches the other party's notification socket with its content, and not its sender's."""
    dispute = (await complain(scene, await scene.completed())).json
    socket = await scene.api.listen(f"/ws/notifications/{scene.vendor.id}/", scene.vendor.token)
    sent = await say(scene, dispute, scene.customer, "The AC is still not working")
    told = await heard(socket, "dispute_message")
    assert told["data"]["content"] == told["data"]["message"] == "The AC is still not working"
    assert told["data"]["message_id"] == sent.json["id"]
    mine = await scene.api.get("/api/notifications/", token=scene.customer.token, kind="dispute_message")
    assert mine.json["count"] == 0


async def test_reading_marks_what_is_for_the_reader(scene: Scene) -> None:
    """A message is read when the one it is for has listed it, not when its sender or a mediator has."""
    dispute = (await complain(scene, await scene.completed())).json
    await say(scene, dispute, scene.customer)

    async def is_read(account: Account) -> list[bool]:
        return [one["is_read"] for one in (await talk(scene, dispute, account))["messages"]]

    assert await is_read(scene.customer) == [False]
    assert await is_read(scene.ops) == [False]
    assert await is_read(scene.customer) == [False]
    assert await is_read(scene.vendor) == [True]
    assert await is_read(scene.customer) == [True]
    assert await is_read(scene.ops) == [True]


async def test_a_mediator_writes_to_both(scene: Scene) -> None:
    """What a mediator says is for both parties, and read for them when each has seen it."""
    dispute = (await complain(scene, await scene.completed())).json
    sent = (await say(scene, dispute, scene.ops, "Send pictures, please")).json
    assert (sent["recipient_name"], sent["is_mine"]) == ("John Doe, Jane Smith", True)
    seen = []
    for reader in (scene.customer, scene.vendor):
        assert (await talk(scene, dispute, reader))["messages"][0]["is_read"]
        seen.append((await talk(scene, dispute, scene.ops))["messages"][0]["is_read"])
    assert seen == [False, True]


async def test_pages(scene: Scene) -> None:
    """Messages are paged, oldest first; those of another page stay unread."""
    dispute = (await complain(scene, await scene.completed())).json
    for number in range(5):
        await say(scene, dispute, scene.customer, f"Message {number}")
    page = await talk(scene, dispute, scene.vendor, page=2, page_size=2)
    assert [one["content"] for one in page["messages"]] == ["Message 2", "Message 3"]
    assert (page["total_count"], page["page"], page["page_size"], page["has_more"]) == (5, 2, 2, True)
    mine = (await talk(scene, dispute, scene.customer))["messages"]
    assert [one["is_read"] for one in mine] == [False, False, True, True, False]
    beyond = await talk(scene, dispute, scene.vendor, page=9)
    assert (beyond["messages"], beyond["has_more"], beyond["page_size"]) == ([], False, 50)
    for query in ("page=0", "page=x", "page_size=0"):
        path = f"/api/disputes/{dispute['id']}/messages/?{query}"
        assert (await scene.api.get(path, token=scene.vendor.token)).status == 400


async def test_many_at_once_are_all_kept(scene: Scene) -> None:
    """Both sides write ten messages at once: twenty are there, and counted."""
    dispute = (await complain(scene, await scene.completed())).json
    sides = (scene.customer, scene.vendor) * 10
    sent = await asyncio.gather(*(say(scene, dispute, side, f"{n}") for n, side in enumerate(sides)))
    assert {one.status for one in sent} == {201}
    kept = (await talk(scene, dispute, scene.ops))["messages"]
    assert {one["content"] for one in kept} == {str(n) for n in range(20)}
    shown = await scene.api.get(f"/api/disputes/{dispute['id']}/", token=scene.ops.token)
    assert shown.json["messages_count"] == 20


async def test_attachments_are_private(scene: Scene) -> None:
    """A file of a message is served to the parties and mediators alone."""
    dispute = (await complain(scene, await scene.completed())).json
    path = f"/api/disputes/{dispute['id']}/send_message/"
    said = {"content": "The invoice", "message_type": "document"}
    sent = await post_form(scene.api, path, scene.customer, said, attachment=("../invoice.pdf", PDF))
    assert (sent.status, sent.json["message_type"]) == (201, "document")
    rival = await scene.make_vendor("vendor2")
    for account, status in (
        (scene.customer, 200),
        (scene.vendor, 200),
        (scene.ops, 200),
        (scene.admin, 200),
        (scene.other, 404),
        (rival, 404),
        (scene.onboarder, 404),
    ):
        assert (await fetch(sent.json["attachment"], account)).code == status
    got = await fetch(sent.json["attachment"], scene.vendor)
    assert (got.body, got.headers["Content-Type"]) == (PDF, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment")


async def test_a_message_is_of_the_kind_of_its_file(scene: Scene) -> None:
    """Who names no type gets the file's: an image, a document, else text."""
    dispute = (await complain(scene, await scene.completed())).json
    path = f"/api/disputes/{dispute['id']}/send_message/"
    kinds = []
    for file in ({"attachment": ("a.jpg", picture())}, {"attachment": ("b", PDF)}, {}):
        sent = await post_form(scene.api, path, scene.vendor, {"content": "Look"}, **file)
        kinds.append((sent.json["message_type"], sent.json["attachment"] is not None))
    assert kinds == [("image", True), ("document", True), ("text", False)]


@pytest.mark.parametrize("content", [b"", b"MZ" + b"x" * 99, b"GIF89a/*<script>*/", b"%PD", b"<html></html>"])
async def test_other_files_are_refused(scene: Scene, content: bytes) -> None:
    """What is no PDF and no image, whatever its name, is a 400 naming the field, and nothing is said."""
    dispute = (await complain(scene, await scene.completed())).json
    path = f"/api/disputes/{dispute['id']}/send_message/"
    said = {"content": "Look", "message_type": "image"}
    sent = await post_form(scene.api, path, scene.customer, said, attachment=("a.jpg", content))
    assert (sent.status, list(sent.json["details"])) == (400, ["attachment"])
    assert (await talk(scene, dispute, scene.customer))["total_count"] == 0


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": "   "}, "content"),
        ({"content": "x" * 2001}, "content"),
        ({"content": "a\x00b"}, "content"),
        ({"content": ["x"]}, "content"),
        ({"content": "x", "message_type": "video"}, "message_type"),
        ({"content": "x", "sender_id": 1}, "sender_id"),
        ({"content": "x", "attachment": {"path": "/etc/hostname"}}, "attachment"),
    ],
)
async def test_wrong_messages_are_refused(scene: Scene, body: dict[str, Any], named: str) -> None:
    """A body that is wrong is a 400 naming the field, and nothing is said."""
    dispute = (await complain(scene, await scene.completed())).json
    path = f"/api/disputes/{dispute['id']}/send_message/"
    sent = await scene.api.post(path, json=body, token=scene.customer.token)
    assert sent.status == 400
    assert named in sent.json["details"]
    assert (await talk(scene, dispute, scene.customer))["total_count"] == 0


async def test_outsiders_say_nothing(scene: Scene) -> None:
    """Strangers get a 404, an onboard manager a 403, and after the end everybody a 409."""
    dispute = (await complain(scene, await scene.signed())).json
    rival = await scene.make_vendor("vendor2")
    for account, status in ((scene.other, 404), (rival, 404), (scene.onboarder, 403)):
        assert (await say(scene, dispute, account)).status == status
    assert (await resolve(scene, dispute)).status == 200
    for account in (scene.customer, scene.vendor, scene.ops):
        assert (await say(scene, dispute, account)).status == 409


async def test_a_dispute_takes_so_many(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages beyond the limit are a conflict, also when they come at once, and their file is not kept."""
    monkeypatch.setattr(dispute_talk, "MOST_MESSAGES", 2)
    dispute = (await complain(scene, await scene.completed())).json
    answers = await asyncio.gather(*(say(scene, dispute, scene.customer) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 201, 409, 409]


async def test_the_timeline_tells_it_in_order(scene: Scene) -> None:
    """Opening, assignment, messages, resolution and refund are in the timeline, with who did each."""
    dispute = (await complain(scene, await scene.signed())).json
    path = f"/api/disputes/{dispute['id']}/"
    await say(scene, dispute, scene.vendor, "I come again")
    await scene.api.post(f"{path}assign/", json={"mediator_id": scene.ops.id}, token=scene.admin.token)
    await say(scene, dispute, scene.ops, "Please do")
    await resolve(scene, dispute, resolution_notes="Visited again", resolution_amount=20)
    told = (await scene.api.get(f"{path}timeline/", token=scene.customer.token)).json
    assert [(one["event"], one["by_name"], one["text"], one["amount"]) for one in told["timeline"]] == [
        ("opened", "John Doe", "Not cool", None),
        ("message", "Jane Smith", "I come again", None),
        ("assigned", "admin1", "ops1", None),
        ("message", "ops1", "Please do", None),
        ("resolved", "ops1", "Visited again", "20.00"),
        ("refund", None, "", "20.00"),
    ]
    page = (await scene.api.get(f"{path}timeline/", token=scene.ops.token, page=2, page_size=4)).json
    assert [one["event"] for one in page["timeline"]] == ["resolved", "refund"]
    assert (page["total_count"], page["has_more"]) == (6, False)
