"""A customer's addresses. Coordinates travel as text and keep the digits that were sent."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Clean, Latitude, Longitude, Name, Pincode, WireTime
from handlers.homeserve.roles import CUSTOMERS
from handlers.homeserve.wire import Message
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route

AddressLine = Annotated[
    str, Field(min_length=1, max_length=300, examples=["12 Barakhamba Road, New Delhi"]), Clean
]


class AddressQuery(PageQuery):
    is_default: bool | None = None


class NewAddress(Body):
    label: Annotated[Name, Field(examples=["Home"])]
    address_line: AddressLine
    pincode: Pincode
    lat: Latitude | None = None
    lng: Longitude | None = None
    is_default: bool | None = None


class AddressChanges(Body):
    label: Name | None = None
    address_line: AddressLine | None = None
    pincode: Pincode | None = None
    lat: Latitude | None = None
    lng: Longitude | None = None
    is_default: bool | None = None


class AddressOut(BaseModel):
    id: str
    label: str
    address_line: str
    pincode: str
    lat: str | None
    lng: str | None
    is_default: bool
    created_at: WireTime
    updated_at: WireTime


def _text(degrees: Decimal | None) -> str | None:
    return None if degrees is None else f"{degrees:f}"


async def list_addresses(call: Call) -> dict[str, Any]:
    """Give the caller's addresses."""
    query: AddressQuery = call.query
    listed = await call.market.addresses.list(call.caller, query.is_default, query.paging())
    return page(call, listed)


async def create_address(call: Call) -> Any:
    """Keep an address; the first one becomes the default unless that is declined."""
    body: NewAddress = call.body
    return await call.market.addresses.create(
        call.caller,
        label=body.label,
        address_line=body.address_line,
        pincode=body.pincode,
        lat=_text(body.lat),
        lng=_text(body.lng),
        is_default=body.is_default,
    )


async def change_address(call: Call) -> Any:
    """Change what is sent."""
    values = call.body.model_dump(exclude_none=True)
    values |= {name: _text(values[name]) for name in ("lat", "lng") if name in values}
    return await call.market.addresses.change(call.caller, call.path["id"], values)


async def delete_address(call: Call) -> None:
    """Forget an address."""
    await call.market.addresses.delete(call.caller, call.path["id"])


async def set_default(call: Call) -> dict[str, str]:
    """Make an address the only default."""
    await call.market.addresses.set_default(call.caller, call.path["id"])
    return {"message": "Default address updated successfully"}


ROUTES = (
    Route(
        "GET",
        "/api/addresses/",
        list_addresses,
        roles=CUSTOMERS,
        query=AddressQuery,
        reply=Page[AddressOut],
    ),
    Route(
        "POST",
        "/api/addresses/",
        create_address,
        roles=CUSTOMERS,
        body=NewAddress,
        reply=AddressOut,
        status=201,
    ),
    Route(
        "PATCH",
        "/api/addresses/{id:uuid}/",
        change_address,
        roles=CUSTOMERS,
        body=AddressChanges,
        reply=AddressOut,
    ),
    Route("DELETE", "/api/addresses/{id:uuid}/", delete_address, roles=CUSTOMERS, status=204),
    Route("POST", "/api/addresses/{id:uuid}/set_default/", set_default, roles=CUSTOMERS, reply=Message),
)
