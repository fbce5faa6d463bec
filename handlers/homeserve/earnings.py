"""What vendors earn."""

from typing import Any

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import Id, MajorNumber, MajorText, WireTime
from handlers.homeserve.roles import ADMINS, VENDORS
from handlers.paging import Page, PageQuery, page
from handlers.route import Route
from server.domain.payments import Earning, EarningState


class EarningQuery(PageQuery):
    status: EarningState | None = None
    vendor: Id | None = None


class EarningOut(BaseModel):
    """An earning; negative when the vendor owes it."""

    id: str
    vendor: int
    vendor_name: str
    booking: str
    booking_service: str
    customer_name: str
    amount: MajorText
    status: str
    release_date: WireTime
    processed_by: int | None
    processed_at: WireTime | None
    created_at: WireTime


class RecentEarning(BaseModel):
    id: str
    amount: MajorText
    status: str


class Summary(BaseModel):
    """What a vendor has earned and still waits for, in rupees."""

    total_earnings: MajorNumber
    pending_earnings: MajorNumber
    recent_earnings: list[RecentEarning]


class Released(BaseModel):
    message: str
    earning_id: str


def earning_out(earning: Earning) -> dict[str, Any]:
    """Give HomeServe's fields."""
    return {
        "id": earning.id,
        "vendor": earning.provider_id,
        "vendor_name": earning.provider_name,
        "booking": earning.booking_id,
        "booking_service": earning.service_name,
        "customer_name": earning.customer_name,
        "amount": earning.amount_minor,
        "status": earning.status,
        "release_date": earning.release_at,
        "processed_by": earning.processed_by,
        "processed_at": earning.processed_at,
        "created_at": earning.created_at,
    }


async def list_earnings(call: Call) -> dict[str, Any]:
    """Give the vendor's earnings, or for admins anybody's, newest first."""
    query: EarningQuery = call.query
    listed = await call.market.earnings.list(call.caller, query.status, query.vendor, query.paging())
    return page(call, listed.map(earning_out))


async def summarise_earnings(call: Call) -> dict[str, Any]:
    """Give what the vendor has earned in all; what waits for its release counts."""
    sums, recent = await call.market.earnings.summary(call.caller.user_id)
    waiting = sums.get(EarningState.PENDING, 0)
    return {
        "total_earnings": sums.get(EarningState.RELEASED, 0) + waiting,
        "pending_earnings": waiting,
        "recent_earnings": [earning_out(earning) for earning in recent],
    }


async def release_payment(call: Call) -> dict[str, str]:
    """Pay an earning out before its day."""
    earning = await call.market.earnings.release(call.caller, call.path["id"])
    return {"message": "Payment released successfully", "earning_id": earning.id}


ROUTES = (
    Route(
        "GET",
        "/api/earnings/",
        list_earnings,
        roles=VENDORS | ADMINS,
        query=EarningQuery,
        reply=Page[EarningOut],
    ),
    Route("GET", "/api/earnings/summary/", summarise_earnings, roles=VENDORS, reply=Summary),
    Route("POST", "/api/earnings/{id:uuid}/release_payment/", release_payment, roles=ADMINS, reply=Released),
)
