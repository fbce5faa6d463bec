"""When contractors like to be asked. 1 is Monday … 6 is Saturday, 0 and 7 are Sunday."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from handlers.alist.roles import ADMINS, EVERYONE, HOME_PROS
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import Id, LocalTime, WireTime, clock_text, minute_of
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.entities import User
from server.domain.openings import Opening

DayOfWeek = Annotated[int, Field(ge=0, le=7), AfterValidator(lambda day: day % 7)]


class SlotQuery(PageQuery):
    contractor: Id | None = None
    day_of_week: DayOfWeek | None = None


class NewSlot(Body):
    day_of_week: DayOfWeek
    start_time: LocalTime
    end_time: Annotated[LocalTime, Field(examples=["17:00:00"])]
    is_recurring: bool = True


class ChangeSlot(Body):
    day_of_week: DayOfWeek | None = None
    start_time: LocalTime | None = None
    end_time: LocalTime | None = None
    is_recurring: bool | None = None


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


def slot_out(opening: Opening, provider_name: str) -> dict[str, Any]:
    """Give A-List's fields of some hours."""
    return {
        "id": opening.id,
        "contractor": {"id": opening.provider_id, "business_name": provider_name},
        "day_of_week": opening.weekday,
        "start_time": clock_text(opening.start_minute),
        "end_time": clock_text(opening.end_minute),
        "is_recurring": opening.is_recurring,
        "created_at": opening.created_at,
    }


def _shown(found: tuple[Opening, User]) -> dict[str, Any]:
    opening, provider = found
    return slot_out(opening, provider.public_name)


async def list_slots(call: Call) -> dict[str, Any]:
    """Give contractors' hours, of one of them or of one day when it is named."""
    query: SlotQuery = call.query
    listed = await call.market.openings.list(query.contractor, query.day_of_week, query.paging())
    return page(call, listed.map(_shown))


async def get_slot(call: Call) -> dict[str, Any]:
    """Give some hours of a contractor."""
    return _shown(await call.market.openings.get(call.path["id"]))


async def create_slot(call: Call) -> dict[str, Any]:
    """Add hours of one's own."""
    body: NewSlot = call.body
    made = await call.market.openings.add(
        call.caller,
        body.day_of_week,
        minute_of(body.start_time),
        minute_of(body.end_time),
        body.is_recurring,
    )
    return _shown(made)


async def change_slot(call: Call) -> dict[str, Any]:
    """Change hours of one's own."""
    body: ChangeSlot = call.body
    values = {
        "weekday": body.day_of_week,
        "start_minute": body.start_time and minute_of(body.start_time),
        "end_minute": body.end_time and minute_of(body.end_time),
        "is_recurring": body.is_recurring,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return _shown(await call.market.openings.change(call.caller, call.path["id"], given))


async def delete_slot(call: Call) -> None:
    """Remove hours of one's own."""
    await call.market.openings.remove(call.caller, call.path["id"])


PATH = "/api/scheduling/availability-slots/"
ONE = PATH + "{id:int}/"
ROUTES = (
    Route("GET", PATH, list_slots, roles=EVERYONE, query=SlotQuery, reply=Page[SlotOut]),
    Route("POST", PATH, create_slot, roles=HOME_PROS, body=NewSlot, reply=SlotOut, status=201),
    Route("GET", ONE, get_slot, roles=EVERYONE, reply=SlotOut),
    Route("PATCH", ONE, change_slot, roles=HOME_PROS | ADMINS, body=ChangeSlot, reply=SlotOut),
    Route("DELETE", ONE, delete_slot, roles=HOME_PROS | ADMINS, status=204),
)
