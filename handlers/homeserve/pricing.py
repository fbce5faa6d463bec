"""Dynamic pricing: the price now, and the prices of the coming days."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from handlers.call import Call
from handlers.fields import Id, MajorNumber, Moment, Pincode, WireTime
from handlers.homeserve.roles import EVERYONE
from handlers.reading import Body, Query
from handlers.route import Route


class PriceQuery(Query):
    service_id: Id
    pincode: Pincode
    scheduled_datetime: Moment | None = None


class PredictionBody(Body):
    service_id: Id
    pincode: Pincode
    days: Annotated[int, Field(ge=1, le=30)] = 7


class PricedService(TypedDict):
    id: int
    name: str
    category: str


class PredictedService(PricedService):
    base_price: MajorNumber


class Factors(TypedDict):
    time_based_multiplier: float
    demand_based_multiplier: float
    vendor_availability_multiplier: float


class Breakdown(TypedDict):
    base: MajorNumber
    surge: MajorNumber
    total: MajorNumber


class PricingOut(TypedDict):
    base_price: MajorNumber
    surge_multiplier: float
    final_price: MajorNumber
    demand_level: str
    factors: Factors
    breakdown: Breakdown


class PriceOut(TypedDict):
    service: PricedService
    pincode: str
    pricing: PricingOut
    quote_id: str
    expires_at: WireTime
    timestamp: WireTime


class DayOut(TypedDict):
    date: str
    predicted_price: MajorNumber
    surge_multiplier: float
    confidence: float
    demand_level: str


class PredictionOut(TypedDict):
    service: PredictedService
    pincode: str
    predictions: list[DayOut]
    timestamp: WireTime


async def get_price(call: Call) -> dict[str, Any]:
    """Give the price of a service at a pincode and time, with the quote that a booking may name."""
    query: PriceQuery = call.query
    price = await call.market.pricing.price(
        call.caller.user_id, query.service_id, query.pincode, query.scheduled_datetime
    )
    quote = price.quote
    return {
        "service": {"id": price.service.id, "name": price.service.name, "category": price.service.category},
        "pincode": price.pincode,
        "pricing": {
            "base_price": quote.base_minor,
            "surge_multiplier": quote.surge_multiplier,
            "final_price": quote.final_minor,
            "demand_level": quote.demand_level,
            "factors": {
                "time_based_multiplier": quote.time_multiplier,
                "demand_based_multiplier": quote.demand_multiplier,
                "vendor_availability_multiplier": quote.availability_multiplier,
            },
            "breakdown": {
                "base": quote.base_minor,
                "surge": quote.final_minor - quote.base_minor,
                "total": quote.final_minor,
            },
        },
        "quote_id": price.quote_id,
        "expires_at": price.expires_at,
        "timestamp": price.asked_at,
    }


async def predict_prices(call: Call) -> dict[str, Any]:
    """Give the expected price of each of the coming days."""
    body: PredictionBody = call.body
    found = await call.market.pricing.predict(body.service_id, body.pincode, body.days)
    return {
        "service": {
            "id": found.service.id,
            "name": found.service.name,
            "category": found.service.category,
            "base_price": found.service.base_price_minor,
        },
        "pincode": found.pincode,
        "predictions": [
            {
                "date": day.date.isoformat(),
                "predicted_price": day.price_minor,
                "surge_multiplier": day.surge_multiplier,
                "confidence": day.confidence,
                "demand_level": day.demand_level,
            }
            for day in found.days
        ],
        "timestamp": found.asked_at,
    }


ROUTES = (
    Route("GET", "/api/dynamic-pricing/", get_price, roles=EVERYONE, query=PriceQuery, reply=PriceOut),
    Route(
        "POST",
        "/api/dynamic-pricing/",
        predict_prices,
        roles=EVERYONE,
        body=PredictionBody,
        reply=PredictionOut,
    ),
)
