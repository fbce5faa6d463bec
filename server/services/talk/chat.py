"""The assistant: answers from the asking user's own data, and says so when it cannot."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from server import clock
from server.chat.intents import Intent, Meaning, understand
from server.chat.offers import ABILITIES, FOR_ALL_STAFF, REVIEWER_SUGGESTIONS, SUGGESTIONS
from server.chat.wording import amount, bullets, counted, title, visit, when
from server.domain.disputes import UNSETTLED
from server.domain.entities import Booking, Service
from server.domain.lifecycle import LIVE, Phase
from server.domain.marketplace import Marketplace
from server.domain.paging import Paging
from server.domain.parties import Caller, Party
from server.domain.payments import EarningState
from server.domain.signatures import SignatureState
from server.errors import MarketError, NotFound
from server.services.applications.applications import ApplicationFilter, Applications
from server.services.bookings.cancelling import Cancelling
from server.services.bookings.signatures import Signatures
from server.services.bookings.visibility import Visibility
from server.services.disputes.disputes import DisputeFilter, Disputes
from server.services.insights.performance import PerformanceService
from server.services.insights.scaling import ScalingService
from server.services.money.earnings import Earnings
from server.services.money.payments import Payments
from server.services.prices.pricing import Pricing
from server.services.shop.catalogue import Catalogue
from server.services.shop.search import Search
from server.services.talk.notices import Notices
from server.services.talk.notifications import Notifications
from server.services.time.day_routes import DayRoutes
from server.store.bookings import BookingFilter
from server.store.users import Users

SHOWN = Paging(1, 5)
MANY = Paging(1, 100)

Answer = Callable[["Chat", Caller, Meaning, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Context:
    """What to suggest to a user, and what happened last."""

    suggestions: tuple[str, ...]
    recent: list[Booking]


class Chat:
    """Reads only what the user may read: every answer comes through the services with the user as caller."""

    def __init__(
        self,
        meaning: Marketplace,
        users: Users,
        visibility: Visibility,
        catalogue: Catalogue,
        pricing: Pricing,
        search: Search,
        day_routes: DayRoutes,
        cancelling: Cancelling,
        payments: Payments,
        earnings: Earnings,
        signatures: Signatures,
        disputes: Disputes,
        performance: PerformanceService,
        applications: Applications,
        notifications: Notifications,
        notices: Notices,
        scaling: ScalingService,
    ) -> None:
        self._meaning, self._users, self._visibility = meaning, users, visibility
        self._catalogue, self._pricing, self._search = catalogue, pricing, search
        self._day_routes, self._cancelling = day_routes, cancelling
        self._payments, self._earnings, self._signatures = payments, earnings, signatures
        self._disputes, self._performance = disputes, performance
        self._applications, self._notifications = applications, notifications
        self._notices, self._scaling = notices, scaling

    async def speaker(self, caller: Caller, user_id: int, role: str) -> Caller:
        """Give whom the conversation is about: the caller, or for managers of users a customer or provider.

        raises : NotFound
        """
        if caller.user_id == user_id and caller.role == role:
            return caller
        user = await self._users.get(user_id) if caller.role in self._meaning.user_managers else None
        if user is None or user.role != role or self._meaning.roles[role] is Party.STAFF:
            raise NotFound("User not found")
        return Caller(user.id, role, self._meaning.roles[role], caller.session_id, caller.expires_at)

    async def reply(self, speaker: Caller, message: str) -> str:
        """Give the answer to a message."""
        meaning = understand(message)
        answer = ANSWERS.get(meaning.intent) if meaning.intent is not None else None
        if answer is not None and not self._may_ask(speaker, meaning.intent):
            return "That is not for your role to see."
        if answer is None:
            return f"I am not sure what you mean. I can tell you about {ABILITIES[speaker.party]}."
        try:
            return await answer(self, speaker, meaning, message)
        except MarketError as refused:
            return refused.message

    async def context(self, speaker: Caller) -> Context:
        """Give suggestions that fit the user's state, and the newest bookings."""
        suggestions = SUGGESTIONS[speaker.party]
        if not self._may_ask(speaker, Intent.BOOKINGS):
            return Context(REVIEWER_SUGGESTIONS, [])
        recent = await self._visibility.list(speaker, BookingFilter(), SHOWN)
        if speaker.party is Party.CUSTOMER:
            waiting = await self._signatures.list(speaker, SignatureState.PENDING, None, SHOWN)
            if not waiting.total:
                suggestions = tuple(one for one in suggestions if "signature" not in one)
        return Context(suggestions, list(recent.items))

    def _may_ask(self, speaker: Caller, intent: Intent | None) -> bool:
        """Say whether a role may see what an intent shows: not all staff see bookings and money."""
        sees_all = speaker.party is not Party.STAFF or speaker.role in self._meaning.user_managers
        return sees_all or intent in FOR_ALL_STAFF

    async def _bookings(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._visibility.list(speaker, BookingFilter(), SHOWN)
        if not listed.total:
            return "You have no bookings yet."
        zone = self._meaning.timezone
        head = "Here are your recent bookings:" if not speaker.is_staff else "The most recent bookings:"
        return bullets(head, (visit(booking, zone) for booking in listed.items))

    async def _schedule(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return await self._bookings(speaker, meaning, message)
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
            return await self._bookings(speaker, meaning, message)
        states = self._meaning.lifecycle.states_in(Phase.OFFERED)
        listed = await self._visibility.list(speaker, BookingFilter(state=states[0]), SHOWN)
        zone = self._meaning.timezone
        head = f"You have {counted(listed.total, 'pending job')}"
        if not listed.total:
            return f"{head}."
        return bullets(f"{head}:", (visit(booking, zone) for booking in listed.items))

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

    async def _money(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is Party.PROVIDER:
            return await self._earned(speaker, meaning, message)
        listed = await self._payments.list(speaker, (), None, SHOWN)
        if not listed.total:
            return "There are no payments yet."
        lines = (
            f"{amount(payment.amount_minor)} - {title(payment.status)}, "
            f"{f'booking {payment.booking_id}' if payment.booking_id else payment.description}"
            for payment in listed.items
        )
        return bullets(f"{counted(listed.total, 'payment')}, newest first:", lines)

    async def _earned(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return await self._money(speaker, meaning, message)
        sums, recent = await self._earnings.summary(speaker.user_id)
        waiting, released = sums.get(EarningState.PENDING, 0), sums.get(EarningState.RELEASED, 0)
        head = f"You have earned {amount(released + waiting)}, of which {amount(waiting)} is still to come."
        lines = (f"{one.service_name}: {amount(one.amount_minor)} - {title(one.status)}" for one in recent)
        return bullets(head, lines) if recent else head

    async def _signed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._signatures.list(speaker, SignatureState.PENDING, None, SHOWN)
        if not listed.total:
            return "No signature is waiting."
        zone = self._meaning.timezone
        lines = (
            f"{one.service_name}, open until {when(one.expires_at, zone)}\n  Signature ID: {one.id}"
            for one in listed.items
        )
        return bullets(f"{counted(listed.total, 'signature')} waiting:", lines)

    async def _disputed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed, _ = await self._disputes.list(speaker, DisputeFilter(), MANY)
        unsettled = [dispute for dispute in listed.items if dispute.state in UNSETTLED]
        if not unsettled:
            days = self._meaning.dispute_days
            return f"There are no open disputes. You can open one about a visit within {days} days."
        lines = (
            f"{one.title} - {title(one.state)}, {one.severity} severity\n  Dispute ID: {one.id}"
            for one in unsettled[: SHOWN.size]
        )
        return bullets(f"{counted(len(unsettled), 'open dispute')}:", lines)

    async def _performed(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if speaker.party is not Party.PROVIDER:
            return "Ratings and tiers are kept for vendors."
        figures = await self._performance.summary(speaker.user_id)
        return (
            f"You are in the {figures.tier} tier with {figures.bonus_points} points: rated "
            f"{figures.avg_rating}, {figures.completion_rate}% completed, {figures.on_time_rate}% on time, "
            f"{figures.dispute_rate}% disputed."
        )

    async def _applied(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._applications.list(speaker, ApplicationFilter(), SHOWN)
        if not listed.total:
            return "There are no applications. Anybody signed in can apply to become a vendor."
        lines = (f"{one.full_name} - {title(one.state)}\n  Application ID: {one.id}" for one in listed.items)
        return bullets(f"{counted(listed.total, 'application')}:", lines)

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

    async def _told(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._notifications.list(speaker, None, False, SHOWN)
        if not listed.total:
            return "You have read everything."
        head = f"{counted(listed.total, 'unread notification')}:"
        return bullets(head, (one.message for one in listed.items))

    async def _overview(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if not speaker.is_staff:
            return await self._bookings(speaker, meaning, message)
        scaling, alerts = await self._scaling.scaling(30), await self._notices.alerts()
        return (
            f"{counted(scaling.bookings, 'booking')} at {counted(len(scaling.zones), 'pincode')} with "
            f"{counted(scaling.providers, 'vendor')} in the last 30 days and ahead; "
            f"{counted(alerts.active, 'alert')}, {alerts.critical} critical."
        )

    async def _help(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        return f"I can tell you about {ABILITIES[speaker.party]}."

    async def _greet(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        user = await self._users.get(speaker.user_id)
        return f"Hello{' ' + user.name if user else ''}! {await self._help(speaker, meaning, message)}"

    async def _welcome(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        return "You are welcome."

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

    async def _named_service(self, message: str) -> Service | None:
        """Give the service a message names: the one with most of its words in it."""
        words = set(message.casefold().replace("?", " ").replace(",", " ").split())
        services = (await self._catalogue.list(None, MANY)).items
        shared = {one.id: len(words & set(one.name.casefold().split())) for one in services}
        best = max(services, key=lambda one: (shared[one.id], -len(one.name)), default=None)
        return best if best is not None and shared[best.id] else None


ANSWERS: Mapping[Intent, Answer] = {
    Intent.BOOKINGS: Chat._bookings,
    Intent.SCHEDULE: Chat._schedule,
    Intent.OFFERS: Chat._offers,
    Intent.PRICE: Chat._price,
    Intent.SLOTS: Chat._slots,
    Intent.PAYMENTS: Chat._money,
    Intent.EARNINGS: Chat._earned,
    Intent.SIGNATURES: Chat._signed,
    Intent.DISPUTES: Chat._disputed,
    Intent.PERFORMANCE: Chat._performed,
    Intent.APPLICATIONS: Chat._applied,
    Intent.CANCEL: Chat._cancel,
    Intent.RESCHEDULE: Chat._reschedule,
    Intent.NOTIFICATIONS: Chat._told,
    Intent.OVERVIEW: Chat._overview,
    Intent.HELP: Chat._help,
    Intent.GREETING: Chat._greet,
    Intent.THANKS: Chat._welcome,
}
