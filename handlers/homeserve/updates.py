"""What HomeServe's sockets show of a thing that has changed: the thing itself, as its row shows it."""

from typing import Any

from pydantic import BaseModel

from handlers.call import Viewer
from handlers.fields import WireTime
from handlers.homeserve.addresses import AddressOut
from handlers.homeserve.applications import ApplicationOut, application_out
from handlers.homeserve.availability import AvailabilityOut, availability_out
from handlers.homeserve.bookings import BookingDetail, detail_out
from handlers.homeserve.dispatch import DispatchOut, dispatch_out
from handlers.homeserve.dispute_talk import MessageOut, message_out
from handlers.homeserve.disputes import DisputeRow, dispute_out
from handlers.homeserve.earnings import EarningOut, earning_out
from handlers.homeserve.notifications import NotificationOut
from handlers.homeserve.payments import PaymentOut, payment_out
from handlers.homeserve.photos import PhotoOut, photo_out
from handlers.homeserve.signatures import SignatureOut, signature_out
from handlers.homeserve.users import UserOut
from handlers.telling import Row, Rows
from server.domain.dispatch import Dispatch
from server.domain.disputes import DisputeMessage, is_read
from server.domain.entities import Address, Shift, User
from server.domain.events import DISPATCH_PROGRESS, Event
from server.domain.notifications import Notification
from server.domain.payments import Earning, Payment
from server.domain.photos import Photo
from server.domain.signatures import Signature
from server.services.dispatch.dispatching import dispatch_in
from server.services.telling.shown import (
    ReadDisputeMessage,
    ReadNotification,
    ShownApplication,
    ShownBooking,
    ShownDispute,
)


class TalkOut(MessageOut):
    """A message, and in which dispute it was said."""

    dispute: str


class TalkReadOut(BaseModel):
    id: str
    dispute: str
    is_read: bool


class NotificationReadOut(BaseModel):
    id: str
    is_read: bool = True
    read_at: WireTime


def _dispute_row(viewer: Viewer, shown: ShownDispute) -> dict[str, Any]:
    unread = shown.unread.get(viewer.user_id, 0) if viewer.user_id else 0
    return {**dispute_out(shown.dispute), "unread_count": unread}


def _talk_out(viewer: Viewer, message: DisputeMessage) -> dict[str, Any]:
    return {**message_out(viewer, message), "dispute": message.dispute_id}


def _talk_read(viewer: Viewer, message: ReadDisputeMessage) -> dict[str, Any]:
    seen = is_read(message.recipient_ids, message.unread_by, viewer.user_id)
    return {"id": message.id, "dispute": message.dispute_id, "is_read": seen}


ROWS = Rows(
    {
        ShownBooking: Row(
            "bookings", BookingDetail, lambda _, shown: detail_out(shown.booking, shown.proposal)
        ),
        Photo: Row("photos", PhotoOut, photo_out),
        Signature: Row("signatures", SignatureOut, lambda _, shown: signature_out(shown)),
        Payment: Row("payments", PaymentOut, lambda _, shown: payment_out(shown)),
        Earning: Row("earnings", EarningOut, lambda _, shown: earning_out(shown)),
        ShownDispute: Row("disputes", DisputeRow, _dispute_row),
        DisputeMessage: Row("dispute_messages", TalkOut, _talk_out),
        ReadDisputeMessage: Row("dispute_messages_read", TalkReadOut, _talk_read),
        ShownApplication: Row(
            "applications",
            ApplicationOut,
            lambda viewer, shown: application_out(viewer, shown.application, shown.is_complete),
        ),
        Notification: Row("notifications", NotificationOut, lambda _, shown: shown),
        ReadNotification: Row("notifications_read", NotificationReadOut, lambda _, shown: shown),
        Address: Row("addresses", AddressOut, lambda _, shown: shown),
        Shift: Row("availability", AvailabilityOut, lambda _, shown: availability_out(shown)),
        User: Row("accounts", UserOut, lambda _, shown: shown),
        Dispatch: Row("dispatches", DispatchOut, lambda _, shown: dispatch_out(shown)),
    }
)


def state_of(event: Event, viewer: Viewer) -> dict[str, list[Any]]:
    """Give what changed with an event as rows show it, by kind.

    bookings (whole, as one by itself), photos, signatures, payments, earnings, disputes (as in lists),
    dispute_messages (with their dispute), dispute_messages_read, applications, notifications,
    notifications_read, dispatches (as in lists), addresses, availability, accounts (one's own);
    gone_bookings, gone_photos, gone_addresses
    """
    return ROWS.state(event, viewer, [dispatch_in(event)] if event.kind == DISPATCH_PROGRESS else ())
