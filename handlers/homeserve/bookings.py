"""Bookings: list, create, read, change, accept, complete."""

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from handlers.call import Call
from handlers.fields import Id, Line, MajorNumber, MajorText, Moment, Notes, Pincode, Uuid, WireTime
from handlers.homeserve.booking_parts import (
    CancellationOut,
    ProposalOut,
    WindowOut,
    cancellation_out,
    proposal_out,
)
from handlers.homeserve.roles import BOOKING_ROLES, CUSTOMERS, VENDORS
from handlers.homeserve.wire import Message
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.entities import Booking
from server.domain.proposals import Proposal
from server.services.bookings.bookings import Wish
from server.services.bookings.moves import Changes
from server.store.bookings import BookingFilter


def _day_of(value: Any) -> Any:
    """A full timestamp where a day is meant stands for its day."""
    return value[:10] if isinstance(value, str) and len(value) > 10 and value[10] in "T " else value


class BookingQuery(PageQuery):
    status: Annotated[str, Field(max_length=40)] | None = None
    pincode: Pincode | None = None
    scheduled_date: Annotated[date, BeforeValidator(_day_of)] | None = None


class ArrivalWindow(Body):
    start: Moment
    end: Moment

    @model_validator(mode="after")
    def _ordered(self) -> "ArrivalWindow":
        if not timedelta(0) <= self.end - self.start <= timedelta(hours=24):
            raise ValueError("The window must end after its start, within a day.")
        return self


class NewBooking(Body):
    service: Id
    pincode: Pincode
    scheduled_date: Moment
    customer_notes: Notes = ""
    vendor: Id | None = None
    quote_id: Annotated[str, Field(max_length=1000)] | None = None
    address: Uuid | None = None
    arrival_window: ArrivalWindow | None = None


class BookingChanges(Body):
    status: Annotated[str, Field(max_length=40)] | None = None
    customer_notes: Notes | None = None
    vendor_notes: Notes | None = None


class PriceBreakdown(BaseModel):
    base_price: MajorNumber
    surge_multiplier: float
    final_price: MajorNumber
    demand_level: str


class BookingOut(BaseModel):
    """A booking as HomeServe shows it everywhere."""

    id: str
    customer: int
    customer_name: str
    vendor: int | None
    vendor_name: str | None
    service: int
    service_name: str
    status: str
    total_price: MajorText
    pincode: str
    scheduled_date: WireTime
    completion_date: WireTime | None
    customer_notes: str
    vendor_notes: str
    created_at: WireTime
    updated_at: WireTime
    estimated_service_duration_minutes: int
    travel_time_to_location_minutes: int
    travel_time_from_location_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    actual_start_time: WireTime
    actual_end_time: WireTime
    dynamic_price_breakdown: PriceBreakdown
    arrival_window: WindowOut
    address: str | None
    address_line: Line | None


class BookingDetail(BookingOut):
    """One booking by itself also shows what the other side asks for, and why it was called off."""

    reschedule_proposal: ProposalOut | None
    cancellation: CancellationOut | None


def booking_out(booking: Booking) -> dict[str, Any]:
    """Give HomeServe's fields; the "actual" times are the visit with its buffers and travel."""
    lead = timedelta(minutes=booking.before_minutes + booking.travel_to_minutes)
    trail = timedelta(minutes=booking.after_minutes + booking.travel_from_minutes)
    return {
        "id": booking.id,
        "customer": booking.customer_id,
        "customer_name": booking.customer_name,
        "vendor": booking.provider_id,
        "vendor_name": booking.provider_name,
        "service": booking.service_id,
        "service_name": booking.service_name,
        "status": booking.state,
        "total_price": booking.price_minor,
        "pincode": booking.pincode,
        "scheduled_date": booking.starts_at,
        "completion_date": booking.completed_at,
        "customer_notes": booking.customer_notes,
        "vendor_notes": booking.provider_notes,
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
        "estimated_service_duration_minutes": booking.duration_minutes,
        "travel_time_to_location_minutes": booking.travel_to_minutes,
        "travel_time_from_location_minutes": booking.travel_from_minutes,
        "buffer_before_minutes": booking.before_minutes,
        "buffer_after_minutes": booking.after_minutes,
        "actual_start_time": booking.starts_at - lead,
        "actual_end_time": booking.ends_at + trail,
        "dynamic_price_breakdown": {
            "base_price": booking.base_price_minor,
            "surge_multiplier": booking.surge_multiplier,
            "final_price": booking.price_minor,
            "demand_level": booking.demand_level,
        },
        "arrival_window": {"start": booking.window_start, "end": booking.window_end},
        "address": booking.address_id,
        "address_line": booking.address_line,
    }


