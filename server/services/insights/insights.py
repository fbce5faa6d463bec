"""What a pincode's past says about its next week: bookings, providers, prices, busy hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine import forecast, pricing
from server import clock
from server.domain.marketplace import Marketplace
from server.places.table import Places
from server.services.prices.demand import Demand
from server.store.bookings import BookingStore
from server.store.services import Services

AHEAD_DAYS = 7
PEAK_HOURS, PEAKS = 2, 2
"""Busy times are named as so many spans of so many hours."""

LEG_MINUTES = 30
"""A usual leg between two visits of a city."""


@dataclass(frozen=True, slots=True)
class DayForecast:
    date: Date
    bookings: float
    low: float
    high: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Insight:
    """Hours are local; `seasonal_factor` is the strongest weekday over the mean day."""

    pincode: str
    days: Sequence[DayForecast]
    trend: str
    seasonal_factor: float
    providers_needed: int
    providers: int
    surge: float
    peak_hours: Sequence[tuple[int, int]]

    @property
    def shortage(self) -> int:
        return max(0, self.providers_needed - self.providers)


class Insights:
    """Computed on demand from bookings and shifts."""

    def __init__(
        self,
        meaning: Marketplace,
        bookings: BookingStore,
        services: Services,
        demand: Demand,
        places: Places,
    ) -> None:
        self._meaning, self._bookings, self._services = meaning, bookings, services
        self._demand, self._places = demand, places

    async def of_pincode(self, pincode: str, days: int) -> Insight:
        """Give what the last `days` days say about a pincode; raises UnknownPincode."""
        self._places.check(pincode)
        today = clock.local_date(clock.now(), self._meaning.timezone)
        counts, by_hour = await self._history(pincode, today, days)
        coming = forecast.forecast(counts, AHEAD_DAYS)
        rows = [
            DayForecast(
                today + timedelta(days=1 + ahead),
                round(float(coming.mean[ahead]), 1),
                round(float(coming.low[ahead]), 1),
                round(float(coming.high[ahead]), 1),
                round(float(coming.confidence[ahead]), 2),
            )
            for ahead in range(AHEAD_DAYS)
        ]
        tomorrow = today + timedelta(days=1)
        shifts = await self._demand.on_duty(pincode, None, tomorrow)
        minutes = [shift.end_minute - shift.start_minute for shift in shifts] or [8 * 60]
        busiest = float(coming.high.max())
        needed = ceil(busiest * await self._visit_minutes() / float(np.mean(minutes)))
        peak = int(by_hour.argmax())
        share = float(by_hour[peak] / by_hour.sum()) if by_hour.any() else 0.0
        return Insight(
            pincode=pincode,
            days=rows,
            trend=forecast.trend(counts),
            seasonal_factor=round(forecast.seasonal_factor(counts), 2),
            providers_needed=needed,
            providers=len(shifts),
            surge=self._surge(float(coming.mean.max()) * share, len(shifts), tomorrow, peak),
            peak_hours=_peaks(by_hour),
        )

    def _surge(self, booked: float, on_duty: int, day: Date, hour: int) -> float:
        """Give the surge of a coming hour at its expected demand, from the engine's policy."""
        quote = pricing.quote(
            self._meaning.surge,
            100,
            day.weekday() * 24 + hour,
            booked=round(booked),
            capacity=on_duty,
            free=max(0, on_duty - round(booked)),
            on_duty=on_duty,
        )
        return quote.surge_multiplier

    async def _history(
        self, pincode: str, today: Date, days: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give bookings a day, oldest first, and by local hour of the day."""
        counts, by_hour = np.zeros(days), np.zeros(24)
        first, last = today - timedelta(days=days), today - timedelta(days=1)
        for hour in await self._bookings.hours_around([pincode], first.isoformat(), last.isoformat()):
            local = hour.astimezone(self._meaning.timezone)
            counts[days - (today - local.date()).days] += 1
            by_hour[local.hour] += 1
        return counts, by_hour

    async def _visit_minutes(self) -> float:
        """Give what a visit takes of a provider's day: service, buffers, and a leg."""
        services = await self._services.find({"is_active": True})
        durations = [service.duration_minutes for service in services] or [60]
        return float(np.mean(durations)) + 2 * self._meaning.buffer_minutes + LEG_MINUTES


def _peaks(by_hour: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Give the busiest spans that do not overlap, in order of the day; none without bookings."""
    left, found = by_hour.copy(), []
    for _ in range(PEAKS):
        sums = np.convolve(left, np.ones(PEAK_HOURS), "valid")
        if sums.max() <= 0:
            break
        start = int(sums.argmax())
        found.append((start, start + PEAK_HOURS))
        left[start : start + PEAK_HOURS] = -1e9
    return sorted(found)
