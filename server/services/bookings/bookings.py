"""Making a booking: what is asked for, at which price, with whose time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server import clock
from server.domain.entities import Booking, Service, User
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller
from server.errors import Invalid, NotFound
from server.places.table import Places
from server.services.accounts.addresses import Addresses
from server.services.bookings.asking import Asking
from server.services.bookings.consequences import Consequences
from server.services.bookings.eligibility import Eligibility
from server.services.bookings.holding import Holding
from server.services.bookings.new_ids import NewIds
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.users import Users


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer asks for. Without a window the service may begin up to an hour after `starts_at`."""

    service_id: int
    pincode: str
    starts_at: datetime
    notes: str = ""
    provider_id: int | None = None
    quote_id: str | None = None
    address_id: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None


class Bookings:
    """Makes bookings; the booking, its hold and its announcement are one transaction."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        users: Users,
        catalogue: Catalogue,
        addresses: Addresses,
        places: Places,
        pricing: Pricing,
        new_ids: NewIds,
        eligibility: Eligibility,
        holding: Holding,
        asking: Asking,
        consequences: Consequences,
    ) -> None:
        self._meaning, self._database, self._bookings, self._users = meaning, database, bookings, users
        self._catalogue, self._addresses, self._places, self._pricing = catalogue, addresses, places, pricing
        self._new_ids, self._eligibility, self._holding = new_ids, eligibility, holding
        self._asking, self._consequences = asking, consequences

    async def create(self, caller: Caller, wish: Wish) -> Booking:
        """Book a visit; a named provider's time is held at once.

        raises : NotFound (service, provider, pincode, address), Invalid (times, window, quote, a provider
                 who does not offer the service there), SlotTaken with alternatives
        """
        service = await self._catalogue.get(wish.service_id)
        if not service.is_active:
            raise NotFound("Service not found")
        booking = await self._draft(caller, wish, service)
        if wish.provider_id is None:
            return await self._database.together(lambda: self._insert(caller, booking))
        return await self.book(caller, booking, await self._eligibility.offering(wish.provider_id, booking))

    async def book(self, caller: Caller, booking: Booking, provider: User) -> Booking:
        """Keep a new booking with this provider's time, or nothing at all; raises SlotTaken."""

        async def write() -> Booking:
            return await self._insert(caller, await self._holding.hold(booking, provider))

        return await self._holding.in_turn(provider, booking, write)

    async def _insert(self, caller: Caller, booking: Booking) -> Booking:
        """Keep a new booking and tell those who could take it."""
        await self._asking.check(booking, is_new=True)
        await self._bookings.insert(booking)
        await self._consequences.follow(caller, None, booking)
        return booking

    async def _draft(self, caller: Caller, wish: Wish, service: Service) -> Booking:
        """Give the booking as wished, priced, without a provider."""
        now = clock.now()
        self._pricing.check_time("starts_at", wish.starts_at, now)
        window_start, window_end = self._window(wish)
        place = self._places.get(wish.pincode)
        lat, lng, line = place.lat, place.lng, None
        if wish.address_id is not None:
            address = await self._addresses.get(caller, wish.address_id)
            if address.pincode != wish.pincode:
                raise Invalid({"address_id": ["The address lies in another pincode."]})
            line = address.address_line
            if address.lat is not None and address.lng is not None:
                lat, lng = float(address.lat), float(address.lng)
        base, final, surge, level = await self._pricing.agreed(
            caller.user_id, service, wish.pincode, wish.starts_at, wish.quote_id
        )
        customer = await self._users.get(caller.user_id)
        if customer is None:
            raise NotFound("User not found")
        zone = self._meaning.timezone
        return Booking(
            id=await self._new_ids.of("bookings"),
            customer_id=customer.id,
            customer_name=customer.name,
            service_id=service.id,
            service_name=service.name,
            state=self._meaning.lifecycle.start,
            price_minor=final,
            base_price_minor=base,
            surge_multiplier=surge,
            demand_level=level,
            pincode=wish.pincode,
            lat=lat,
            lng=lng,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at + timedelta(minutes=service.duration_minutes),
            window_start=window_start,
            window_end=window_end,
            date=clock.local_date(wish.starts_at, zone).isoformat(),
            hour=clock.hour_start(wish.starts_at, zone),
            duration_minutes=service.duration_minutes,
            before_minutes=self._meaning.buffer_minutes,
            after_minutes=self._meaning.buffer_minutes,
            created_at=now,
            updated_at=now,
            customer_notes=wish.notes,
            address_id=wish.address_id,
            address_line=line,
        )

    def _window(self, wish: Wish) -> tuple[datetime, datetime]:
        start = wish.window_start or wish.starts_at
        end = wish.window_end or start + timedelta(minutes=self._meaning.arrival_window_minutes)
        if not start <= wish.starts_at <= end:
            raise Invalid({"arrival_window": ["The booked start must lie within the window."]})
        if clock.local_date(start, self._meaning.timezone) != clock.local_date(end, self._meaning.timezone):
            raise Invalid({"arrival_window": ["A window lies within one day."]})
        return start, end
