"""How fast people drive in each city: the marketplace's model until enough trips have told better."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from engine.speeds import fit_speeds
from engine.travel import TravelModel
from server import clock
from server.domain.entities import Booking
from server.domain.lifecycle import Phase
from server.domain.marketplace import Marketplace
from server.domain.traffic import CitySpeeds
from server.places.globe import great_circle_km
from server.places.table import Places
from server.services.audit import Audit
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.speeds import Speeds

FITTED_DAYS = 60
"""Trips further back tell of another season."""
FRESH_SECONDS = 60.0
"""Another process may have fitted: what is known is read again after this."""
LONGEST_TRIP = timedelta(hours=3)


class Traffic:
    """Models by city; a city is the district of a pincode."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        speeds: Speeds,
        bookings: BookingStore,
        places: Places,
        audit: Audit,
    ) -> None:
        self._meaning, self._database, self._speeds = meaning, database, speeds
        self._bookings, self._places, self._audit = bookings, places, audit
        self._models: dict[str, TravelModel] = {}
        self._read_at = float("-inf")

    def city(self, pincode: str) -> str:
        """Give the city of a pincode; raises UnknownPincode."""
        return self._places.get(pincode).district

    def model(self, pincode: str) -> TravelModel:
        """Give the model of a pincode's city, as it was read last; raises UnknownPincode."""
        return self._models.get(self.city(pincode), self._meaning.travel)

    async def refresh(self) -> None:
        """Read the fitted speeds, unless that was done just now."""
        if time.monotonic() - self._read_at < FRESH_SECONDS:
            return
        self._read_at = time.monotonic()
        read = {fitted.id: self._as_model(fitted) for fitted in await self._speeds.all()}
        # A model that has not changed stays the same object: what was remembered by it stays good.
        kept = self._models
        self._models = {
            city: kept[city] if kept.get(city) == model else model for city, model in read.items()
        }

    async def fitted(self) -> list[CitySpeeds]:
        """Give every city's fit."""
        return await self._speeds.all()

    async def fit(self) -> int:
        """Fit every city whose trips suffice and give how many; the job's work."""
        cities = 0
        for city, trips in (await self._trips()).items():
            km, hours, minutes = zip(*trips, strict=True)
            found = fit_speeds(km, hours, minutes, self._meaning.travel)
            if found is None:
                continue
            after = CitySpeeds(
                city,
                found.model.speeds_kmh,
                found.model.free_flow_kmh,
                found.model.access_minutes,
                found.trips,
                found.error_minutes,
                found.prior_error_minutes,
                clock.now(),
            )
            await self._keep(after)
            cities += 1
        self._read_at = float("-inf")
        await self.refresh()
        return cities

    async def _keep(self, after: CitySpeeds) -> None:
        async def write() -> None:
            before = await self._speeds.get(after.id)
            await self._speeds.put(after)
            await self._audit.record(None, before, after)

        await self._database.together(write)

    async def _trips(self) -> dict[str, list[tuple[float, int, float]]]:
        """Give great-circle km, hour of week and minutes of the trips of the last weeks, by city."""
        today = clock.local_date(clock.now(), self._meaning.timezone)
        done = self._meaning.lifecycle.states_in(Phase.DONE)
        days: defaultdict[tuple[int, str], list[Booking]] = defaultdict(list)
        for ago in range(FITTED_DAYS):
            date = (today - timedelta(days=ago)).isoformat()
            for booking in await self._bookings.of_date(date, done):
                if booking.provider_id is not None:
                    days[booking.provider_id, date].append(booking)
        trips: defaultdict[str, list[tuple[float, int, float]]] = defaultdict(list)
        for visits in days.values():
            for city, trip in self._driven(visits):
                trips[city].append(trip)
        return trips

    def _driven(self, visits: Sequence[Booking]) -> Iterable[tuple[str, tuple[float, int, float]]]:
        """Give the trips of a provider's day that certainly were nothing but trips.

        Who begins later than booked did not wait: between the visit before and this one lies the way alone.
        """
        begun = sorted(
            (one for one in visits if one.started_at), key=lambda one: one.started_at or one.starts_at
        )
        for before, after in pairwise(begun):
            left, came = before.completed_at, after.started_at
            if left is None or came is None or not timedelta(0) < came - left <= LONGEST_TRIP:
                continue
            if came > after.starts_at:
                km = great_circle_km((before.lat, before.lng), (after.lat, after.lng))
                hour = clock.hour_of_week(left, self._meaning.timezone)
                yield self.city(after.pincode), (km, hour, (came - left) / timedelta(minutes=1))

    def _as_model(self, fitted: CitySpeeds) -> TravelModel:
        return replace(
            self._meaning.travel,
            speeds_kmh=fitted.speeds_kmh,
            free_flow_kmh=fitted.free_flow_kmh,
            access_minutes=fitted.access_minutes,
        )
