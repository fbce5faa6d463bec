"""Signatures for tests: asked for, given, run out."""

from datetime import timedelta
from typing import Any

from server import clock
from tests.handlers.homeserve.scene import Scene

RATING = {"satisfaction_rating": 5, "comments": "Excellent service!"}


async def requested(scene: Scene, **more: Any) -> tuple[str, str]:
    """Give (booking, signature) of finished work whose signature is asked for."""
    booking = await scene.completed(**more)
    path = f"/api/bookings/{booking['id']}/request_signature/"
    answer = await scene.api.post(path, token=scene.vendor.token)
    assert answer.status == 200, answer.json
    return booking["id"], answer.json["signature_id"]


async def sign(scene: Scene, signature_id: str, **changes: Any) -> Any:
    path = f"/api/signatures/{signature_id}/sign/"
    return await scene.api.post(path, json=RATING | changes, token=scene.customer.token)


async def run_out(scene: Scene, signature_id: str) -> None:
    """Have a signature's time be over."""
    over = {"expires_at": clock.now() - timedelta(seconds=1)}
    assert await scene.api.market.stores.signatures.change(signature_id, over)
