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
ONE = PORTFOLIO + "{id:int}/"


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


class ChangeItem(Body):
    title: Name | None = None
    description: Notes | None = None
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


async def get_item(call: Call) -> dict[str, Any]:
    """Give a piece of one's own work; to admins anybody's."""
    return item_out(call.viewer, await call.market.portfolio.get(call.caller, call.path["id"]))


async def add_item(call: Call) -> dict[str, Any]:
    """Show a piece of work beside one's profile, with a picture or without."""
    body: NewItem = call.body
    image = body.image.path if body.image else None
    item = await call.market.portfolio.add(
        call.caller, body.title, body.description, body.completion_date, image
    )
    return item_out(call.viewer, item)


async def change_item(call: Call) -> dict[str, Any]:
    """Change a piece of work: what is not sent stays, and a day or image that is sent as null goes."""
    body: ChangeItem = call.body
    told = body.model_dump(exclude_unset=True, exclude={"image", "completion_date"})
    values = {name: value for name, value in told.items() if value is not None}
    if "completion_date" in body.model_fields_set:
        values["completed_on"] = body.completion_date and body.completion_date.isoformat()
    image = body.image.path if body.image else None
    removes_image = "image" in body.model_fields_set and image is None
    item = await call.market.portfolio.change(
        call.caller, call.path["id"], values, image, removes_image=removes_image
    )
    return item_out(call.viewer, item)


async def delete_item(call: Call) -> None:
    """Remove a piece of work and its picture; admins remove anybody's."""
    await call.market.portfolio.delete(call.caller, call.path["id"])


IMAGE = {"image": IMAGE_BYTES}

ROUTES = (
    Route("GET", PORTFOLIO, list_items, roles=HOME_PROS, query=PageQuery, reply=Page[ItemOut]),
    Route(
        "POST",
        PORTFOLIO,
        add_item,
        roles=HOME_PROS,
        body=NewItem,
        uploads=IMAGE,
        reply=ItemOut,
        status=201,
    ),
    Route("GET", ONE, get_item, roles=HOME_PROS | ADMINS, reply=ItemOut),
    Route(
        "PATCH",
        ONE,
        change_item,
        roles=HOME_PROS | ADMINS,
        body=ChangeItem,
        uploads=IMAGE,
        reply=ItemOut,
    ),
    Route("DELETE", ONE, delete_item, roles=HOME_PROS | ADMINS, status=204),
)
