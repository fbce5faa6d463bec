"""Plans and prices as pictures, drawn in another process: drawing takes long and holds the lock."""

from dataclasses import dataclass
from datetime import date as Date

import numpy as np

from engine import plots, pricing
from server import clock
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.pools import Pools
from server.services.prices.demand import Demand
from server.services.shop.catalogue import Catalogue
from server.services.time.day_routes import DayRoutes, Route
from server.services.time.scheduling import Scheduling
from server.store.shifts import Shifts

MOST_ROWS = 12
"""Pincodes of a price map: what fits a screen, and what a request may count."""
AROUND_KM = 15.0
LONGEST_NAME = 28


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG."""

    content: bytes


class Pictures:
    """Asks the services that know, and draws."""

    def __init__(
        self,
        meaning: Marketplace,
        day_routes: DayRoutes,
        shifts: Shifts,
        catalogue: Catalogue,
        demand: Demand,
        scheduling: Scheduling,
        places: Places,
        pools: Pools,
    ) -> None:
        self._meaning, self._day_routes, self._shifts = meaning, day_routes, shifts
        self._catalogue, self._demand, self._scheduling = catalogue, demand, scheduling
        self._places, self._pools = places, pools

    async def route_map(self, provider_id: int, date: Date) -> Picture:
        """Give a provider's day on a map, the best route over the booked one; raises NotFound."""
        plan = await self._day_routes.plan(provider_id, date)
        shift = await self._shifts.of(provider_id, date.isoweekday())
        stops, base = self._stops(plan.best), None
        if shift is not None:
            home = self._places.get(shift.base_pincode)
            base = plots.MapStop(home.lat, home.lng, "", "")
        spared = f"{plan.best.travel_minutes} minutes of travel, {plan.saved_minutes} less than booked"
        title = f"{date.isoformat()}: {spared}"
        drawn = await self._pools.process(plots.route_map, title, base, stops, self._stops(plan.booked))
        return Picture(drawn)

    async def price_map(self, service_id: int, pincode: str, date: Date) -> Picture:
        """Give what a service costs around a pincode by hour of a day, as it would be quoted now.

        raises : NotFound (service, pincode), Invalid (date)
        """
        self._scheduling.check_day("date", date)
        service = await self._catalogue.get(service_id)
        near = self._places.nearby(pincode, AROUND_KM)[:MOST_ROWS]
        surges = np.full((len(near), 24), np.nan)
        for row, place in enumerate(near):
            for hour in range(24):
                at = clock.at_minute(date, hour * 60, self._meaning.timezone)
                supply = await self._demand.around(place, service_id, at)
                if supply.on_duty:
                    quote = pricing.quote(
                        self._meaning.surge,
                        service.base_price_minor,
                        date.weekday() * 24 + hour,
                        booked=supply.booked,
                        capacity=supply.on_duty,
                        free=supply.free,
                        on_duty=supply.on_duty,
                    )
                    surges[row, hour] = quote.surge_multiplier
        names = [f"{place} {self._places.get(place).office}"[:LONGEST_NAME] for place in near]
        title = f"{service.name[:60]}, {date.isoformat()} (grey: nobody works)"
        return Picture(await self._pools.process(plots.price_map, title, names, surges))

    def _stops(self, route: Route) -> list[plots.MapStop]:
        zone = self._meaning.timezone
        return [
            plots.MapStop(
                stop.booking.lat,
                stop.booking.lng,
                stop.booking.service_name[:LONGEST_NAME],
                f"{stop.starts_at.astimezone(zone):%H:%M}, {stop.travel_minutes} min away",
            )
            for stop in route.stops
        ]
