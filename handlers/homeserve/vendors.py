"""Vendors: search by pincode, and a vendor's day as a route."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import Id, Pincode, WireTime, clock_text
from handlers.homeserve.roles import ADMINS, EVERYONE, VENDORS
from handlers.reading import Body, Query
from handlers.route import Route
from server.domain.parties import Party
from server.errors import Invalid, Missing
from server.services.shop.search import Match
from server.services.time.day_routes import DayPlan, RouteStop
from server.services.time.day_routes import Route as DayRoute


class SearchQuery(Query):
    pincode: Pincode
    service_id: Id | None = None


class VendorSlotOut(BaseModel):
    day_of_week: int
    start_time: str
    end_time: str


class VendorOut(BaseModel):
    id: int
    name: str
    email: str
    phone: str | None
    pincode: str | None
    rating: float
    total_jobs: int
    availability: VendorSlotOut
    travel_time: int
    distance_km: float
    primary_service_area: str


class SearchOut(BaseModel):
    vendors: list[VendorOut]
    total_vendors: int
    pincode: str
    demand_index: float


class DayQuery(Query):
    date: date
    vendor_id: Id | None = None


class ApplyBody(Body):
    date: date
    apply: Literal[True]


class StopOut(BaseModel):
    booking_id: str
    service_name: str
    customer_name: str
    pincode: str
    lat: float
    lng: float
    travel_minutes: int
    arrival: WireTime
    start: WireTime
    departure: WireTime
    waiting_minutes: int


class Suggestion(BaseModel):
    type: str
    message: str
    potential_savings_minutes: int


class PlanOut(BaseModel):
    optimization_date: str
    total_bookings: int
    total_duration_minutes: int
    total_travel_time_minutes: int
    efficiency_score: float
    suggestions: list[Suggestion]
    route: list[StopOut]
    booked_route: list[StopOut]
    optimized_travel_time_minutes: int
    is_feasible: bool
    is_proven_optimal: bool


class AppliedOut(PlanOut):
    applied: bool


def _vendor_out(match: Match) -> dict[str, Any]:
    vendor, shift = match.provider, match.shift
    return {
        "id": vendor.id,
        "name": vendor.name,
        "email": vendor.email,
        "phone": vendor.phone,
        "pincode": vendor.pincode,
        "rating": vendor.rating,
        "total_jobs": vendor.completed_jobs,
        "availability": {
            "day_of_week": shift.weekday,
            "start_time": clock_text(shift.start_minute),
            "end_time": clock_text(shift.end_minute),
        },
        "travel_time": match.travel_minutes,
        "distance_km": match.distance_km,
        "primary_service_area": shift.base_pincode,
    }


def _stop_out(stop: RouteStop) -> dict[str, Any]:
    visit = stop.booking
    return {
        "booking_id": visit.id,
        "service_name": visit.service_name,
        "customer_name": visit.customer_name,
        "pincode": visit.pincode,
        "lat": visit.lat,
        "lng": visit.lng,
        "travel_minutes": stop.travel_minutes,
        "arrival": stop.arrives_at,
        "start": stop.starts_at,
        "departure": stop.departs_at,
        "waiting_minutes": stop.waiting_minutes,
    }


def _stops(route: DayRoute) -> list[dict[str, Any]]:
    return [_stop_out(stop) for stop in route.stops]


def _plan_out(plan: DayPlan) -> dict[str, Any]:
    return {
        "optimization_date": plan.date.isoformat(),
        "total_bookings": len(plan.booked.stops),
        "total_duration_minutes": plan.service_minutes,
        "total_travel_time_minutes": plan.booked.travel_minutes,
        "efficiency_score": plan.efficiency,
        "suggestions": _suggestions(plan),
        "route": _stops(plan.best),
        "booked_route": _stops(plan.booked),
        "optimized_travel_time_minutes": plan.best.travel_minutes,
        "is_feasible": plan.best.is_feasible,
        "is_proven_optimal": plan.best.is_proven_optimal,
    }


def _suggestions(plan: DayPlan) -> list[dict[str, Any]]:
    if not plan.best.is_feasible:
        message = "No order keeps every arrival window; agree on other times with a customer"
        return [{"type": "infeasible_windows", "message": message, "potential_savings_minutes": 0}]
    if plan.saved_minutes <= 0:
        return []
    message = "Consider rearranging bookings to minimize travel time"
    return [
        {
            "type": "route_optimization",
            "message": message,
            "potential_savings_minutes": plan.saved_minutes,
        }
    ]


async def search_vendors(call: Call) -> dict[str, Any]:
    """Give the vendors who serve a pincode, best first."""
    found = await call.market.search.providers(call.query.pincode, call.query.service_id)
    return {
        "vendors": [_vendor_out(match) for match in found.providers],
        "total_vendors": len(found.providers),
        "pincode": found.pincode,
        "demand_index": found.demand_index,
    }


def vendor_of(call: Call) -> int:
    """Give whose day is meant: the vendor's own, or whom staff name; raises Invalid or Missing."""
    query: DayQuery = call.query
    if call.caller.party is Party.PROVIDER:
        if query.vendor_id not in (None, call.caller.user_id):
            raise Invalid({"vendor_id": ["Only your own day can be optimised."]})
        return call.caller.user_id
    if query.vendor_id is None:
        raise Missing(["vendor_id"])
    return query.vendor_id


async def plan_day(call: Call) -> dict[str, Any]:
    """Give a vendor's booked day beside its best route; staff name the vendor."""
    return _plan_out(await call.market.day_routes.plan(vendor_of(call), call.query.date))


async def apply_day(call: Call) -> dict[str, Any]:
    """Move the vendor's confirmed bookings to the best route, all or none."""
    return {**_plan_out(await call.market.day_routes.apply(call.caller, call.body.date)), "applied": True}


ROUTES = (
    Route("GET", "/api/vendor-search/", search_vendors, roles=EVERYONE, query=SearchQuery, reply=SearchOut),
    Route(
        "GET", "/api/vendor-optimization/", plan_day, roles=VENDORS | ADMINS, query=DayQuery, reply=PlanOut
    ),
    Route("POST", "/api/vendor-optimization/", apply_day, roles=VENDORS, body=ApplyBody, reply=AppliedOut),
)
