"""Signing in and up."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from handlers.call import Call
from handlers.fields import Clean, Email, Name, Password, Phone, Pincode
from handlers.homeserve.roles import EVERYONE
from handlers.homeserve.users import Username
from handlers.homeserve.wire import Message
from handlers.reading import Body
from handlers.route import Route
from server.errors import Missing
from server.marketplaces.homeserve import CUSTOMER, VENDOR
from server.services.accounts.accounts import NewAccount, SignedIn

Token = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Otp = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Field(examples=["123456"])]


class Login(Body):
    username: Annotated[str, Field(min_length=1, max_length=150, examples=["asha"]), Clean]
    # Not trimmed, as at registration: spaces belong to a password.
    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=128, strip_whitespace=False),
        Field(examples=["a long passphrase"]),
    ]


class Refresh(Body):
    refresh: Token


class SendOtp(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "asha@example.com", "method": "email"}]}
    )

    email: Email | None = None
    phone: Phone | None = None
    method: Literal["email", "sms"]

    def destination(self) -> str:
        """Give where the code goes; raises Missing naming what the method needs."""
        name, value = ("email", self.email) if self.method == "email" else ("phone", self.phone)
        if value is None:
            raise Missing([name])
        return value


class SendVendorOtp(Body):
    phone: Phone
    method: Literal["sms"] = "sms"


class VerifyOtp(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "asha@example.com", "otp": "123456"}]}
    )

    email: Email | None = None
    phone: Phone | None = None
    otp: Otp

    def destination(self) -> str:
        """Give whose code it is; raises Missing."""
        value = self.email or self.phone
        if value is None:
            raise Missing(["email or phone"])
        return value


class VerifyVendorOtp(Body):
    phone: Phone
    otp: Otp


class Register(Body):
    username: Username
    email: Email
    password: Password
    phone: Phone | None = None
    pincode: Pincode | None = None
    first_name: Name | None = None
    last_name: Name | None = None


class AccountOut(BaseModel):
    id: int
    username: str
    email: str
    role: str
    is_verified: bool


class SignedInOut(BaseModel):
    access: str
    refresh: str
    user: AccountOut


class VerifiedOut(SignedInOut):
    message: str


class AccessOut(BaseModel):
    access: str


class OtpSent(BaseModel):
    message: str
    method: str
    otp_sent: bool


def _signed_in(signed_in: SignedIn) -> dict[str, Any]:
    return {
        "access": signed_in.tokens.access,
        "refresh": signed_in.tokens.refresh,
        "user": signed_in.user,
    }


def _sent(method: str) -> dict[str, Any]:
    return {"message": f"OTP sent successfully via {method}", "method": method, "otp_sent": True}


def _verified(signed_in: SignedIn) -> dict[str, Any]:
    return {"message": "OTP verified successfully", **_signed_in(signed_in)}


async def login(call: Call) -> dict[str, Any]:
    """Sign in by name and password."""
    body: Login = call.body
    return _signed_in(await call.market.accounts.sign_in(body.username, body.password, call.origin.address))


async def refresh(call: Call) -> dict[str, str]:
    """Give a new access token."""
    return {"access": (await call.market.accounts.refresh(call.body.refresh)).access}


async def send_otp(call: Call) -> dict[str, Any]:
    """Send a sign-in code by mail or SMS."""
    body: SendOtp = call.body
    by_sms = body.method == "sms"
    await call.market.accounts.send_code(body.destination(), by_sms, call.origin.address)
    return _sent(body.method)


async def verify_otp(call: Call) -> dict[str, Any]:
    """Sign in with a code; a new address becomes a customer."""
    body: VerifyOtp = call.body
    return _verified(
        await call.market.accounts.sign_in_by_code(body.destination(), body.otp, call.origin.address)
    )


async def send_vendor_otp(call: Call) -> dict[str, Any]:
    """Send a vendor a sign-in code; the answer never tells whose phone it is."""
    await call.market.accounts.send_code(call.body.phone, True, call.origin.address, role=VENDOR)
    return _sent("sms")


async def verify_vendor_otp(call: Call) -> dict[str, Any]:
    """Sign a vendor in with a code."""
    body: VerifyVendorOtp = call.body
    return _verified(
        await call.market.accounts.sign_in_by_code(body.phone, body.otp, call.origin.address, role=VENDOR)
    )


async def register(call: Call) -> dict[str, Any]:
    """Make a customer's account."""
    body: Register = call.body
    account = NewAccount(
        body.username,
        body.email,
        body.password,
        CUSTOMER,
        body.phone,
        body.pincode,
        body.first_name or "",
        body.last_name or "",
    )
    return _signed_in(await call.market.accounts.register(account, call.origin.address))


async def logout(call: Call) -> dict[str, str]:
    """End this session: its tokens are refused from now on."""
    await call.market.accounts.sign_out(call.caller)
    return {"message": "Logged out successfully"}


ROUTES = (
    Route("POST", "/auth/login/", login, public=True, body=Login, reply=SignedInOut),
    Route("POST", "/auth/refresh/", refresh, public=True, body=Refresh, reply=AccessOut),
    Route("POST", "/auth/send-otp/", send_otp, public=True, body=SendOtp, reply=OtpSent),
    Route("POST", "/auth/verify-otp/", verify_otp, public=True, body=VerifyOtp, reply=VerifiedOut),
    Route("POST", "/auth/vendor/send-otp/", send_vendor_otp, public=True, body=SendVendorOtp, reply=OtpSent),
    Route(
        "POST",
        "/auth/vendor/verify-otp/",
        verify_vendor_otp,
        public=True,
        body=VerifyVendorOtp,
        reply=VerifiedOut,
    ),
    Route("POST", "/auth/register/", register, public=True, body=Register, reply=SignedInOut, status=201),
    Route("POST", "/auth/logout/", logout, roles=EVERYONE, reply=Message),
)
