"""Accounts as staff and their owners see them."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Clean, Email, Password, Phone, Pincode
from handlers.homeserve.roles import ADMINS, EVERYONE, SUPER_ADMINS
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.errors import Invalid
from server.marketplaces.homeserve import HOMESERVE
from server.services.accounts.accounts import NewAccount
from server.store.users import UserFilter

Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9@.+_-]{3,150}$", examples=["asha"])]
RoleName = Annotated[str, Field(max_length=40, examples=["vendor"])]
PersonName = Annotated[str, Field(max_length=150), Clean]


class UserQuery(PageQuery):
    role: RoleName | None = None
    is_verified: bool | None = None
    pincode: Pincode | None = None


class NewUser(Body):
    username: Username
    email: Email
    password: Password
    role: RoleName
    first_name: PersonName = ""
    last_name: PersonName = ""
    phone: Phone | None = None
    pincode: Pincode | None = None


class UserOut(BaseModel):
    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    role: str
    phone: str | None
    pincode: str | None
    is_available: bool
    is_verified: bool


async def list_users(call: Call) -> dict[str, Any]:
    """Give accounts by role, verification and pincode."""
    query: UserQuery = call.query
    narrowed = UserFilter(query.role, query.is_verified, query.pincode)
    return page(call, await call.market.directory.list(narrowed, query.paging()))


async def get_user(call: Call) -> Any:
    """Give one account: one's own, or any for admins."""
    return await call.market.directory.get(call.caller, call.path["id"])


async def create_user(call: Call) -> Any:
    """Make an account of any role."""
    body: NewUser = call.body
    if body.role not in HOMESERVE.roles:
        raise Invalid({"role": [f'"{body.role}" is not a valid choice.']})
    account = NewAccount(
        body.username,
        body.email,
        body.password,
        body.role,
        body.phone,
        body.pincode,
        body.first_name,
        body.last_name,
        is_verified=True,
    )
    return await call.market.accounts.make(account, call.caller)


ROUTES = (
    Route("GET", "/api/users/", list_users, roles=ADMINS, query=UserQuery, reply=Page[UserOut]),
    Route("POST", "/api/users/", create_user, roles=SUPER_ADMINS, body=NewUser, reply=UserOut, status=201),
    Route("GET", "/api/users/{id:int}/", get_user, roles=EVERYONE, reply=UserOut),
)
