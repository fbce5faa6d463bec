"""What a service costs at a pincode at an hour, and what it will probably cost on the coming days."""

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

import numpy as np

from engine import forecast, pricing
from server import clock
from server.domain.entities import Service
from server.domain.marketplace import Marketplace
from server.errors import Conflict, Invalid
from server.places.table import Places
from server.services.accounts.signing import Signer
from server.services.memory import Memory
from server.services.prices.demand import Demand
from server.services.shop.catalogue import Catalogue

HISTORY_DAYS = 56
"""Eight weeks: enough to tell weekdays apart, short enough to follow a market that changes."""

QUOTE = "quote"
QUOTE_REPEATS = timedelta(seconds=30)
"""A quote that is asked for again within this time is given again; it still stands for most of its life."""
REMEMBERED_QUOTES = 20_000


@dataclass(frozen=True, slots=True)
class Price:
    """A quote as shown; whoever books with `quote_id` before `expires_at` pays exactly this."""

    service: Service
    pincode: str
    at: datetime
    quote: pricing.Quote
    quote_id: str
    expires_at: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class DayPrice:
    """One predicted day."""

    date: Date
    price_minor: int
    surge_multiplier: float
    confidence: float
    demand_level: str


@dataclass(frozen=True, slots=True)
class Prediction:
    service: Service
    pincode: str
    days: list[DayPrice]
    asked_at: datetime


Quoted = tuple[pricing.Quote, str, datetime, datetime]
"""A quote, its id, until when it holds and until when it is given again."""


