"""What sockets show of a thing that has changed: the thing itself, as its row shows it."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from handlers.homeserve.applications import ApplicationFacts, application_facts
from handlers.homeserve.bookings import BookingDetail, detail_out
from handlers.homeserve.dispatch import DispatchOut, dispatch_out
from handlers.homeserve.disputes import DisputeOut, dispute_out
from handlers.homeserve.earnings import EarningOut, earning_out
from handlers.homeserve.notifications import NotificationOut
from handlers.homeserve.payments import PaymentOut, payment_out
from handlers.homeserve.signatures import SignatureOut, signature_out
from server.domain.dispatch import Dispatch
from server.domain.disputes import Dispute
from server.domain.events import DISPATCH_PROGRESS, NOTIFIED, Event
from server.domain.payments import Earning, Payment
from server.domain.signatures import Signature
from server.services.bookings.updates import GoneBooking, Shown, ShownApplication, ShownBooking, shown_in
from server.services.dispatch.dispatching import dispatch_in


@dataclass(frozen=True, slots=True)
class Row:
    """The name under which things of a kind are listed, and the model that their row replies with."""

    name: str
    reply: TypeAdapter[Any]


_ROWS = {
    ShownBooking: Row("bookings", TypeAdapter(BookingDetail)),
    ShownApplication: Row("applications", TypeAdapter(ApplicationFacts)),
    Signature: Row("signatures", TypeAdapter(SignatureOut)),
    Payment: Row("payments", TypeAdapter(PaymentOut)),
    Earning: Row("earnings", TypeAdapter(EarningOut)),
    Dispute: Row("disputes", TypeAdapter(DisputeOut)),
    Dispatch: Row("dispatches", TypeAdapter(DispatchOut)),
}
_NOTIFICATION = TypeAdapter(NotificationOut)


def state_of(event: Event) -> dict[str, list[Any]]:
    """Give what changed with an event as rows show it, by kind.

    bookings (whole, as one by itself), gone_bookings (ids), signatures, payments, earnings, disputes,
    applications (without documents), notifications, dispatches (as a list shows them)
    """
    state: dict[str, list[Any]] = {}
    for shown in shown_in(event):
        if isinstance(shown, GoneBooking):
            state.setdefault("gone_bookings", []).append(shown.id)
        else:
            _add(state, shown)
    if event.kind == NOTIFIED and "notification_id" in event.data:  # what was only said has no row
        state["notifications"] = [_notification(event)]
    if event.kind == DISPATCH_PROGRESS:
        _add(state, dispatch_in(event))
    return state


def _add(state: dict[str, list[Any]], shown: Shown | Dispatch) -> None:
    row = _ROWS[type(shown)]
    read = row.reply.validate_python(_fields(shown), from_attributes=True)
    state.setdefault(row.name, []).append(row.reply.dump_python(read, mode="json"))


def _fields(shown: Shown | Dispatch) -> dict[str, Any]:
    match shown:
        case ShownBooking():
            return detail_out(shown.booking, shown.proposal)
        case ShownApplication():
            return application_facts(shown.application, shown.is_complete)
        case Signature():
            return signature_out(shown)
        case Payment():
            return payment_out(shown)
        case Earning():
            return earning_out(shown)
        case Dispute():
            return dispute_out(shown)
        case Dispatch():
            return dispatch_out(shown)
        case _:
            raise TypeError(f"no row shows a {type(shown).__name__}")


def _notification(event: Event) -> dict[str, Any]:
    facts = event.data
    fields = {
        "id": facts["notification_id"],
        "kind": facts["kind"],
        "message": facts["message"],
        "data": facts["facts"],
        "is_read": False,
        "read_at": None,
        "created_at": event.at,
    }
    told: dict[str, Any] = _NOTIFICATION.dump_python(_NOTIFICATION.validate_python(fields), mode="json")
    return told
