"""Profiles as everybody sees them: with their owner, services, newest work and newest reviews.

What lists hold, and who is featured, is remembered until a profile, a piece of work or a review changes:
then every process forgets it (others are told through the bus), and the next caller reads what is true.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.domain.entities import Service, User
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile, words_of
from server.domain.reviews import Review
from server.errors import NotFound
from server.realtime.bus import Bus
from server.services.memory import Memory
from server.services.shop.catalogue import Catalogue
from server.store.database import Database
from server.store.portfolio import PortfolioItems
from server.store.profile_words import ProfileWords, Vocabulary
from server.store.profiles import ProfileQuery, Profiles
from server.store.reviews import Reviews
from server.store.users import Users

FEATURED = 10
FEATURED_SECONDS, LIST_SECONDS = 300.0, 30.0
"""Who is featured, and what a list holds, is looked up again after this though no change was heard of."""

SHOWN_ITEMS = 10
"""Pieces of work on a card; there are as many reviews (`BATCH`)."""

REMEMBERED_LISTS = 200
"""A list is one number a profile: a few megabytes in all for thousands of profiles."""

LISTS, CARDS = b"lists", b"cards"
"""What processes tell each other to forget; lists include the cards."""

MOST_TERMS = 8
"""Words of a search that count; each is three queries."""


@dataclass(frozen=True, slots=True)
class Card:
    """One profile with what is shown beside it; work and reviews are the newest ones, newest first."""

    profile: Profile
    owner: User
    services: Sequence[Service]
    items: Sequence[PortfolioItem]
    reviews: Sequence[Review]


class Showcase:
    """Reads profiles for anybody; a page is one query a collection.

    monotonic : gives seconds that only grow
    """

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        profiles: Profiles,
        words: ProfileWords,
        vocabulary: Vocabulary,
        users: Users,
        catalogue: Catalogue,
        items: PortfolioItems,
        reviews: Reviews,
        bus: Bus,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._profiles, self._users = database, profiles, users
        self._words, self._vocabulary = words, vocabulary
        self._catalogue, self._items, self._reviews = catalogue, items, reviews
        self._bus, self._monotonic = bus, monotonic
        self._channel = f"showcase:{meaning.name}"
        self._version = 0
        self.lists: Memory[ProfileQuery, tuple[Sequence[int], float]] = Memory(REMEMBERED_LISTS)
        self.featured_cards: Memory[str, tuple[Sequence[Card], float]] = Memory(1)
        bus.subscribe(self._channel, self._forget)

    async def get(self, provider_id: int) -> Card:
        """Give one profile's card; raises NotFound."""
        cards = await self._cards([provider_id])
        if not cards:
            raise NotFound("Profile not found")
        return cards[0]

    async def list(self, query: ProfileQuery, paging: Paging) -> Listed[Card]:
        """Give one page of the profiles that a query means."""
        known = self.lists.get(query)
        if known is not None and self._monotonic() < known[1]:
            ids = known[0]
        else:
            version = self._version
            ids = await self._ids(query)
            if version == self._version:
                self.lists.put(query, (ids, self._monotonic() + LIST_SECONDS))
        return Listed(await self._cards(ids[paging.skip : paging.skip + paging.size]), len(ids), paging)

    async def featured(self) -> Sequence[Card]:
        """Give the best rated of the onboarded profiles."""
        known = self.featured_cards.get("")
        if known is not None and self._monotonic() < known[1]:
            return known[0]
        version = self._version
        cards = await self._cards([one.id for one in await self._profiles.best(FEATURED)])
        if version == self._version:
            self.featured_cards.put("", (cards, self._monotonic() + FEATURED_SECONDS))
        return cards

    def will_change(self) -> None:
        """Have everything forgotten, here and in the other processes, once the open transaction commits."""
        self._database.after_commit(self._tell_of_lists)

    def will_look_otherwise(self) -> None:
        """Have cards forgotten in the same way, where no list changes."""
        self._database.after_commit(self._tell_of_cards)

    async def _tell_of_lists(self) -> None:
        await self._tell(LISTS)

    async def _tell_of_cards(self) -> None:
        await self._tell(CARDS)

    async def _tell(self, what: bytes) -> None:
        self._forget(what)
        await self._bus.tell(self._channel, what)

    def _forget(self, what: bytes) -> None:
        self._version += 1
        self.featured_cards.clear()
        if what == LISTS:
            self.lists.clear()

    async def _ids(self, query: ProfileQuery) -> Sequence[int]:
        among = None if query.search is None else await self._found(query.search)
        return [] if among == set() else await self._profiles.matching(query, among)

    async def _found(self, search: str) -> set[int] | None:
        """Give the profiles with a word that holds it for each word of a search; None: it means any."""
        parts = words_of(search)[:MOST_TERMS]
        found: set[int] | None = None if parts else set()
        for part in parts:
            words = await self._vocabulary.holding(part)
            if words is not None:
                ids = await self._words.having(words)
                found = ids if found is None else found & ids
        return found

    async def _cards(self, ids: Sequence[int]) -> Sequence[Card]:
        """Give the cards of those profiles that there are, in this order."""
        profiles = await self._profiles.with_ids(ids)
        owners = {user.id: user for user in await self._users.with_ids(list(profiles))}
        services = await self._catalogue.named({id for one in profiles.values() for id in one.service_ids})
        items = await self._items.newest_of(list(profiles), SHOWN_ITEMS)
        reviews = await self._reviews.newest_of(profiles.values())
        return [
            Card(
                profiles[id],
                owners[id],
                [services[one] for one in profiles[id].service_ids if one in services],
                items[id],
                reviews[id],
            )
            for id in ids
            if id in profiles and id in owners
        ]
