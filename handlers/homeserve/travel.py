"""Travel time between pincodes, now."""

from typing import Any

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import Pincode
from handlers.homeserve.roles import EVERYONE
from handlers.reading import Query
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
    Route("GET", "/api/travel-time/", get_travel_time, roles=EVERYONE, query=TravelQuery, reply=TravelOut),
)
