"""What providers are told of their business: how it looks, their hours, and what is open to them."""

from collections.abc import Sequence

from server.domain.openings import Opening
from server.errors import NotFound
from server.services.bookings.eligibility import Eligibility
from server.services.shop.showcase import Showcase
from server.services.telling.shown import Gone, ShownBooking, ShownOpening
from server.services.telling.told import Told, own_topics
from server.store.bookings import BookingStore
from server.store.openings import Openings
from server.store.profiles import Profiles
from server.store.users import Users


class Businesses:
    """What is told is made of several things that are kept apart. Who tells of it claims the profile, so that
    of two who change parts of it at once the later one starts over, and tells of both.
    """

    def __init__(
        self,
        users: Users,
        bookings: BookingStore,
        eligibility: Eligibility,
        openings: Openings,
        profiles: Profiles,
        showcase: Showcase,
    ) -> None:
        self._users, self._bookings, self._eligibility = users, bookings, eligibility
        self._openings, self._profiles, self._showcase = openings, profiles, showcase

    async def card(self, provider_id: int) -> list[Told]:
        """Tell how a provider's profile looks, if there is one."""
        try:
            card = await self._showcase.get(provider_id)
        except NotFound:
            return []
        await self._profiles.touch(card.profile)
        return [Told(card, own_topics([provider_id]))]

    async def opening(self, before: Opening | None, after: Opening | None) -> list[Told]:
        """Tell of hours that changed, or went."""
        if after is not None:
            profile = await self._profiles.get(after.provider_id)
            if profile is not None:
                await self._profiles.touch(profile)
            return await self._named([after])
        gone = [] if before is None else [(before.id, before.provider_id)]
        return [Told(Gone(ShownOpening.__name__, id), own_topics([owner])) for id, owner in gone]

    async def hours(self, provider_id: int) -> list[Told]:
        """Tell of all of a provider's hours, whose business is called otherwise now."""
        return await self._named(await self._openings.find({"provider_id": provider_id}))

    async def offers(self, provider_id: int, pincodes: Sequence[str] | None = None) -> list[Told]:
        """Tell which open bookings are open to a provider now, and which of some places are not any more.

        A booking that is being made in this very moment may be missing: it asks nobody to wait for hours.

        pincodes : where that may have changed; None: wherever they work
        """
        provider, topics = await self._eligibility.provider(provider_id), own_topics([provider_id])
        offers = await self._eligibility.offers(provider)
        places = offers.pincodes if pincodes is None else pincodes
        told = []
        for booking in await self._bookings.open_at(places, offers.states):
            if booking.service_id in provider.skills:
                gone = Gone(ShownBooking.__name__, booking.id)
                is_open = booking.pincode in offers.pincodes
                told.append(Told(ShownBooking(booking, None) if is_open else gone, topics))
        return told

    async def _named(self, openings: Sequence[Opening]) -> list[Told]:
        """Tell a provider of some of their hours, under the name that the business has now."""
        provider = await self._users.get(openings[0].provider_id) if openings else None
        name, topics = (provider.public_name, own_topics([provider.id])) if provider else ("", ())
        return [Told(ShownOpening(one, name), topics) for one in openings]
