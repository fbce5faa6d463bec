"""What tests of disputes do again and again."""

from typing import Any

from tests.handlers.client import Account, Reply
from tests.handlers.homeserve.scene import Scene

COMPLAINT = {"dispute_type": "quality_issue", "title": "Not cool", "description": "It is still warm"}


async def complain(scene: Scene, booking: Any, account: Account | None = None, **changes: Any) -> Reply:
    """Open a dispute about a booking, as the customer unless said otherwise."""
    body = COMPLAINT | {"booking_id": booking["id"]} | changes
    token = (account or scene.customer).token
    return await scene.api.post("/api/disputes/create_dispute/", json=body, token=token)


async def resolve(scene: Scene, dispute: Any, account: Account | None = None, **changes: Any) -> Reply:
    """Resolve a dispute with 10.00 back, as the ops manager unless said otherwise."""
    body = {"resolution_notes": "Agreed", "resolution_amount": 10.0} | changes
    path = f"/api/disputes/{dispute['id']}/resolve/"
    return await scene.api.post(path, json=body, token=(account or scene.ops).token)


async def say(scene: Scene, dispute: Any, account: Account, content: str = "Hello", **more: Any) -> Reply:
    """Write a message."""
    path = f"/api/disputes/{dispute['id']}/send_message/"
    return await scene.api.post(path, json={"content": content, **more}, token=account.token)


async def talk(scene: Scene, dispute: Any, account: Account, **query: Any) -> Any:
    """Give a page of messages as an account sees it."""
    path = f"/api/disputes/{dispute['id']}/messages/"
    reply = await scene.api.get(path, token=account.token, **query)
    assert reply.status == 200, reply.json
    return reply.json


async def earnings(scene: Scene) -> Any:
    """Give the vendor's earnings."""
    return (await scene.api.get("/api/earnings/", token=scene.vendor.token)).json["results"]
