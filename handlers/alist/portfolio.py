"""Work that professionals show."""

from datetime import date as Date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator

from handlers.alist.roles import ADMINS, HOME_PROS
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call, Viewer
from handlers.fields import Name, Notes
from handlers.media import media_url
from handlers.paging import Page, page
from handlers.route import Route
from handlers.uploads import UploadedFile
from server.domain.portfolio import PortfolioItem
from server.services.files.uploads import IMAGE_BYTES

PORTFOLIO = "/api/alistpros/portfolio/"


def _read_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return Date.fromisoformat(value) if value else None
    except ValueError as wrong:
        raise ValueError("Enter a day as YYYY-MM-DD.") from wrong


OptionalDay = Annotated[Date | None, BeforeValidator(_read_day)]
"""A day, which a page's form leaves empty when there is none."""


class NewItem(Body):
    title: Name
    description: Notes = ""
    completion_date: OptionalDay = None
    image: UploadedFile | None = None


class ItemOut(BaseModel):
    id: int
    title: str
    description: str
    image: str | None
    completion_date: str | None


def item_out(viewer: Viewer, item: PortfolioItem) -> dict[str, Any]:
    """Give a piece of work as profiles and lists show it."""
    return {
        "id": item.id,
        "title": item.title,
        "description": item.description,
        "image": media_url(viewer, item.image_key) if item.image_key else None,
        "completion_date": item.completed_on,
    }


async def list_items(call: Call) -> dict[str, Any]:
    """Give one's own work, newest first."""
    query: PageQuery = call.query
    listed = await call.market.portfolio.list(call.caller, query.paging())
    return page(call, listed.map(lambda item: item_out(call.viewer, item)))


async def add_item(call: Call) -> dict[str, Any]:
    """Show a piece of work beside one's profile, with a picture or without."""
    body: NewItem = call.body
    image = body.image.path if body.image else None
    item = await call.market.portfolio.add(
        call.caller, body.title, body.description, body.completion_date, image
    )
    return item_out(call.viewer, item)


async def delete_item(call: Call) -> None:
    """Remove a piece of work and its picture; admins remove anybody's."""
    await call.market.portfolio.delete(call.caller, call.path["id"])


ROUTES = (
    Route("GET", PORTFOLIO, list_items, roles=HOME_PROS, query=PageQuery, reply=Page[ItemOut]),
    Route(
        "POST",
        PORTFOLIO,
        add_item,
        roles=HOME_PROS,
        body=NewItem,
        uploads={"image": IMAGE_BYTES},
        reply=ItemOut,
        status=201,
    ),
    Route("DELETE", PORTFOLIO + "{id:int}/", delete_item, roles=HOME_PROS | ADMINS, status=204),
)
