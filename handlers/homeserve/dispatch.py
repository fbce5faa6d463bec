"""Dispatches: a day of many vendors planned at once, for ops managers."""

from datetime import date as Date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Pincode, WireTime
from handlers.homeserve.roles import ADMINS
from handlers.paging import Page, PageQuery, page
from handlers.reading import Body
from handlers.route import Route
from server.domain.dispatch import Dispatch, DispatchPolicy, DispatchState, LeftOut, PlannedRoute
from server.services.dispatch.dispatching import DispatchWish

MINUTES = Field(ge=0, le=10_000)


class PolicyBody(Body):
    """How to plan; see the fields of a dispatch's policy."""

    budget_seconds: Annotated[float, Field(ge=0.5, le=60)] = 5.0
    may_reassign: bool = False
    drop_penalty_minutes: Annotated[int, MINUTES] = 240
    move_penalty_minutes: Annotated[int, MINUTES] = 30


class DispatchBody(Body):
    date: Date
    pincodes: Annotated[tuple[Pincode, ...], Field(min_length=1, max_length=200)]
    policy: PolicyBody = PolicyBody()


class DispatchQuery(PageQuery):
    date: Date | None = None
    status: DispatchState | None = None


class PolicyOut(BaseModel):
    budget_seconds: float
    may_reassign: bool
    drop_penalty_minutes: int
    move_penalty_minutes: int


class DispatchOut(BaseModel):
    """A dispatch without its routes."""

    id: str
    date: str
    pincodes: list[str]
    policy: PolicyOut
    status: str
    progress: float
    cost: int | None
    bookings: int
    vendors: int
    dropped: int
    travel_minutes: int
    travel_minutes_before: int
    created_at: WireTime
    updated_at: WireTime
    applied_at: WireTime | None
    error: str


class VisitOut(BaseModel):
    booking_id: str
    service: str
    arrival_time: WireTime
    start_time: WireTime
    departure_time: WireTime
    travel_minutes: int
    is_changed: bool
    previous_vendor: int | None
    previous_start_time: WireTime


class RouteOut(BaseModel):
    vendor: int
    vendor_name: str
    travel_minutes: int
    travel_minutes_before: int
    finish_time: WireTime
    stops: list[VisitOut]


class DroppedOut(BaseModel):
    """A booking without a vendor. `minutes`: missing beside the nearest vendor's plan, or the detour."""

    booking_id: str
    service: str
    reason: str
    explanation: str
    nearest_vendor: int | None
    minutes: int


class DispatchProposal(DispatchOut):
    """A dispatch with its proposal."""

    routes: list[RouteOut]
    dropped_bookings: list[DroppedOut]


EXPLANATIONS = {
    "skill": "No vendor at work offers the service.",
    "area": "No vendor who offers the service serves the pincode that day.",
    "shift": "No vendor who could serve it works while the booking may begin.",
    "window": "No vendor could reach it within its window, even alone.",
    "time": "Every vendor who could serve it is {minutes} minutes or more short beside their other visits.",
    "cost": "Serving it would take {minutes} more minutes of travel, more than leaving it out counts.",
}


def dispatch_out(dispatch: Dispatch) -> dict[str, Any]:
    """Give HomeServe's fields without the routes."""
    return {
        "id": dispatch.id,
        "date": dispatch.date,
        "pincodes": list(dispatch.pincodes),
        "policy": dispatch.policy,
        "status": dispatch.state.value,
        "progress": round(dispatch.progress, 2),
        "cost": dispatch.cost,
        "bookings": dispatch.bookings,
        "vendors": dispatch.providers,
        "dropped": len(dispatch.left_out),
        "travel_minutes": dispatch.travel_minutes,
        "travel_minutes_before": dispatch.old_travel_minutes,
        "created_at": dispatch.created_at,
        "updated_at": dispatch.updated_at,
        "applied_at": dispatch.applied_at,
        "error": dispatch.error,
    }


def proposal_out(dispatch: Dispatch) -> dict[str, Any]:
    """Give HomeServe's fields, routes and what was left out."""
    return dispatch_out(dispatch) | {
        "routes": [_route_out(route) for route in dispatch.routes],
        "dropped_bookings": [_dropped_out(left) for left in dispatch.left_out],
    }


def _route_out(route: PlannedRoute) -> dict[str, Any]:
    return {
        "vendor": route.provider_id,
        "vendor_name": route.provider_name,
        "travel_minutes": route.travel_minutes,
        "travel_minutes_before": route.old_travel_minutes,
        "finish_time": route.finishes_at,
        "stops": [
            {
                "booking_id": visit.booking_id,
                "service": visit.service_name,
                "arrival_time": visit.arrives_at,
                "start_time": visit.starts_at,
                "departure_time": visit.leaves_at,
                "travel_minutes": visit.travel_minutes,
                "is_changed": visit.changes(route.provider_id),
                "previous_vendor": visit.old_provider_id,
                "previous_start_time": visit.old_starts_at,
            }
            for visit in route.visits
        ],
    }


def _dropped_out(left: LeftOut) -> dict[str, Any]:
    return {
        "booking_id": left.booking_id,
        "service": left.service_name,
        "reason": left.reason.value,
        "explanation": EXPLANATIONS[left.reason.value].format(minutes=left.minutes),
        "nearest_vendor": left.provider_id,
        "minutes": left.minutes,
    }


async def start_dispatch(call: Call) -> dict[str, Any]:
    """Have a day planned in the background; look at it, or listen on `/ws/admin/`, for how far it is."""
    body: DispatchBody = call.body
    wish = DispatchWish(body.date, body.pincodes, DispatchPolicy(**body.policy.model_dump()))
    return dispatch_out(await call.market.dispatching.request(call.caller, wish))


async def list_dispatches(call: Call) -> dict[str, Any]:
    """Give dispatches, newest first."""
    query: DispatchQuery = call.query
    listed = await call.market.dispatching.listed(query.date, query.status, query.paging())
    return page(call, listed.map(dispatch_out))


async def get_dispatch(call: Call) -> dict[str, Any]:
    """Give how far a dispatch is, and its proposal."""
    return proposal_out(await call.market.dispatching.get(call.path["id"]))


async def apply_dispatch(call: Call) -> dict[str, Any]:
    """Give every booking of a proposal its vendor and time, all or none; what has changed since is named."""
    return proposal_out(await call.market.dispatch_applying.apply(call.caller, call.path["id"]))


async def cancel_dispatch(call: Call) -> dict[str, Any]:
    """End a dispatch that is not applied."""
    return proposal_out(await call.market.dispatching.cancel(call.caller, call.path["id"]))


ROUTES = (
    Route(
        "GET",
        "/api/dispatch/",
        list_dispatches,
        roles=ADMINS,
        query=DispatchQuery,
        reply=Page[DispatchOut],
    ),
    Route(
        "POST",
        "/api/dispatch/",
        start_dispatch,
        roles=ADMINS,
        body=DispatchBody,
        reply=DispatchOut,
        status=202,
    ),
    Route("GET", "/api/dispatch/{id:uuid}/", get_dispatch, roles=ADMINS, reply=DispatchProposal),
    Route("POST", "/api/dispatch/{id:uuid}/apply/", apply_dispatch, roles=ADMINS, reply=DispatchProposal),
    Route("POST", "/api/dispatch/{id:uuid}/cancel/", cancel_dispatch, roles=ADMINS, reply=DispatchProposal),
)
