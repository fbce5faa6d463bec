"""Payments from clients to professionals, and the professionals' accounts at Stripe."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from handlers.alist.availability import BusinessOut
from handlers.alist.roles import CLIENTS, EVERYONE, HOME_PROS
from handlers.alist.users import PersonOut
from handlers.alist.wire import Body, PageQuery
from handlers.call import Call
from handlers.fields import Clean, Id, MajorText, MinorAmount, WireTime
from handlers.gateway_events import Heard, hear_gateway
from handlers.paging import Page, page
from handlers.route import Route
from server.domain.events import Event
from server.domain.payments import PaymentState
from server.domain.payouts import PayoutAccount
from server.services.bookings.announcements import payment_facts
from server.services.money.direct_payments import PaymentWish


class PaymentStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    REFUNDED = "refunded"


STATUSES: Mapping[PaymentState, PaymentStatus] = {
    PaymentState.PENDING: PaymentStatus.PENDING,
    PaymentState.PROCESSING: PaymentStatus.PROCESSING,
    PaymentState.AUTHORIZED: PaymentStatus.PROCESSING,
    PaymentState.COMPLETED: PaymentStatus.COMPLETED,
    PaymentState.PARTIALLY_REFUNDED: PaymentStatus.COMPLETED,
    PaymentState.FAILED: PaymentStatus.FAILED,
    PaymentState.CANCELLED: PaymentStatus.FAILED,
    PaymentState.REFUNDED: PaymentStatus.REFUNDED,
}
"""The core's state -> A-List's five; what was given back in part is still a completed payment."""


class NewPayment(Body):
    alistpro_id: Id
    amount: MinorAmount
    description: Annotated[str, StringConstraints(min_length=1, max_length=500), Clean]


class PaymentQuery(PageQuery):
    status: PaymentStatus | None = None


class PaymentOut(BaseModel):
    """A payment as both sides and admins see it."""

    id: int
    client: PersonOut
    alistpro: BusinessOut
    amount: MajorText
    description: str
    status: PaymentStatus
    stripe_payment_intent_id: str
    completed_at: WireTime | None
    created_at: WireTime


class CreatedPayment(BaseModel):
    """What the client's app confirms the payment with."""

    payment_id: int
    client_secret: str


class Onboarding(BaseModel):
    account_link: str
    stripe_account_id: str
    onboarding_started: bool


class AccountStatus(BaseModel):
    has_account: bool
    stripe_account_id: str | None
    is_details_submitted: bool
    is_charges_enabled: bool
    is_payouts_enabled: bool
    onboarding_complete: bool
    onboarding_completed_at: WireTime | None


class DashboardLink(BaseModel):
    url: str


def payment_out(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give A-List's fields of what may be seen of a payment."""
    return {
        "id": int(facts["payment_id"]),
        "client": {"id": facts["customer_id"], "name": facts["customer_name"]},
        "alistpro": {"id": facts["provider_id"], "business_name": facts["provider_name"]},
        "amount": facts["amount_minor"],
        "description": facts["description"],
        "status": STATUSES[PaymentState(facts["status"])],
        "stripe_payment_intent_id": facts["intent_id"],
        "completed_at": facts["completed_at"],
        "created_at": facts["created_at"],
    }


def payment_told(event: Event) -> dict[str, Any]:
    """Give what the socket tells of a completed payment: what the list shows."""
    return PaymentOut.model_validate(payment_out(event.data)).model_dump(mode="json")


def account_out(account: PayoutAccount | None) -> dict[str, Any]:
    """Give A-List's fields of an account, or of none."""
    return {
        "has_account": account is not None,
        "stripe_account_id": account and account.account_id,
        "is_details_submitted": account is not None and account.state.details_submitted,
        "is_charges_enabled": account is not None and account.state.charges_enabled,
        "is_payouts_enabled": account is not None and account.state.payouts_enabled,
        "onboarding_complete": account is not None and account.state.is_complete,
        "onboarding_completed_at": account and account.completed_at,
    }


async def onboard(call: Call) -> dict[str, Any]:
    """Begin or go on with the caller's onboarding at Stripe; the link is fresh each time."""
    account, link = await call.market.payout_accounts.onboard(call.caller)
    return {"account_link": link, "stripe_account_id": account.account_id, "onboarding_started": True}


async def read_status(call: Call) -> dict[str, Any]:
    """Give how the caller's account at Stripe stands."""
    return account_out(await call.market.payout_accounts.status(call.caller.user_id))


async def create_payment(call: Call) -> dict[str, Any]:
    """Open a payment to a professional."""
    body: NewPayment = call.body
    wish = PaymentWish(body.alistpro_id, body.amount, body.description)
    payment = await call.market.direct_payments.create(call.caller, wish, call.key)
    return {"payment_id": int(payment.id), "client_secret": payment.secret}


async def list_payments(call: Call) -> dict[str, Any]:
    """Give the payments the caller has made or got, or for admins all, newest first."""
    query: PaymentQuery = call.query
    states = [state for state, status in STATUSES.items() if status is query.status]
    listed = await call.market.payments.list(call.caller, states, None, query.paging())
    return page(call, listed.map(lambda payment: payment_out(payment_facts(payment))))


async def get_payment(call: Call) -> dict[str, Any]:
    """Give one payment to both sides and admins."""
    payment = await call.market.payments.get(call.caller, str(call.path["id"]))
    return payment_out(payment_facts(payment))


async def dashboard_link(call: Call) -> dict[str, str]:
    """Give a link to the caller's own pages at Stripe."""
    return {"url": await call.market.payout_accounts.dashboard_link(call.caller)}


ROUTES = (
    Route("POST", "/api/payments/onboard/", onboard, roles=HOME_PROS, reply=Onboarding),
    Route("GET", "/api/payments/status/", read_status, roles=EVERYONE, reply=AccountStatus),
    Route(
        "POST",
        "/api/payments/create/",
        create_payment,
        roles=CLIENTS,
        body=NewPayment,
        reply=CreatedPayment,
    ),
    Route(
        "GET",
        "/api/payments/",
        list_payments,
        roles=EVERYONE,
        query=PaymentQuery,
        reply=Page[PaymentOut],
    ),
    Route("GET", "/api/payments/{id:int}/", get_payment, roles=EVERYONE, reply=PaymentOut),
    Route("GET", "/api/payments/dashboard-link/", dashboard_link, roles=HOME_PROS, reply=DashboardLink),
    Route("POST", "/api/payments/webhook/", hear_gateway, public=True, reply=Heard),
)