def detail_out(booking: Booking, proposal: Proposal | None) -> dict[str, Any]:
    """Give HomeServe's fields of one booking by itself."""
    more = {"reschedule_proposal": proposal_out(proposal), "cancellation": cancellation_out(booking)}
    return booking_out(booking) | more


class PaymentIntent(BaseModel):
    id: str
    client_secret: str = Field(validation_alias="secret")
    amount: int = Field(validation_alias="amount_minor")
    status: str


class Completed(BaseModel):
    message: str
    payment_intent: PaymentIntent


async def list_bookings(call: Call) -> dict[str, Any]:
    """Give the bookings the caller may see, newest first."""
    query: BookingQuery = call.query
    day = query.scheduled_date.isoformat() if query.scheduled_date else None
    narrowed = BookingFilter(query.status, query.pincode, day)
    listed = await call.market.visibility.list(call.caller, narrowed, query.paging())
    return page(call, listed.map(booking_out))


async def create_booking(call: Call) -> dict[str, Any]:
    """Book a service at a pincode and time."""
    body: NewBooking = call.body
    wish = Wish(
        body.service,
        body.pincode,
        body.scheduled_date,
        body.customer_notes,
        body.vendor,
        body.quote_id,
        body.address,
        body.arrival_window.start if body.arrival_window else None,
        body.arrival_window.end if body.arrival_window else None,
    )
    return booking_out(await call.market.bookings.create(call.caller, wish))


async def get_booking(call: Call) -> dict[str, Any]:
    """Give one booking, with the open proposal to move it."""
    found = await call.market.rescheduling.get(call.caller, call.path["id"])
    return detail_out(found.booking, found.proposal)


async def change_booking(call: Call) -> dict[str, Any]:
    """Change notes or status."""
    body: BookingChanges = call.body
    changes = Changes(body.status, body.customer_notes, body.vendor_notes)
    return booking_out(await call.market.moves.change(call.caller, call.path["id"], changes))


async def accept_booking(call: Call) -> dict[str, str]:
    """Take an open or offered booking."""
    await call.market.moves.move(call.caller, call.path["id"], "accept")
    return {"message": "Booking accepted successfully"}


async def complete_booking(call: Call) -> dict[str, Any]:
    """Finish the work; the payment opens."""
    intent = await call.market.moves.complete(call.caller, call.path["id"])
    return {"message": "Booking completed successfully", "payment_intent": intent}


ROUTES = (
    Route(
        "GET",
        "/api/bookings/",
        list_bookings,
        roles=BOOKING_ROLES,
        query=BookingQuery,
        reply=Page[BookingOut],
    ),
    Route(
        "POST",
        "/api/bookings/",
        create_booking,
        roles=CUSTOMERS,
        body=NewBooking,
        reply=BookingOut,
        status=201,
    ),
    Route("GET", "/api/bookings/{id:uuid}/", get_booking, roles=BOOKING_ROLES, reply=BookingDetail),
    Route(
        "PATCH",
        "/api/bookings/{id:uuid}/",
        change_booking,
        roles=BOOKING_ROLES,
        body=BookingChanges,
        reply=BookingOut,
    ),
    Route("POST", "/api/bookings/{id:uuid}/accept_booking/", accept_booking, roles=VENDORS, reply=Message),
    Route(
        "POST", "/api/bookings/{id:uuid}/complete_booking/", complete_booking, roles=VENDORS, reply=Completed
    ),
)
