"""The process's memories under the names that staff know them by; cleared in every process at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.marketplace import Marketplace
from server.errors import Invalid
from server.realtime.bus import Bus
from server.services.accounts.tokens import TRUST, Tokens
from server.services.memory import Memory
from server.services.prices.demand import Demand
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.services.shop.showcase import Showcase
from server.services.time.travel import Travel

EVERY = "all"
QUOTE_SECONDS, SERVICE_SECONDS = 30, 5


@dataclass(frozen=True, slots=True)
class CacheStats:
    """One cache. `timeout_seconds` is how long an entry is believed, 0 when it is told of every change."""

    name: str
    timeout_seconds: int
    entries: int
    hits: int
    misses: int

    @property
    def hit_rate(self) -> float:
        """Percentage of look-ups that were known."""
        return round(100 * self.hits / (self.hits + self.misses), 2) if self.hits + self.misses else 0.0


class Caches:
    """Clearing costs the next requests some work, and nobody their session."""

    def __init__(
        self,
        meaning: Marketplace,
        travel: Travel,
        tokens: Tokens,
        demand: Demand,
        catalogue: Catalogue,
        pricing: Pricing,
        showcase: Showcase,
        bus: Bus,
    ) -> None:
        self._bus, self._channel = bus, f"caches:{meaning.name}"
        self._memories: Mapping[str, Sequence[Memory[Any, Any]]] = {
            "default": (travel.memory,),
            "sessions": (tokens.memory,),
            "search_results": (demand.memory, showcase.lists, showcase.featured_cards),
            "api_data": (catalogue.memory, pricing.memory),
        }
        self._timeouts = {
            "default": 0,
            "sessions": int(TRUST.total_seconds()),
            "search_results": 0,
            "api_data": QUOTE_SECONDS,
        }
        bus.subscribe(self._channel, lambda payload: self._clear(payload.decode()))

    def statistics(self) -> list[CacheStats]:
        """Give every cache of this process."""
        return [
            CacheStats(
                name,
                self._timeouts[name],
                sum(len(memory) for memory in memories),
                sum(memory.hits for memory in memories),
                sum(memory.misses for memory in memories),
            )
            for name, memories in self._memories.items()
        ]

    async def redis_facts(self) -> Mapping[str, object] | None:
        """Give Redis' own words about itself, None when it is away."""
        return await self._bus.facts()

    async def clear(self, name: str) -> list[str]:
        """Clear a cache, or all, here and in the other processes; gives which. Raises Invalid."""
        if name != EVERY and name not in self._memories:
            choices = ", ".join((EVERY, *self._memories))
            raise Invalid({"cache_type": [f"One of {choices}."]})
        self._clear(name)
        await self._bus.tell(self._channel, name.encode())
        return list(self._memories) if name == EVERY else [name]

    def _clear(self, name: str) -> None:
        for known, memories in self._memories.items():
            if name in (EVERY, known):
                for memory in memories:
                    memory.clear()
