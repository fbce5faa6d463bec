"""When contractors like to be asked. 1 is Monday … 6 is Saturday, 0 and 7 are Sunday."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.alist.roles import ADMINS, EVERYONE, HOME_PROS
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import Id, LocalTime, WireTime, clock_text, minute_of
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.openings import Opening

SUNDAY, WEEK = 0, 7
DayOfWeek = Annotated[int, Field(ge=0, le=WEEK)]


class SlotQuery(PageQuery):
    contractor: Id | None = None
    day_of_week: DayOfWeek | None = None


class NewSlot(Body):
    day_of_week: DayOfWeek
    start_time: LocalTime
    end_time: Annotated[LocalTime, Field(examples=["17:00:00"])]
    is_recurring: bool = True


class BusinessOut(BaseModel):
    id: int
    business_name: str


class SlotOut(BaseModel):
    id: int
    contractor: BusinessOut
    day_of_week: int
    start_time: str
    end_time: str
    is_recurring: bool
    created_at: WireTime


def slot_out(opening: Opening) -> dict[str, Any]:
    """Give A-List's fields."""
    return {
        "id": opening.id,
        "contractor": {"id": opening.provider_id, "business_name": opening.provider_name},
        "day_of_week": opening.weekday,
        "start_time": clock_text(opening.start_minute),
        "end_time": clock_text(opening.end_minute),
        "is_recurring": opening.is_recurring,
        "created_at": opening.created_at,
    }


async def list_slots(call: Call) -> dict[str, Any]:
    """Give contractors' hours, of one of them or of one day when it is named."""
    query: SlotQuery = call.query
    weekday = SUNDAY if query.day_of_week == WEEK else query.day_of_week
    listed = await call.market.openings.list(query.contractor, weekday, query.paging())
    return page(call, listed.map(slot_out))


async def create_slot(call: Call) -> dict[str, Any]:
    """Add hours of one's own."""
    body: NewSlot = call.body
    opening = await call.market.openings.add(
        call.caller,
        SUNDAY if body.day_of_week == WEEK else body.day_of_week,
        minute_of(body.start_time),
        minute_of(body.end_time),
        body.is_recurring,
    )
    return slot_out(opening)


async def delete_slot(call: Call) -> None:
    """Remove hours of one's own."""
    await call.market.openings.remove(call.caller, call.path["id"])


PATH = "/api/scheduling/availability-slots/"
ROUTES = (
    Route("GET", PATH, list_slots, roles=EVERYONE, query=SlotQuery, reply=Page[SlotOut]),
    Route("POST", PATH, create_slot, roles=HOME_PROS, body=NewSlot, reply=SlotOut, status=201),
    Route("DELETE", PATH + "{id:int}/", delete_slot, roles=HOME_PROS | ADMINS, status=204),
)
