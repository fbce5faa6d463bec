"""What A-List's sockets show of a thing that has changed: the thing itself, as its row shows it."""

from typing import Any

from pydantic import BaseModel

from handlers.alist.addresses import AddressOut, address_out
from handlers.alist.appointments import AppointmentOut, appointment_out
from handlers.alist.availability import SlotOut, slot_out
from handlers.alist.messaging import (
    ConversationOut,
    MessageOut,
    ParticipantOut,
    conversation_out,
    message_out,
)
from handlers.alist.notifications import NotificationOut, notification_out
from handlers.alist.payments import PaymentOut, payment_out
from handlers.alist.portfolio import ItemOut, item_out
from handlers.alist.profiles import ProfileOut, profile_out
from handlers.alist.reviews import ReviewOut, review_out
from handlers.alist.users import UserOut
from handlers.call import Viewer
from handlers.telling import Row, Rows
from server.domain.entities import Address, User
from server.domain.events import Event
from server.domain.notifications import Notification
from server.domain.payments import Payment
from server.domain.portfolio import PortfolioItem
from server.domain.reviews import Review
from server.domain.rooms import Person
from server.services.bookings.announcements import payment_facts
from server.services.shop.showcase import Card
from server.services.telling.shown import (
    ReadMessage,
    ReadNotification,
    ShownBooking,
    ShownMessage,
    ShownOpening,
    ShownRoom,
)


class SaidOut(MessageOut):
    """A message, and in which conversation it was said."""

    conversation: int


class MessageReadOut(BaseModel):
    id: int
    conversation: int
    read_by: list[int]


class NotificationReadOut(BaseModel):
    id: str
    is_read: bool = True


def _appointment(_: Viewer, shown: ShownBooking) -> dict[str, Any]:
    return appointment_out(shown.booking)


def _slot(_: Viewer, shown: ShownOpening) -> dict[str, Any]:
    return slot_out(shown.opening, shown.provider_name)


def _conversation(viewer: Viewer, shown: ShownRoom) -> dict[str, Any]:
    return conversation_out(viewer, shown.room, {one.id: one for one in shown.people})


def _said(_: Viewer, shown: ShownMessage) -> dict[str, Any]:
    said = message_out(shown.message, {shown.sender.id: shown.sender})
    return {**said, "conversation": shown.message.room_id}


def _read(_: Viewer, seen: ReadMessage) -> dict[str, Any]:
    return {"id": seen.id, "conversation": seen.room_id, "read_by": sorted(seen.read_by)}


ROWS = Rows(
    {
        ShownBooking: Row("appointments", AppointmentOut, _appointment, int),
        Payment: Row("payments", PaymentOut, lambda _, shown: payment_out(payment_facts(shown))),
        Notification: Row("notifications", NotificationOut, lambda _, shown: notification_out(shown)),
        ReadNotification: Row("notifications_read", NotificationReadOut, lambda _, shown: shown),
        ShownRoom: Row("conversations", ConversationOut, _conversation),
        ShownMessage: Row("messages", SaidOut, _said),
        ReadMessage: Row("messages_read", MessageReadOut, _read),
        Person: Row("people", ParticipantOut, lambda _, shown: shown),
        Card: Row("profiles", ProfileOut, profile_out),
        PortfolioItem: Row("portfolio_items", ItemOut, item_out),
        Review: Row("reviews", ReviewOut, lambda _, shown: review_out(shown)),
        ShownOpening: Row("availability_slots", SlotOut, _slot),
        Address: Row("addresses", AddressOut, lambda _, shown: address_out(shown), int),
        User: Row("accounts", UserOut, lambda _, shown: shown),
    }
)


def state_of(event: Event, viewer: Viewer) -> dict[str, list[Any]]:
    """Give what changed with an event as rows show it, by kind.

    appointments, payments, notifications, notifications_read, conversations (as the listener sees them),
    messages and messages_read (with their conversation), people (whose names have changed, in conversations
    and messages), addresses, gone_addresses, accounts (one's own); to professionals their own profiles,
    portfolio_items, gone_portfolio_items, reviews, gone_reviews, availability_slots, gone_availability_slots
    """
    return ROWS.state(event, viewer)
