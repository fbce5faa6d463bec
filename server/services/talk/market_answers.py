"""The assistant's answers about the market: what a service costs somewhere, and who is free."""

from server.chat.intents import Intent, Meaning
from server.chat.wording import amount, bullets, counted
from server.domain.entities import Service
from server.domain.parties import Caller
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.services.shop.search import Search
from server.services.talk.answers import MANY, SHOWN, Answers


class MarketAnswers:
    """From the catalogue, as everybody sees it."""

    def __init__(self, catalogue: Catalogue, pricing: Pricing, search: Search) -> None:
        self._catalogue, self._pricing, self._search = catalogue, pricing, search

    def all(self) -> Answers:
        """Give the answers by what is asked."""
        return {Intent.PRICE: self._price, Intent.SLOTS: self._slots}

    async def _price(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        service = await self._named_service(message)
        if service is None or meaning.pincode is None:
            return "Name a service and a pincode, for example: price of AC Repair at 110001."
        price = await self._pricing.price(speaker.user_id, service.id, meaning.pincode, None)
        surge = price.quote.surge_multiplier
        return (
            f"{service.name} at {meaning.pincode} costs {amount(price.quote.final_minor)} now "
            f"({amount(price.quote.base_minor)} x {surge}, demand is {price.quote.demand_level})."
        )

    async def _slots(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if meaning.pincode is None:
            return "Name a pincode, and a service if you like: who is free for Tap Repair at 110001?"
        service = await self._named_service(message)
        matches = await self._search.providers(meaning.pincode, service.id if service else None)
        if not matches.providers:
            return f"Nobody serves {meaning.pincode} at the moment."
        lines = (
            f"{match.provider.name}, rated {match.provider.rating}, {match.travel_minutes} minutes away"
            for match in matches.providers[: SHOWN.size]
        )
        head = f"{counted(len(matches.providers), 'vendor')} at {meaning.pincode}, best first:"
        return bullets(head, lines)

    async def _named_service(self, message: str) -> Service | None:
        """Give the service a message names: the one with most of its words in it."""
        words = set(message.casefold().replace("?", " ").replace(",", " ").split())
        services = (await self._catalogue.list(None, MANY)).items
        shared = {one.id: len(words & set(one.name.casefold().split())) for one in services}
        best = max(services, key=lambda one: (shared[one.id], -len(one.name)), default=None)
        return best if best is not None and shared[best.id] else None
