"""Accounts: signing up and in, one's own account, and those that admins see."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo

from handlers.alist.roles import ADMINS, EVERYONE
from handlers.alist.wire import Body, Message, PageQuery
from handlers.call import Call
from handlers.fields import Email, Name, Password, Phone, WireTime
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.entities import User
from server.services.accounts.accounts import NewAccount
from server.store.users import UserFilter

LINK = "/api/users/verify-email/{token}/{user_id}/"
REGISTERED = "User registered successfully. Please check your email to verify your account."

RoleName = Annotated[str, Field(max_length=40, examples=["client"])]
GivenPassword = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128, strip_whitespace=False),
    Field(examples=["secure_password"]),
]
AS_NEW = Field(examples=["a long passphrase"])
"""As the example of the field that it repeats."""

Token = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


def _repeats(field: str) -> AfterValidator:
    """Have a password be the one of an earlier field, told beside whatever else is wrong."""

    def check(again: str, info: ValidationInfo) -> str:
        if info.data.get(field, again) != again:
            raise ValueError("The two passwords do not match.")
        return again

    return AfterValidator(check)


class NewUser(Body):
    email: Email
    name: Name
    phone_number: Phone | None = None
    role: Literal["client", "contractor", "crew", "specialist", "admin"]
    password: Password

    def account(self, *, is_verified: bool = False) -> NewAccount:
        """Give it in the core's words: who signs in by address has no other name."""
        return NewAccount(
            username=self.email,
            email=self.email,
            password=self.password,
            role=self.role,
            first_name=self.name,
            contact_phone=self.phone_number,
            is_verified=is_verified,
        )


class Register(NewUser):
    role: Literal["client", "contractor", "crew", "specialist"]
    password2: Annotated[GivenPassword, AS_NEW, _repeats("password")]


class Login(Body):
    email: Email
    password: GivenPassword


class Refresh(Body):
    refresh: Token


class ChangeMe(Body):
    name: Name | None = None
    phone_number: Phone | None = None


class ChangePassword(Body):
    old_password: GivenPassword
    new_password: Password
    new_password2: Annotated[GivenPassword, AS_NEW, _repeats("new_password")]


class UserQuery(PageQuery):
    role: RoleName | None = None
    is_verified: bool | None = None


class PersonOut(BaseModel):
    """Somebody as others see them beside what they did."""

    id: int
    name: str


class ContactOut(PersonOut):
    """Somebody as those see them who may call."""

    email: str
    phone_number: str | None = Field(validation_alias="contact_phone")
    role: str


class UserOut(ContactOut):
    is_verified: bool
    date_joined: WireTime = Field(validation_alias="created_at")


class Tokens(BaseModel):
    access: str
    refresh: str


class SignedInOut(Tokens):
    user: UserOut


class RegisteredOut(BaseModel):
    user: UserOut
    tokens: Tokens
    message: str


async def register(call: Call) -> dict[str, Any]:
    """Make an account and mail a link that proves its address."""
    body: Register = call.body
    signed_in = await call.market.accounts.register(body.account(), call.origin.address)
    await call.market.own_account.send_link(signed_in.user, LINK)
    return {"user": signed_in.user, "tokens": signed_in.tokens, "message": REGISTERED}


async def login(call: Call) -> dict[str, Any]:
    """Sign in by mail address and password."""
    body: Login = call.body
    signed_in = await call.market.accounts.sign_in(body.email, body.password, call.origin.address)
    pair = signed_in.tokens
    return {"access": pair.access, "refresh": pair.refresh, "user": signed_in.user}


async def refresh(call: Call) -> Any:
    """Give new tokens; the refresh token that was sent is good no more."""
    return await call.market.accounts.refresh(call.body.refresh)


async def logout(call: Call) -> dict[str, str]:
    """End this session: its tokens are refused from now on."""
    await call.market.accounts.sign_out(call.caller)
    return {"message": "Logged out successfully"}


async def get_me(call: Call) -> User:
    """Give one's own account."""
    return await call.market.own_account.get(call.caller)


async def change_me(call: Call) -> User:
    """Change one's own name and number."""
    body: ChangeMe = call.body
    changes = {"first_name": body.name, "contact_phone": body.phone_number}
    given = {field: value for field, value in changes.items() if value is not None}
    return await call.market.own_account.change(call.caller, given)


async def change_password(call: Call) -> dict[str, str]:
    """Set another password; every session ends, this one too."""
    body: ChangePassword = call.body
    await call.market.own_account.change_password(call.caller, body.old_password, body.new_password)
    return {"message": "Password changed successfully"}


async def verify_email(call: Call) -> dict[str, str]:
    """Take the link of a verification mail."""
    await call.market.own_account.verify(call.path["user_id"], call.path["token"])
    return {"message": "Email verified successfully"}


async def resend_verification(call: Call) -> dict[str, str]:
    """Mail the link once more, unless the address is proven."""
    own = call.market.own_account
    await own.send_link(await own.get(call.caller), LINK)
    return {"message": "Verification email sent"}


async def list_users(call: Call) -> dict[str, Any]:
    """Give accounts by role and verification."""
    query: UserQuery = call.query
    narrowed = UserFilter(query.role, query.is_verified)
    return page(call, await call.market.directory.list(narrowed, query.paging()))


async def get_user(call: Call) -> Any:
    """Give one account: one's own, or any for admins."""
    return await call.market.directory.get(call.caller, call.path["id"])


async def create_user(call: Call) -> Any:
    """Make an account of any role, whose address counts as proven."""
    body: NewUser = call.body
    return await call.market.accounts.make(body.account(is_verified=True), call.caller)


ROUTES = (
    Route(
        "POST", "/api/users/register/", register, public=True, body=Register, reply=RegisteredOut, status=201
    ),
    Route("POST", "/api/users/token/", login, public=True, body=Login, reply=SignedInOut),
    Route("POST", "/api/users/token/refresh/", refresh, public=True, body=Refresh, reply=Tokens),
    Route("POST", "/api/users/logout/", logout, roles=EVERYONE, reply=Message),
    Route("GET", "/api/users/me/", get_me, roles=EVERYONE, reply=UserOut),
    Route("PATCH", "/api/users/me/", change_me, roles=EVERYONE, body=ChangeMe, reply=UserOut),
    Route(
        "POST",
        "/api/users/change-password/",
        change_password,
        roles=EVERYONE,
        body=ChangePassword,
        reply=Message,
    ),
    Route("GET", "/api/users/verify-email/{token}/{user_id:int}/", verify_email, public=True, reply=Message),
    Route("POST", "/api/users/resend-verification/", resend_verification, roles=EVERYONE, reply=Message),
    Route("GET", "/api/users/", list_users, roles=ADMINS, query=UserQuery, reply=Page[UserOut]),
    Route("POST", "/api/users/", create_user, roles=ADMINS, body=NewUser, reply=UserOut, status=201),
    Route("GET", "/api/users/{id:int}/", get_user, roles=EVERYONE, reply=UserOut),
)
