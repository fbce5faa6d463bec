"""Service categories: what professionals offer and clients ask for."""

from typing import Any

from pydantic import BaseModel

from handlers.alist.roles import ADMINS
from handlers.alist.wire import Body
from handlers.call import Call
from handlers.fields import Name, Notes
from handlers.route import Route

CATEGORIES = "/api/alistpros/services/"


class NewCategory(Body):
    name: Name
    description: Notes = ""


class ServiceOut(BaseModel):
    id: int
    name: str
    description: str


async def list_categories(call: Call) -> Any:
    """Give all service categories."""
    return list(await call.market.catalogue.all())


async def create_category(call: Call) -> Any:
    """Add a service category."""
    body: NewCategory = call.body
    return await call.market.catalogue_changes.add(call.caller, body.name, body.description)


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
)
