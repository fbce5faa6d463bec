"""Numbered notifications, to see that none is lost, doubled or out of order."""

from uuid import uuid4

from server import clock
from server.domain.events import NOTIFIED, Event, user_topic
from tests.handlers.homeserve.scene import Scene


def told(scene: Scene, number: int, message: str = "") -> Event:
    """Give what tells the customer a number."""
    facts = {"kind": "told", "message": message, "facts": {"number": number}, "notification_id": str(uuid4())}
    return Event(NOTIFIED, (user_topic(scene.customer.id),), facts, clock.now())
