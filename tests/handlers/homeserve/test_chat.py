"""The assistant over REST and its socket: true answers from the asking user's own data, and nobody else's."""

import json
from typing import Any

import pytest

from tests.handlers.client import Account
from tests.handlers.homeserve.documented import documented, fits
from tests.handlers.homeserve.scene import Scene


async def ask(scene: Scene, account: Account, role: str, message: str) -> str:
    body = {"user_id": account.id, "role": role, "message": message}
    answer = await scene.api.post("/api/chat/query/", json=body, token=account.token)
    assert answer.status == 200, answer.json
    fits(documented("chat_query").response, answer.json)
    return str(answer.json["response"])


async def test_bookings_are_ones_own(scene: Scene) -> None:
    """A customer hears of their own bookings, by service, state and id; another customer hears of none."""
    booking = await scene.confirmed()
    answer = await ask(scene, scene.customer, "customer", "where is my technician")
    assert answer.startswith("Here are your recent bookings:\n\n• AC Repair - Confirmed\n  Scheduled for: ")
    assert booking["id"] in answer
    assert await ask(scene, scene.other, "customer", "track my order") == "You have no bookings yet."


async def test_a_price_is_the_price(scene: Scene) -> None:
    """The assistant's price is what the price call says at that moment."""
    place = {"service_id": scene.service.id, "pincode": "110001"}
    shown = await scene.api.get("/api/dynamic-pricing/", token=scene.customer.token, **place)
    answer = await ask(scene, scene.customer, "customer", "how much is ac repair at 110001?")
    assert f"₹{shown.json['pricing']['final_price']:,.2f}" in answer
    assert "Name a service" in await ask(scene, scene.customer, "customer", "what does it cost")
    assert "Pincode not found" in await ask(scene, scene.customer, "customer", "price of ac repair at 999999")


async def test_a_vendors_day(scene: Scene) -> None:
    """A vendor hears of pending jobs, earnings, signatures and their tier, each from the data."""
    await scene.book()
    jobs = await ask(scene, scene.vendor, "vendor", "any new jobs for me?")
    assert jobs.startswith("You have 1 pending job:")
    assert "You have earned ₹0.00" in await ask(scene, scene.vendor, "vendor", "how much did I earn")
    booking = await scene.signed(when=scene.at(14))
    earnings = (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
    earned = await ask(scene, scene.vendor, "vendor", "my income please")
    assert f"₹{float(earnings[0]['amount']):,.2f}" in earned
    tier = await ask(scene, scene.vendor, "vendor", "which tier am I in")
    assert "bronze tier" in tier
    assert booking["id"] not in await ask(scene, scene.other, "customer", "my bookings")


async def test_signatures_and_disputes(scene: Scene) -> None:
    """What waits for the customer is named with its id, and is gone when it is done."""
    booking = await scene.completed()
    path = f"/api/bookings/{booking['id']}/request_signature/"
    asked = (await scene.api.post(path, token=scene.vendor.token)).json["signature_id"]
    assert asked in await ask(scene, scene.customer, "customer", "what do I have to sign")
    assert "no open disputes" in await ask(scene, scene.customer, "customer", "my complaint")
    body = {"reason": "It leaks", "open_dispute": True}
    await scene.api.post(f"/api/signatures/{asked}/refuse/", json=body, token=scene.customer.token)
    assert "1 open dispute" in await ask(scene, scene.customer, "customer", "my complaint")
    assert await ask(scene, scene.customer, "customer", "anything to sign?") == "No signature is waiting."


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("cancel my booking", "is free now"),
        ("postpone the visit", "moves at once"),
        ("tell me a joke", "I am not sure what you mean"),
        ("help", "I can tell you about"),
        ("hello", "Hello John Doe!"),
        ("any alerts?", "unread notification"),
        ("did my payment go through", "no payments yet"),
        ("who is free at 110001", "vendor at 110001"),
        ("how do I become a vendor", "no applications"),
    ],
)
async def test_answers(scene: Scene, message: str, part: str) -> None:
    """Each kind of question is answered in a sentence; what is not understood is said to be so."""
    booking = await scene.confirmed()
    await scene.api.post(
        f"/api/bookings/{booking['id']}/reschedule/",
        json={"scheduled_date": scene.at(14)},
        token=scene.vendor.token,
    )
    market = scene.api.market
    await market.database.together(
        lambda: market.notifications.notify([scene.customer.id], "bonus_alert", "Something", {})
    )
    assert part in await ask(scene, scene.customer, "customer", message)


