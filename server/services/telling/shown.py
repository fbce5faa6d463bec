"""What is shown of things that changed: into events as plain values without what is secret, and out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from server.domain.applications import Application
from server.domain.changes import SECRET_FIELDS
from server.domain.disputes import Dispute, DisputeMessage
from server.domain.entities import Address, Booking, Shift, User
from server.domain.events import NOTIFICATIONS_READ, NOTIFIED, Event
from server.domain.notifications import Notification
from server.domain.openings import Opening
from server.domain.payments import Earning, Payment
from server.domain.photos import Photo
from server.domain.portfolio import PortfolioItem
from server.domain.proposals import Proposal
from server.domain.reviews import Review
from server.domain.rooms import Message, Person, Room
from server.domain.signatures import Signature
from server.services.shop.showcase import Card


@dataclass(frozen=True, slots=True)
class ShownBooking:
    """A booking with the open proposal to move it, as both sides see it."""

    booking: Booking
    proposal: Proposal | None


@dataclass(frozen=True, slots=True)
class ShownApplication:
    """An application, and whether it could be handed in."""

    application: Application
    is_complete: bool


@dataclass(frozen=True, slots=True)
class ShownDispute:
    """A dispute, and by party how many of its messages they have not read."""

    dispute: Dispute
    unread: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ReadDisputeMessage:
    """A dispute's message that somebody has read now, without what was said."""

    id: str
    dispute_id: str
    recipient_ids: tuple[int, ...]
    unread_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownRoom:
    """A conversation, and who is in it."""

    room: Room
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A conversation's message, and who says it."""

    message: Message
    sender: Person


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A conversation's message that somebody has read now, without what was said."""

    id: int
    room_id: int
    read_by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownOpening:
    """Hours at which a provider likes to be asked, and what their business is called."""

    opening: Opening
    provider_name: str


@dataclass(frozen=True, slots=True)
class ReadNotification:
    """A notification that its user has read now."""

    id: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing that there is not any more for the listener. `kind` is the name of what shows such a thing."""

    kind: str
    id: int | str


KINDS = (
    *(ShownBooking, ShownApplication, Photo, Signature, Payment, Earning),
    *(ShownDispute, DisputeMessage, ReadDisputeMessage),
    *(ShownRoom, ShownMessage, ReadMessage, Person),
    *(Card, PortfolioItem, Review, ShownOpening, Shift, Address, User, Gone),
)
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in KINDS}


def plain(thing: Any) -> Mapping[str, Any]:
    """Give a thing of one of KINDS as plain values, without what is secret."""
    kind = type(thing).__name__
    return {"kind": kind, "value": _without_secrets(_ADAPTERS[kind].dump_python(thing, mode="json"))}


def shown_in(event: Event) -> list[Any]:
    """Give the things that changed with an event: of KINDS, and notifications, whose events say all."""
    shown = [_ADAPTERS[one["kind"]].validate_python(one["value"]) for one in event.shows]
    facts = event.data
    if event.kind == NOTIFIED and "notification_id" in facts:  # what was only said is kept nowhere
        shown.append(notification_in(event))
    if event.kind == NOTIFICATIONS_READ:
        shown += [ReadNotification(id, facts["read_at"]) for id in facts["notification_ids"]]
    return shown


def notification_in(event: Event) -> Notification:
    """Give the notification that an event tells, without whom it is for."""
    facts = event.data
    id, kind, message = facts["notification_id"], facts["kind"], facts["message"]
    return Notification(id, 0, kind, message, facts["facts"], event.at)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name in SECRET_FIELDS else _without_secrets(one) for name, one in value.items()}
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value
