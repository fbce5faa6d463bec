"""Who sees which booking. Somebody else's booking does not exist."""

from server.domain.entities import Booking, User
from server.domain.marketplace import Marketplace
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller, Party
from server.errors import Invalid, NotFound
from server.places.table import Places
from server.services.bookings.eligibility import Eligibility
from server.store.bookings import BookingFilter, BookingStore


class Visibility:
    """Reads bookings for a caller: their own, those open to them, or all for staff."""

    def __init__(
        self, meaning: Marketplace, bookings: BookingStore, eligibility: Eligibility, places: Places
    ) -> None:
        self._meaning, self._bookings = meaning, bookings
        self._eligibility, self._places = eligibility, places

    async def get(self, caller: Caller, booking_id: str, provider: User | None = None) -> Booking:
        """Give a booking the caller is party to, or that is open to them; raises NotFound.

        provider : the caller's account, if it has been read
        """
        booking = await self._bookings.get(booking_id)
        if booking is None or not await self._may_see(caller, booking, provider):
            raise NotFound("Booking not found")
        return booking

    async def get_as_party(self, caller: Caller, booking_id: str) -> Booking:
        """Give a booking to its two sides and staff; raises NotFound for one that is only offered to them."""
        booking = await self.get(caller, booking_id)
        if not caller.is_staff and caller.user_id not in (booking.customer_id, booking.provider_id):
            raise NotFound("Booking not found")
        return booking

    async def list(self, caller: Caller, narrowed: BookingFilter, paging: Paging) -> Listed[Booking]:
        """Give the bookings the caller may see, newest first; raises Invalid (state), UnknownPincode."""
        if narrowed.state is not None and narrowed.state not in self._meaning.lifecycle.phases:
            raise Invalid({"state": [f'"{narrowed.state}" is not a valid choice.']})
        if narrowed.pincode is not None:
            self._places.get(narrowed.pincode)
        if caller.is_staff:
            return await self._bookings.of_all(narrowed, paging)
        if caller.party is Party.CUSTOMER:
            return await self._bookings.of_customer(caller.user_id, narrowed, paging)
        provider = await self._eligibility.provider(caller.user_id)
        offers = await self._eligibility.offers(provider)
        return await self._bookings.of_provider(caller.user_id, offers, narrowed, paging)

    async def _may_see(self, caller: Caller, booking: Booking, provider: User | None) -> bool:
        if caller.is_staff or caller.user_id in (booking.customer_id, booking.provider_id):
            return True
        if caller.party is not Party.PROVIDER or booking.provider_id is not None:
            return False
        provider = provider or await self._eligibility.provider(caller.user_id)
        return await self._eligibility.may_take(provider, booking)
