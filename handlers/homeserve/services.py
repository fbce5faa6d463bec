"""The catalogue."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import MajorText, WireTime
from handlers.homeserve.roles import EVERYONE
from handlers.paging import Page, PageQuery, page
from handlers.route import Route


class ServiceQuery(PageQuery):
    category: Annotated[str, Field(max_length=100)] | None = None


class ServiceOut(BaseModel):
    id: int
    name: str
    description: str
    base_price: MajorText = Field(validation_alias="base_price_minor")
    category: str
    duration_minutes: int
    is_active: bool
    created_at: WireTime
    updated_at: WireTime


async def list_services(call: Call) -> dict[str, Any]:
    """Give what can be booked, of one category when it is named."""
    return page(call, await call.market.catalogue.list(call.query.category, call.query.paging()))


async def get_service(call: Call) -> Any:
    """Give one service."""
    return await call.market.catalogue.get(call.path["id"])


ROUTES = (
    Route(
        "GET",
        "/api/services/",
        list_services,
        roles=EVERYONE,
        query=ServiceQuery,
        reply=Page[ServiceOut],
    ),
    Route("GET", "/api/services/{id:int}/", get_service, roles=EVERYONE, reply=ServiceOut),
)
