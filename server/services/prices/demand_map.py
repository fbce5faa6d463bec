"""Demand by pincode for whoever watches the map: what changed, at most once a second.

Every process hears from the bus which pincodes changed. One whose clients watch the map computes those
afresh, with the ones around them, and tells its own clients what differs from what they were told: nothing
travels between processes, and nobody has to be elected.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine import pricing
from server import clock
from server.domain.events import DEMAND_CHANGED, Event, demand_topic
from server.domain.marketplace import Marketplace
from server.domain.rollups import Zone
from server.ending import end
from server.places.table import Places
from server.realtime.hub import Hub
from server.services.insights.scaling import ScalingService
from server.services.prices.demand import Demand, Supply

log = structlog.get_logger("demand_map")

DAYS_BACK = 30
"""As the pages about pincodes do."""
EVERY = timedelta(seconds=1)
"""At most so often is anything told."""
AFRESH = timedelta(minutes=1)
"""After this everything is counted again: hints may be lost, and days and hours pass."""
LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class PlaceDemand:
    """A pincode: its bookings of the last days and all ahead, and this hour's supply and surge around it."""

    zone: Zone
    supply: Supply
    surge: float
    level: str


Rows = dict[str, PlaceDemand]


class DemandMap:
    """One marketplace's map as this process' clients know it."""

    def __init__(
        self, meaning: Marketplace, demand: Demand, scaling: ScalingService, places: Places, hub: Hub
    ) -> None:
        self._meaning, self._demand, self._scaling = meaning, demand, scaling
        self._places, self._hub = places, hub
        self._rows: Rows | None = None
        self._changed: set[str] = set()
        self._all_at: datetime | None = None
        self._told_at: datetime | None = None
        self._filling = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        demand.watch(self._note)

    def start(self) -> None:
        """Begin to tell."""
        self._looking = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Tell no more."""
        await end(self._looking)

    async def known(self) -> list[PlaceDemand]:
        """Give the whole map as clients have been told it; who watches already is told what follows."""
        async with self._filling:
            if self._rows is None:
                self._rows = await self._afresh()
            return list(self._rows.values())

    async def look(self) -> None:
        """Tell what has changed, if anybody watches, and if nothing was told within the last second."""
        if not self._hub.hears(demand_topic()):
            self._rows, self._told_at = None, None
            return
        now = clock.now()
        if self._rows is None or (self._told_at is not None and now - self._told_at < EVERY):
            return
        is_whole = "" in self._changed or self._is_old(now)
        if not self._changed and not is_whole:
            return
        self._told_at = now
        async with self._filling:
            known = self._rows
            fresh = await (self._afresh() if is_whole else self._around_changed(known))
            self._rows = fresh
        told = [row for pincode, row in fresh.items() if known.get(pincode) != row]
        gone = sorted(known.keys() - fresh.keys())
        if told or gone:
            self._hub.deliver(Event(DEMAND_CHANGED, (demand_topic(),), {"rows": told, "gone": gone}, now))

    def _is_old(self, now: datetime) -> bool:
        counted = self._all_at
        return counted is None or now - counted >= AFRESH or self._hour(now) != self._hour(counted)

    def _note(self, pincodes: Collection[str]) -> None:
        if self._rows is not None:
            self._changed.update(pincodes or ("",))

    async def _afresh(self) -> Rows:
        """Count every pincode that has bookings."""
        self._changed.clear()
        self._all_at = clock.now()
        zones = (await self._scaling.scaling(DAYS_BACK)).zones
        return await self._rows_of({zone.pincode: zone for zone in zones})

    async def _around_changed(self, known: Rows) -> Rows:
        """Count what changed, and what has what changed in its surroundings; the rest is as known."""
        changed, self._changed = self._changed, set()
        radius = self._meaning.demand_radius_km
        nearby = {near for pincode in changed for near in self._places.nearby(pincode, radius)}
        wanted = changed | (nearby & known.keys())
        zones = (await self._scaling.of_places(wanted, DAYS_BACK)).zones
        fresh = await self._rows_of({zone.pincode: zone for zone in zones})
        return {**{pincode: row for pincode, row in known.items() if pincode not in wanted}, **fresh}

    async def _rows_of(self, zones: dict[str, Zone]) -> Rows:
        now = clock.now()
        supplies = await self._demand.of_all(zones.keys(), self._hour(now))
        return {pincode: self._row(zone, supplies[pincode], now) for pincode, zone in zones.items()}

    def _row(self, zone: Zone, supply: Supply, now: datetime) -> PlaceDemand:
        """Price the hour as a quote does, for whichever service."""
        quote = pricing.quote(
            self._meaning.surge,
            100,
            clock.hour_of_week(now, self._meaning.timezone),
            booked=supply.booked,
            capacity=supply.on_duty,
            free=supply.free,
            on_duty=supply.on_duty,
        )
        return PlaceDemand(zone, supply, quote.surge_multiplier, quote.demand_level)

    def _hour(self, moment: datetime) -> datetime:
        return clock.hour_start(moment, self._meaning.timezone)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("the map could not be told")
