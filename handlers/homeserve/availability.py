"""A vendor's working hours: one row a weekday, 1 is Monday, times local."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Id, LocalTime, Pincode, WireTime, clock_text, minute_of
from handlers.homeserve.roles import ADMINS, VENDORS
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.entities import Shift
from server.marketplaces.homeserve import HOMESERVE

MAX_AREA = 200
"""Twice the pincodes of the largest city."""


class AvailabilityQuery(PageQuery):
    vendor: Id | None = None


class NewAvailability(Body):
    day_of_week: Annotated[int, Field(ge=1, le=7)]
    start_time: LocalTime
    end_time: Annotated[LocalTime, Field(examples=["18:00:00"])]
    primary_pincode: Pincode
    service_area_pincodes: Annotated[tuple[Pincode, ...], Field(max_length=MAX_AREA)] = ()
    preferred_buffer_minutes: Annotated[int, Field(ge=0, le=240)] = HOMESERVE.buffer_minutes
    is_active: bool = True


class AvailabilityOut(BaseModel):
    id: int
    vendor: int
    vendor_name: str
    day_of_week: int
    start_time: str
    end_time: str
    is_active: bool
    primary_pincode: str
    service_area_pincodes: list[str]
    preferred_buffer_minutes: int
    created_at: WireTime
    updated_at: WireTime


def availability_out(shift: Shift) -> dict[str, Any]:
    """Give a row's documented fields."""
    return {
        "id": shift.id,
        "vendor": shift.provider_id,
        "vendor_name": shift.provider_name,
        "day_of_week": shift.weekday,
        "start_time": clock_text(shift.start_minute),
        "end_time": clock_text(shift.end_minute),
        "is_active": shift.is_active,
        "primary_pincode": shift.base_pincode,
        "service_area_pincodes": shift.area_pincodes,
        "preferred_buffer_minutes": shift.buffer_minutes,
        "created_at": shift.created_at,
        "updated_at": shift.updated_at,
    }


async def list_availability(call: Call) -> dict[str, Any]:
    """Give the vendor's rows; admins see everybody's."""
    query: AvailabilityQuery = call.query
    listed = await call.market.availability.list(call.caller, query.vendor, query.paging())
    return page(call, listed.map(availability_out))


async def set_availability(call: Call) -> dict[str, Any]:
    """Set the hours of a weekday; an earlier row of that day is replaced."""
    body: NewAvailability = call.body
    shift = await call.market.availability.put(
        call.caller,
        weekday=body.day_of_week,
        start_minute=minute_of(body.start_time),
        end_minute=minute_of(body.end_time),
        base_pincode=body.primary_pincode,
        area_pincodes=body.service_area_pincodes,
        buffer_minutes=body.preferred_buffer_minutes,
        is_active=body.is_active,
    )
    return availability_out(shift)


ROUTES = (
    Route(
        "GET",
        "/api/vendor-availability/",
        list_availability,
        roles=VENDORS | ADMINS,
        query=AvailabilityQuery,
        reply=Page[AvailabilityOut],
    ),
    Route(
        "POST",
        "/api/vendor-availability/",
        set_availability,
        roles=VENDORS,
        body=NewAvailability,
        reply=AvailabilityOut,
        status=201,
    ),
)
