"""A user's addresses; at most one is the primary one."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.alist.roles import EVERYONE
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import Clean, Line, WireTime
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.entities import Address

Street = Annotated[str, Field(min_length=1, max_length=300, examples=["123 Main St"]), Clean]
Town = Annotated[str, Field(min_length=1, max_length=100, examples=["Springfield"]), Clean]
ZipCode = Annotated[str, Field(min_length=1, max_length=20, examples=["62701"]), Clean]


class AddressQuery(PageQuery):
    is_primary: bool | None = None


class NewAddress(Body):
    street_address: Street
    city: Town
    state: Line = ""
    zip_code: ZipCode
    country: Line = ""
    is_primary: bool | None = None


class ChangeAddress(Body):
    street_address: Street | None = None
    city: Town | None = None
    state: Line | None = None
    zip_code: ZipCode | None = None
    country: Line | None = None
    is_primary: bool | None = None


class AddressOut(BaseModel):
    id: int
    street_address: str
    city: str
    state: str
    zip_code: str
    country: str
    is_primary: bool
    created_at: WireTime
    updated_at: WireTime


CORE = {"street_address": "address_line", "zip_code": "pincode", "is_primary": "is_default"}
"""A-List's fields that the core spells differently."""


def address_out(address: Address) -> dict[str, Any]:
    """Give A-List's fields."""
    shown = {name: getattr(address, CORE.get(name, name)) for name in AddressOut.model_fields}
    return shown | {"id": int(address.id)}


def _values(body: NewAddress | ChangeAddress) -> dict[str, Any]:
    return {CORE.get(name, name): value for name, value in body if value is not None}


async def list_addresses(call: Call) -> dict[str, Any]:
    """Give one's own addresses."""
    query: AddressQuery = call.query
    listed = await call.market.addresses.list(call.caller, query.is_primary, query.paging())
    return page(call, listed.map(address_out))


async def get_address(call: Call) -> dict[str, Any]:
    """Give one of one's own addresses."""
    return address_out(await call.market.addresses.get(call.caller, str(call.path["id"])))


async def create_address(call: Call) -> dict[str, Any]:
    """Keep an address; the first one becomes the primary one unless that is declined."""
    values = {"is_default": None, **_values(call.body)}
    return address_out(await call.market.addresses.create(call.caller, **values))


async def change_address(call: Call) -> dict[str, Any]:
    """Change what is sent."""
    id = str(call.path["id"])
    return address_out(await call.market.addresses.change(call.caller, id, _values(call.body)))


async def delete_address(call: Call) -> None:
    """Forget an address."""
    await call.market.addresses.delete(call.caller, str(call.path["id"]))


PATH = "/api/users/addresses/"
ONE = PATH + "{id:int}/"
ROUTES = (
    Route("GET", PATH, list_addresses, roles=EVERYONE, query=AddressQuery, reply=Page[AddressOut]),
    Route("POST", PATH, create_address, roles=EVERYONE, body=NewAddress, reply=AddressOut, status=201),
    Route("GET", ONE, get_address, roles=EVERYONE, reply=AddressOut),
    Route("PATCH", ONE, change_address, roles=EVERYONE, body=ChangeAddress, reply=AddressOut),
    Route("DELETE", ONE, delete_address, roles=EVERYONE, status=204),
)
