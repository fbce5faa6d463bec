"""A vendor's day on a map, and prices by pincode and hour, as SVG."""

from datetime import date as Date

from handlers.call import Call
from handlers.fields import Id, Pincode
from handlers.homeserve.roles import ADMINS, VENDORS
from handlers.homeserve.vendors import DayQuery, vendor_of
from handlers.operation import Answer
from handlers.reading import Query
from handlers.route import Route
from server.services.insights.pictures import Picture

HEADERS = {
    "Content-Type": "image/svg+xml",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
}
"""A picture is data: whatever it held, a browser would run none of it."""


class PriceMapQuery(Query):
    service_id: Id
    pincode: Pincode
    date: Date


def _svg(picture: Picture) -> Answer:
    return Answer(200, picture.content, HEADERS)


async def draw_day(call: Call) -> Answer:
    """Give a vendor's best route over the booked one as a map; staff name the vendor."""
    return _svg(await call.market.pictures.route_map(vendor_of(call), call.query.date))


async def draw_prices(call: Call) -> Answer:
    """Give a service's price multipliers around a pincode by hour of a day, as a heat map."""
    query: PriceMapQuery = call.query
    return _svg(await call.market.pictures.price_map(query.service_id, query.pincode, query.date))


ROUTES = (
    Route("GET", "/api/vendor-optimization/map.svg", draw_day, roles=VENDORS | ADMINS, query=DayQuery),
    Route("GET", "/api/dynamic-pricing/map.svg", draw_prices, roles=ADMINS, query=PriceMapQuery),
)
