"""Travel time between pincodes, now; and where a vendor is on the way."""

from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any

from pydantic import BaseModel, Field

from handlers.call import Call
from handlers.fields import Pincode, Uuid, WireTime
from handlers.homeserve.roles import EVERYONE, VENDORS
from handlers.reading import Body, Query
from handlers.route import Route
from server import clock


class TravelQuery(Query):
    from_pincode: Pincode
    to_pincode: Pincode


class TravelOut(BaseModel):
    from_pincode: str
    to_pincode: str
    duration_minutes: int
    distance_km: float
    estimated_traffic_multiplier: float
    cached: bool


class WhereBody(Body):
    """Where the vendor is, and on the way to which booking."""

    booking: Uuid
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[28.6315])]
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[77.2167])]


class LocationOut(BaseModel):
    """What the customer was told last; the next position will be told so many seconds later."""

    booking: str
    lat: float
    lng: float
    at: WireTime
    arrives_at: WireTime | None
    arrival_minutes: int | None
    next_in_seconds: int


async def tell_location(call: Call) -> dict[str, Any]:
    """Tell where the vendor is on the way to a booking, from 2 hours before its start until it is done.

    The customer and staff hear `vendor_location` on `/ws/bookings/{id}/`, at most once in 5 seconds.
    A row, because phones wake an app for a moment to say where it is, without a socket.
    """
    body: WhereBody = call.body
    located = await call.market.whereabouts.tell(call.caller, body.booking, body.lat, body.lng)
    position = located.position
    return {
        "booking": position.id,
        "lat": position.lat,
        "lng": position.lng,
        "at": position.at,
        "arrives_at": position.arrives_at,
        "arrival_minutes": minutes_until(position.arrives_at),
        "next_in_seconds": located.next_in_seconds,
    }


def minutes_until(moment: datetime | None) -> int | None:
    """Give whole minutes from now, rounded up, 0 for what should have been; None stays None."""
    if moment is None:
        return None
    return max(0, ceil((moment - clock.now()) / timedelta(minutes=1)))


async def get_travel_time(call: Call) -> dict[str, Any]:
    """Give the trip between two pincodes at this hour."""
    query: TravelQuery = call.query
    trip = await call.market.travel.between(query.from_pincode, query.to_pincode, clock.now())
    return {
        "from_pincode": query.from_pincode,
        "to_pincode": query.to_pincode,
        "duration_minutes": trip.minutes,
        "distance_km": trip.distance_km,
        "estimated_traffic_multiplier": trip.traffic_multiplier,
        "cached": trip.is_cached,
    }


ROUTES = (
    Route("POST", "/api/travel/location/", tell_location, roles=VENDORS, body=WhereBody, reply=LocationOut),
    Route("GET", "/api/travel-time/", get_travel_time, roles=EVERYONE, query=TravelQuery, reply=TravelOut),
)
