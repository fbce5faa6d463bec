"""Appointments: bookings whose provider, time, length, place and price the customer names."""

from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta

from server import clock
from server.domain.entities import Booking
from server.domain.marketplace import Marketplace
from server.domain.notifications import Kind
from server.domain.parties import Caller, Party
from server.errors import Invalid, NotFound
from server.services.bookings.asking import Asking
from server.services.bookings.bookings import Bookings
from server.services.bookings.eligibility import Eligibility
from server.services.bookings.moves import Changes, Moves
from server.services.bookings.new_ids import NewIds
from server.services.bookings.rescheduling import NewTime, Rescheduling
from server.services.bookings.visibility import Visibility
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.services.talk.notifications import Notifications
from server.services.time.diary import NOWHERE
from server.store.database import Database
from server.store.users import Users

AGREED_LEVEL = "agreed"
"""Stands where a booking tells the demand that made its price: nobody but its parties made it."""


@dataclass(frozen=True, slots=True)
class Span:
    """A local date and minutes from its midnight; None leaves as it is."""

    date: Date | None = None
    start_minute: int | None = None
    end_minute: int | None = None


@dataclass(frozen=True, slots=True)
class AppointmentWish:
    """What a customer asks a provider for."""

    provider_id: int
    service_id: int
    date: Date
    start_minute: int
    end_minute: int
    notes: str = ""
    address_line: str = ""
    price_minor: int = 0


class Appointments:
    """Time is held as soon as it is asked for, so that two customers never ask for the same."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        users: Users,
        catalogue: Catalogue,
        eligibility: Eligibility,
        pricing: Pricing,
        new_ids: NewIds,
        visibility: Visibility,
        bookings: Bookings,
        moves: Moves,
        rescheduling: Rescheduling,
        asking: Asking,
        notifications: Notifications,
    ) -> None:
        self._meaning, self._database, self._users = meaning, database, users
        self._catalogue, self._eligibility, self._pricing = catalogue, eligibility, pricing
        self._new_ids, self._visibility = new_ids, visibility
        self._bookings, self._moves, self._rescheduling = bookings, moves, rescheduling
        self._asking, self._notifications = asking, notifications

    async def create(self, caller: Caller, wish: AppointmentWish) -> Booking:
        """Ask a provider for a time; raises NotFound (provider, service), Invalid (times), SlotTaken."""
        provider = await self._eligibility.provider(wish.provider_id)
        if not provider.trade_name:  # no business yet
            raise NotFound("Provider not found", field="provider_id")
        service = await self._catalogue.get(wish.service_id)
        customer = await self._users.get(caller.user_id)
        if customer is None:
            raise NotFound("User not found")
        starts_at, ends_at = self._moments(wish.date, wish.start_minute, wish.end_minute)
        now, zone = clock.now(), self._meaning.timezone
        self._pricing.check_time("starts_at", starts_at, now)
        lat, lng = NOWHERE
        booking = Booking(
            id=await self._new_ids.of("bookings"),
            customer_id=customer.id,
            customer_name=customer.name,
            service_id=service.id,
            service_name=service.name,
            state=self._meaning.lifecycle.start,
            price_minor=wish.price_minor,
            base_price_minor=wish.price_minor,
            surge_multiplier=1.0,
            demand_level=AGREED_LEVEL,
            pincode="",
            lat=lat,
            lng=lng,
            starts_at=starts_at,
            ends_at=ends_at,
            window_start=starts_at,
            window_end=starts_at,
            date=wish.date.isoformat(),
            hour=clock.hour_start(starts_at, zone),
            duration_minutes=wish.end_minute - wish.start_minute,
            before_minutes=0,
            after_minutes=0,
            created_at=now,
            updated_at=now,
            customer_notes=wish.notes,
            address_line=wish.address_line,
        )

        async def write() -> Booking:
            booked = await self._bookings.book(caller, booking, provider)
            message = f"{customer.name} asks for {service.name}"
            facts = {"booking_id": booked.id}
            await self._notifications.notify([provider.id], Kind.APPOINTMENT_REQUESTED, message, facts)
            return booked

        return await self._database.together(write)

    async def change(self, caller: Caller, booking_id: str, changes: Changes, span: Span) -> Booking:
        """Move an appointment to another time or state and set details, all at once or nothing.

        raises : NotFound, Invalid, InvalidMove, Forbidden, SlotTaken
        """

        async def write() -> Booking:
            booking = await self._visibility.get(caller, booking_id)
            starts_at, ends_at = self._span(booking, span)
            rest = changes
            if (starts_at, ends_at) != (booking.starts_at, booking.ends_at):
                # First, because it queues for the day, which nobody must do with something half written.
                wish = NewTime(starts_at, ends_at=ends_at)
                booking = (await self._rescheduling.move(caller, booking_id, wish)).booking
                if caller.party is Party.CUSTOMER:
                    await self._asking.check(booking, is_new=False)
                if changes.state not in (None, booking.state):
                    reason = f"With a new time an appointment is {booking.state}."
                    raise Invalid({"state": [reason]})
                rest = replace(changes, state=None)
            return await self._moves.change(caller, booking_id, rest) if rest != Changes() else booking

        return await self._database.together(write)

    def _span(self, booking: Booking, span: Span) -> tuple[datetime, datetime]:
        """Give from when to when an appointment shall be; raises Invalid."""
        if span == Span():
            return booking.starts_at, booking.ends_at
        date, zone = Date.fromisoformat(booking.date), self._meaning.timezone
        start, end = (
            clock.minute_of_day(moment, date, zone) for moment in (booking.starts_at, booking.ends_at)
        )
        return self._moments(
            span.date or date,
            start if span.start_minute is None else span.start_minute,
            end if span.end_minute is None else span.end_minute,
        )

    def _moments(self, date: Date, start_minute: int, end_minute: int) -> tuple[datetime, datetime]:
        if end_minute <= start_minute:
            raise Invalid({"ends_at": ["The end must be after the start."]})
        starts_at = clock.at_minute(date, start_minute, self._meaning.timezone)
        return starts_at, starts_at + timedelta(minutes=end_minute - start_minute)
