"""Payments: what customers owe and have paid; the gateway's events; the ledger."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import MajorText, Uuid, WireTime
from handlers.gateway_events import Heard, hear_gateway
from handlers.homeserve.roles import ADMINS, BOOKING_ROLES
from handlers.homeserve.wire import Message
from handlers.paging import Page, PageQuery, page
from handlers.route import Route
from server.domain.payments import Payment, PaymentState


class PaymentQuery(PageQuery):
    status: PaymentState | None = None
    booking: Uuid | None = None


class LedgerQuery(PageQuery):
    account: Annotated[str, Field(max_length=60)] | None = None
    booking: Uuid | None = None


class PaymentOut(BaseModel):
    """A payment as its parties and staff see it."""

    id: str
    booking: str
    amount: MajorText
    status: str
    payment_type: str
    stripe_payment_intent_id: str
    stripe_charge_id: str | None
    processed_by: int | None
    processed_at: WireTime | None
    refunded_amount: MajorText
    created_at: WireTime
    updated_at: WireTime


class LegOut(BaseModel):
    account: str
    amount: MajorText = Field(validation_alias="amount_minor")


class LedgerEntryOut(BaseModel):
    """A movement of money; its legs add up to zero."""

    id: str
    booking: str = Field(validation_alias="booking_id")
    at: WireTime
    legs: list[LegOut]


def payment_out(payment: Payment) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": payment.id,
        "booking": payment.booking_id,
        "amount": payment.amount_minor,
        "status": payment.status,
        "payment_type": payment.kind,
        "stripe_payment_intent_id": payment.intent_id,
        "stripe_charge_id": payment.charge_id,
        "processed_by": payment.processed_by,
        "processed_at": payment.processed_at,
        "refunded_amount": payment.refunded_minor,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    }


async def list_payments(call: Call) -> dict[str, Any]:
    """Give the payments the caller is party to, newest first."""
    query: PaymentQuery = call.query
    statuses = [query.status] if query.status else []
    listed = await call.market.payments.list(call.caller, statuses, query.booking, query.paging())
    return page(call, listed.map(payment_out))


async def get_payment(call: Call) -> dict[str, Any]:
    """Give one payment."""
    return payment_out(await call.market.payments.get(call.caller, call.path["id"]))


async def process_manual_payment(call: Call) -> dict[str, str]:
    """Note that an open payment was settled otherwise, in cash for one."""
    await call.market.settlement.settle_by_hand(call.caller, call.path["id"])
    return {"message": "Payment processed successfully"}


async def list_ledger(call: Call) -> dict[str, Any]:
    """Give the movements of money, newest first."""
    query: LedgerQuery = call.query
    return page(call, await call.market.ledger.list(query.account, query.booking, query.paging()))


ROUTES = (
    Route(
        "GET",
        "/api/payments/",
        list_payments,
        roles=BOOKING_ROLES,
        query=PaymentQuery,
        reply=Page[PaymentOut],
    ),
    Route("GET", "/api/payments/{id:uuid}/", get_payment, roles=BOOKING_ROLES, reply=PaymentOut),
    Route(
        "POST",
        "/api/payments/{id:uuid}/process_manual_payment/",
        process_manual_payment,
        roles=ADMINS,
        reply=Message,
    ),
    Route("POST", "/api/payments/webhook/", hear_gateway, public=True, reply=Heard),
    Route("GET", "/api/ledger/", list_ledger, roles=ADMINS, query=LedgerQuery, reply=Page[LedgerEntryOut]),
)