async def test_staff_see_the_whole(scene: Scene) -> None:
    """An admin hears of the marketplace, and may ask on behalf of a user."""
    await scene.confirmed()
    assert "1 booking at 1 pincode" in await ask(scene, scene.admin, "super_admin", "give me the numbers")
    body = {"user_id": scene.customer.id, "role": "customer", "message": "my orders"}
    answer = await scene.api.post("/api/chat/query/", json=body, token=scene.ops.token)
    assert "AC Repair" in answer.json["response"]


async def test_staff_see_what_their_role_may(scene: Scene) -> None:
    """An onboard manager sees neither bookings nor money through the assistant, and speaks for nobody."""
    await scene.confirmed()
    for message in ("show recent bookings", "payment history", "give me the numbers", "any open disputes"):
        assert await ask(scene, scene.onboarder, "onboard_manager", message) == (
            "That is not for your role to see."
        )
    assert "no applications" in await ask(scene, scene.onboarder, "onboard_manager", "show applicants")
    query = {"user_id": scene.onboarder.id, "role": "onboard_manager"}
    context = await scene.api.get("/api/chat/context/", token=scene.onboarder.token, **query)
    assert context.json["context"]["recent_activities"] == []
    for user, role in ((scene.admin, "super_admin"), (scene.customer, "customer")):
        body = {"user_id": user.id, "role": role, "message": "my bookings"}
        answer = await scene.api.post("/api/chat/query/", json=body, token=scene.onboarder.token)
        assert answer.status == 404
    body = {"user_id": scene.admin.id, "role": "super_admin", "message": "my bookings"}
    assert (await scene.api.post("/api/chat/query/", json=body, token=scene.ops.token)).status == 404


@pytest.mark.parametrize("who", ["other", "vendor"])
async def test_nobody_asks_for_another(scene: Scene, who: str) -> None:
    """A token of anybody else is a 404 over REST and a refusal on the socket; a wrong role too."""
    body = {"user_id": scene.customer.id, "role": "customer", "message": "my bookings"}
    stranger: Account = getattr(scene, who)
    answer = await scene.api.post("/api/chat/query/", json=body, token=stranger.token)
    assert answer.status == 404
    query = {"user_id": scene.customer.id, "role": "customer"}
    assert (await scene.api.get("/api/chat/context/", token=stranger.token, **query)).status == 404
    socket = await scene.api.listen(f"/ws/chat/{scene.customer.id}/customer/", stranger.token)
    assert await socket.read_message() is None
    assert socket.close_code == 4000
    escalated = body | {"role": "super_admin"}
    assert (
        await scene.api.post("/api/chat/query/", json=escalated, token=scene.customer.token)
    ).status == 404
    assert (await scene.api.post("/api/chat/query/", json=body)).status == 401


async def test_context(scene: Scene) -> None:
    """The context suggests what fits, and lists the newest bookings."""
    booking = await scene.completed()
    query = {"user_id": scene.customer.id, "role": "customer"}
    first = await scene.api.get("/api/chat/context/", token=scene.customer.token, **query)
    fits(documented("chat_context").response, first.json)
    assert "Approve signature for completed service" not in first.json["context"]["suggested_actions"]
    path = f"/api/bookings/{booking['id']}/request_signature/"
    await scene.api.post(path, token=scene.vendor.token)
    then = await scene.api.get("/api/chat/context/", token=scene.customer.token, **query)
    assert "Approve signature for completed service" in then.json["context"]["suggested_actions"]


async def test_the_socket_answers_as_documented(scene: Scene) -> None:
    """A chat message gets a chat response; anything else an error message, and the socket lives."""
    socket = await scene.api.listen(f"/ws/chat/{scene.vendor.id}/vendor/", scene.vendor.token)

    async def say(content: Any) -> Any:
        await socket.write_message(content if isinstance(content, str) else json.dumps(content))
        return json.loads(await socket.read_message() or "")

    answer = await say({"type": "chat_message", "message": "What are my pending jobs?"})
    assert answer["type"] == "chat_response"
    assert answer["data"]["message"] == "You have 0 pending jobs."
    for wrong in (
        "{",
        "[]",
        {"type": "other"},
        {"type": "chat_message", "message": {"$gt": ""}},
        {"type": 1},
    ):
        assert (await say(wrong))["type"] == "error"
    assert (await say({"type": "chat_message", "message": "thanks"}))["type"] == "chat_response"
