"""The assistant's answers about visits: those booked, offered, and what can still be done about them."""

from datetime import timedelta

from server import clock
from server.chat.intents import Intent, Meaning
from server.chat.wording import amount, bullets, counted, visit, when
from server.domain.entities import Booking
from server.domain.lifecycle import LIVE, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.services.bookings.cancelling import Cancelling
from server.services.bookings.visibility import Visibility
from server.services.talk.answers import MANY, SHOWN, Answers
from server.services.time.day_routes import DayRoutes
from server.store.bookings import BookingFilter


class VisitAnswers:
    """From the user's own bookings."""

    def __init__(
        self, meaning: Marketplace, visibility: Visibility, day_routes: DayRoutes, cancelling: Cancelling
    ) -> None:
        self._meaning, self._visibility = meaning, visibility
        self._day_routes, self._cancelling = day_routes, cancelling

    def all(self) -> Answers:
        """Give the answers by what is asked."""
        return {
            Intent.BOOKINGS: self.bookings,
            Intent.SCHEDULE: self._schedule,
            Intent.OFFERS: self._offers,
            Intent.CANCEL: self._cancel,
            Intent.RESCHEDULE: self._reschedule,
        }

    async def bookings(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        """Tell of the newest bookings."""
        listed = await self._visibility.list(speaker, BookingFilter(), SHOWN)
        if not listed.total:
            return "You have no bookings yet."
        zone = self._meaning.timezone
        head = "Here are your recent bookings:" if not speaker.is_staff else "The most recent bookings:"
        return bullets(head, (visit(booking, zone) for booking in listed.items))

    async def _schedule(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return await self.bookings(speaker, meaning, message)
        day = clock.local_date(clock.now(), self._meaning.timezone)
        if "tomorrow" in message.casefold():
            day += timedelta(days=1)
        plan = await self._day_routes.plan(speaker.user_id, day)
        if not plan.best.stops:
            return f"You have no visits on {day}."
        zone = self._meaning.timezone
        lines = (
            f"{when(stop.starts_at, zone)}: {stop.booking.service_name} at {stop.booking.pincode}, "
            f"{stop.travel_minutes} minutes of travel before"
            for stop in plan.best.stops
        )
        head = f"{counted(len(plan.best.stops), 'visit')} on {day}, best order:"
        return bullets(head, lines)

    async def _offers(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return await self.bookings(speaker, meaning, message)
        states = self._meaning.lifecycle.states_in(Phase.OFFERED)
        listed = await self._visibility.list(speaker, BookingFilter(state=states[0]), SHOWN)
        zone = self._meaning.timezone
        head = f"You have {counted(listed.total, 'pending job')}"
        if not listed.total:
            return f"{head}."
        return bullets(f"{head}:", (visit(booking, zone) for booking in listed.items))

    async def _cancel(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        booking = await self._next(speaker)
        if booking is None:
            return "You have no booking that could be called off."
        terms = await self._cancelling.preview(speaker, booking.id)
        cost = f"would cost {amount(terms.fee_minor)}" if terms.fee_minor else "is free"
        zone = self._meaning.timezone
        return (
            f"Calling off {booking.service_name} on {when(booking.starts_at, zone)} {cost} now. "
            f"Open the booking to do it.\n  Booking ID: {booking.id}"
        )

    async def _reschedule(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        booking = await self._next(speaker)
        if booking is None:
            return "You have no booking that could be moved."
        zone = self._meaning.timezone
        hours = self._meaning.consent_hours
        is_agreed = self._meaning.lifecycle.phases[booking.state] is Phase.AGREED
        late = is_agreed and booking.starts_at - clock.now() < timedelta(hours=hours)
        how = f"the other side has to agree, because it begins within {hours} hours"
        how = how if late else "it moves at once"
        return (
            f"{booking.service_name} is on {when(booking.starts_at, zone)}. Choose another time in the "
            f"booking; {how}.\n  Booking ID: {booking.id}"
        )

    async def _next(self, speaker: Caller) -> Booking | None:
        """Give the user's next live booking."""
        now = clock.now()
        listed = await self._visibility.list(speaker, BookingFilter(), MANY)
        mine = [
            one
            for one in listed.items
            if self._meaning.lifecycle.phases[one.state] in LIVE
            and one.starts_at > now
            and speaker.user_id in (one.customer_id, one.provider_id)
        ]
        return min(mine, key=lambda one: one.starts_at, default=None)