class Pricing:
    """Prices from demand and supply; quotes are signed, not stored, so they survive a restart."""

    def __init__(
        self, meaning: Marketplace, catalogue: Catalogue, demand: Demand, places: Places, signer: Signer
    ) -> None:
        self._meaning, self._catalogue, self._demand = meaning, catalogue, demand
        self._places, self._signer = places, signer
        self.memory: Memory[tuple[int, int, str, int], Quoted] = Memory(REMEMBERED_QUOTES)

    async def price(self, user_id: int, service_id: int, pincode: str, at: datetime | None) -> Price:
        """Give the price of a service beginning at `at` (the present when None) for one user.

        raises : NotFound (service, pincode), Invalid when `at` is past or too far ahead
        """
        asked_at = clock.now()
        begins = at or asked_at
        self.check_time("at", begins, asked_at)
        service = await self._catalogue.get(service_id)
        self._places.check(pincode)
        quote = await self._quote(service, pincode, begins)
        quote_id, expires_at = self._signed(user_id, service, pincode, begins, quote, asked_at)
        return Price(service, pincode, begins, quote, quote_id, expires_at, asked_at)

    def _signed(
        self,
        user_id: int,
        service: Service,
        pincode: str,
        at: datetime,
        quote: pricing.Quote,
        asked_at: datetime,
    ) -> tuple[str, datetime]:
        """Give a quote's id and end; asked again soon at the same price, the same quote stands."""
        key = (user_id, service.id, pincode, int(at.timestamp()))
        known = self.memory.get(key)
        if known is not None and known[0] == quote and asked_at < known[3]:
            return known[1], known[2]
        expires_at = (asked_at + timedelta(minutes=self._meaning.quote_minutes)).replace(microsecond=0)
        claims = {
            "u": user_id,
            "s": service.id,
            "p": pincode,
            "t": key[3],
            "x": round(quote.surge_multiplier * 100),
            "b": quote.base_minor,
            "f": quote.final_minor,
            "l": quote.demand_level,
        }
        quote_id = self._signer.sign(QUOTE, claims, expires_at)
        self.memory.put(key, (quote, quote_id, expires_at, asked_at + QUOTE_REPEATS))
        return quote_id, expires_at

    async def agreed(
        self, user_id: int, service: Service, pincode: str, at: datetime, quote_id: str | None
    ) -> tuple[int, int, float, str]:
        """Give the base and final price, the surge and the demand level that a booking gets.

        raises : Invalid when the quote is not one, is expired or was given for something else
        """
        if quote_id is None:
            quote = await self._quote(service, pincode, at)
            return quote.base_minor, quote.final_minor, quote.surge_multiplier, quote.demand_level
        claims = self._signer.unsign(QUOTE, quote_id)
        if claims is None:
            raise Invalid({"quote_id": ["The quote is not valid or has expired."]})
        meant = (user_id, service.id, pincode, int(at.timestamp()))
        if (claims["u"], claims["s"], claims["p"], claims["t"]) != meant:
            raise Conflict("The quote was given for another customer, service, pincode or time.")
        return claims["b"], claims["f"], claims["x"] / 100, claims["l"]

    async def predict(self, service_id: int, pincode: str, days: int) -> Prediction:
        """Give the expected price of each of the next `days` days, from tomorrow.

        The history of bookings around the pincode gives a mean and an 80 % interval a day; the mean,
        spread over the hours as in the past, is priced hour by hour, and the day's surge is the mean of
        those weighted by demand. `confidence` is the forecast's, from the width of its interval.
        """
        service = await self._catalogue.get(service_id)
        self._places.get(pincode)
        today = clock.local_date(clock.now(), self._meaning.timezone)
        counts, shares = await self._history(pincode, today)
        expected = forecast.forecast(counts, days)
        rows = [
            await self._day_price(
                service,
                pincode,
                today + timedelta(days=1 + ahead),
                float(expected.mean[ahead]) * shares,
                float(expected.confidence[ahead]),
            )
            for ahead in range(days)
        ]
        return Prediction(service, pincode, rows, clock.now())

    def check_time(self, field: str, moment: datetime, now: datetime) -> None:
        """Raise Invalid, naming the field, for a time that is past or beyond the booking horizon."""
        if moment < now:
            raise Invalid({field: ["The time lies in the past."]})
        if moment > now + timedelta(days=self._meaning.booking_horizon_days):
            horizon = self._meaning.booking_horizon_days
            raise Invalid({field: [f"Bookings reach {horizon} days ahead."]})

    async def _quote(self, service: Service, pincode: str, at: datetime) -> pricing.Quote:
        hour = clock.hour_start(at, self._meaning.timezone)
        supply = self._demand.known(pincode, service.id, hour) or await self._demand.around(
            pincode, service.id, hour
        )
        return pricing.quote(
            self._meaning.surge,
            service.base_price_minor,
            clock.hour_of_week(at, self._meaning.timezone),
            booked=supply.booked,
            capacity=supply.on_duty,
            free=supply.free,
            on_duty=supply.on_duty,
        )

    async def _history(self, pincode: str, today: Date) -> tuple[np.ndarray, np.ndarray]:
        """Give bookings a day (oldest first) and each hour's share of a day, summing to 1."""
        zone = self._meaning.timezone
        counts, by_hour = np.zeros(HISTORY_DAYS), np.zeros(24)
        for hour in await self._demand.past_hours(pincode, today, HISTORY_DAYS):
            local = hour.astimezone(zone)
            counts[HISTORY_DAYS - (today - local.date()).days] += 1
            by_hour[local.hour] += 1
        if not by_hour.any():
            by_hour[9:18] = 1
        return counts, by_hour / by_hour.sum()

    async def _day_price(
        self, service: Service, pincode: str, day: Date, booked: np.ndarray, confidence: float
    ) -> DayPrice:
        shifts = await self._demand.on_duty(pincode, service.id, day)
        starts = np.arange(24) * 60
        on_duty = np.zeros(24)
        for shift in shifts:
            on_duty += (shift.start_minute < starts + 60) & (shift.end_minute > starts)
        priced = pricing.quotes(
            self._meaning.surge,
            np.full(24, service.base_price_minor, dtype=np.int64),
            day.weekday() * 24 + np.arange(24),
            booked,
            on_duty,
            np.maximum(on_duty - booked, 0.0),
            on_duty,
        )
        # An hour without providers sells nothing, so it has no weight in what the day will cost.
        weights = (booked + 1e-9) * (on_duty > 0) if shifts else booked + 1e-9
        surge = round(float(np.average(priced.surge, weights=weights)), 2)
        final = pricing.charged(service.base_price_minor, surge)
        return DayPrice(day, final, surge, round(confidence, 2), pricing.level(self._meaning.surge, surge))
