"""Appointments of clients with contractors: asked for, confirmed, moved, completed, called off."""

from collections.abc import Mapping
from datetime import date, datetime
from datetime import date as Date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.alist.availability import BusinessOut
from handlers.alist.roles import CLIENTS, EVERYONE
from handlers.alist.users import PersonOut
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import (
    Id,
    Line,
    LocalTime,
    MajorText,
    MinorAmount,
    Notes,
    WireTime,
    clock_text,
    minute_of,
)
from handlers.paging import Page, page
from handlers.route import Route
from server import clock
from server.domain.entities import Booking
from server.domain.events import Event
from server.marketplaces.alist import ALIST
from server.services.bookings.appointments import AppointmentWish, Span
from server.services.bookings.moves import Changes
from server.store.bookings import BookingFilter

Status = Annotated[str, Field(max_length=20, examples=["CONFIRMED"])]


class AppointmentQuery(PageQuery):
    status: Status | None = None
    appointment_date: Date | None = None


class NewAppointment(Body):
    contractor: Id
    service_category: Id
    appointment_date: Annotated[Date, Field(examples=["2030-01-15"])]
    start_time: LocalTime
    end_time: Annotated[LocalTime, Field(examples=["11:00:00"])]
    notes: Notes = ""
    location: Line = ""
    estimated_cost: MinorAmount = 0


class ChangeAppointment(Body):
    status: Status | None = None
    appointment_date: Date | None = None
    start_time: LocalTime | None = None
    end_time: LocalTime | None = None
    notes: Notes | None = None
    location: Line | None = None
    estimated_cost: MinorAmount | None = None


class CategoryOut(BaseModel):
    id: int
    name: str


class AppointmentOut(BaseModel):
    id: int
    client: PersonOut
    contractor: BusinessOut
    service_category: CategoryOut
    appointment_date: date
    start_time: str
    end_time: str
    status: str
    notes: str
    location: str
    estimated_cost: MajorText
    created_at: WireTime


def _parts(id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give A-List's fields of a booking's; money and times are still the core's."""
    starts_at, ends_at = facts["starts_at"], facts["ends_at"]
    day = clock.local_date(starts_at, ALIST.timezone)

    def wall(moment: datetime) -> str:
        return clock_text(clock.minute_of_day(moment, day, ALIST.timezone))

    return {
        "id": int(id),
        "client": {"id": facts["customer_id"], "name": facts["customer_name"]},
        "contractor": {"id": facts["provider_id"], "business_name": facts["provider_name"]},
        "service_category": {"id": facts["service_id"], "name": facts["service_name"]},
        "appointment_date": day,
        "start_time": wall(starts_at),
        "end_time": wall(ends_at),
        "status": facts["state"],
        "notes": facts["customer_notes"],
        "location": facts["address_line"] or "",
        "estimated_cost": facts["price_minor"],
        "created_at": facts["created_at"],
    }


def appointment_out(booking: Booking) -> dict[str, Any]:
    """Give A-List's fields."""
    facts = {name: getattr(booking, name) for name in Booking.__dataclass_fields__}
    return _parts(booking.id, facts)


def told_appointment(event: Event) -> dict[str, Any]:
    """Give an appointment out of an event, as REST shows it."""
    parts = _parts(event.data["booking_id"], event.data)
    return AppointmentOut.model_validate(parts).model_dump(mode="json")


async def list_appointments(call: Call) -> dict[str, Any]:
    """Give one's own appointments, newest first; all of them to admins."""
    query: AppointmentQuery = call.query
    day = query.appointment_date.isoformat() if query.appointment_date else None
    narrowed = BookingFilter(state=query.status, date=day)
    listed = await call.market.visibility.list(call.caller, narrowed, query.paging())
    return page(call, listed.map(appointment_out))


async def get_appointment(call: Call) -> dict[str, Any]:
    """Give one appointment to its participants and admins."""
    return appointment_out(await call.market.visibility.get(call.caller, str(call.path["id"])))


async def create_appointment(call: Call) -> dict[str, Any]:
    """Ask a contractor for a time, which is held from now on."""
    body: NewAppointment = call.body
    wish = AppointmentWish(
        provider_id=body.contractor,
        service_id=body.service_category,
        date=body.appointment_date,
        start_minute=minute_of(body.start_time),
        end_minute=minute_of(body.end_time),
        notes=body.notes,
        address_line=body.location,
        price_minor=body.estimated_cost,
    )
    return appointment_out(await call.market.appointments.create(call.caller, wish))


async def change_appointment(call: Call) -> dict[str, Any]:
    """Confirm, complete, call off, move to another time, or change what was noted."""
    body: ChangeAppointment = call.body
    span = Span(
        body.appointment_date,
        None if body.start_time is None else minute_of(body.start_time),
        None if body.end_time is None else minute_of(body.end_time),
    )
    changes = Changes(
        state=body.status,
        customer_notes=body.notes,
        address_line=body.location,
        price_minor=body.estimated_cost,
    )
    booking = await call.market.appointments.change(call.caller, str(call.path["id"]), changes, span)
    return appointment_out(booking)


PATH = "/api/scheduling/appointments/"
ONE = PATH + "{id:int}/"
ROUTES = (
    Route("GET", PATH, list_appointments, roles=EVERYONE, query=AppointmentQuery, reply=Page[AppointmentOut]),
    Route(
        "POST",
        PATH,
        create_appointment,
        roles=CLIENTS,
        body=NewAppointment,
        reply=AppointmentOut,
        status=201,
    ),
    Route("GET", ONE, get_appointment, roles=EVERYONE, reply=AppointmentOut),
    Route("PATCH", ONE, change_appointment, roles=EVERYONE, body=ChangeAppointment, reply=AppointmentOut),
)
