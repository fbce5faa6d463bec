"""Service categories: what professionals offer and clients ask for."""

from typing import Any

from pydantic import BaseModel

from handlers.alist.roles import ADMINS
from handlers.alist.wire import Body
from handlers.call import Call
from handlers.fields import Name, Notes
from handlers.route import Route

CATEGORIES = "/api/alistpros/services/"
ONE = CATEGORIES + "{id:int}/"


class NewCategory(Body):
    name: Name
    description: Notes = ""


class ChangeCategory(Body):
    name: Name | None = None
    description: Notes | None = None


class ServiceOut(BaseModel):
    id: int
    name: str
    description: str


async def list_categories(call: Call) -> Any:
    """Give all service categories."""
    return list(await call.market.catalogue.all())


async def get_category(call: Call) -> Any:
    """Give one service category."""
    return await call.market.catalogue.get(call.path["id"])


async def create_category(call: Call) -> Any:
    """Add a service category."""
    body: NewCategory = call.body
    return await call.market.catalogue_changes.add(call.caller, body.name, body.description)


async def change_category(call: Call) -> Any:
    """Change what is sent."""
    values = call.body.model_dump(exclude_none=True)
    return await call.market.catalogue_changes.change(call.caller, call.path["id"], values)


async def delete_category(call: Call) -> None:
    """Offer a category no more: profiles show it no more, what was booked stays."""
    await call.market.catalogue_changes.remove(call.caller, call.path["id"])


ROUTES = (
    Route("GET", CATEGORIES, list_categories, public=True, reply=list[ServiceOut]),
    Route(
        "POST",
        CATEGORIES,
        create_category,
        roles=ADMINS,
        body=NewCategory,
        reply=ServiceOut,
        status=201,
    ),
    Route("GET", ONE, get_category, public=True, reply=ServiceOut),
    Route("PATCH", ONE, change_category, roles=ADMINS, body=ChangeCategory, reply=ServiceOut),
    Route("DELETE", ONE, delete_category, roles=ADMINS, status=204),
)
