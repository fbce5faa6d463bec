"""The assistant: answers from the asking user's own data, and says so when it cannot."""

from dataclasses import dataclass

from server.chat.intents import Intent, Meaning, understand
from server.chat.offers import ABILITIES, FOR_ALL_STAFF, REVIEWER_SUGGESTIONS, SUGGESTIONS
from server.chat.wording import bullets, counted
from server.domain.entities import Booking
from server.domain.marketplace import Marketplace
from server.domain.parties import Caller, Party
from server.domain.signatures import SignatureState
from server.errors import MarketError, NotFound
from server.services.bookings.signatures import Signatures
from server.services.bookings.visibility import Visibility
from server.services.insights.scaling import ScalingService
from server.services.talk.answers import SHOWN, Answers
from server.services.talk.market_answers import MarketAnswers
from server.services.talk.notices import Notices
from server.services.talk.notifications import Notifications
from server.services.talk.record_answers import RecordAnswers
from server.services.talk.visit_answers import VisitAnswers
from server.store.bookings import BookingFilter
from server.store.users import Users


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
        signatures: Signatures,
        notifications: Notifications,
        notices: Notices,
        scaling: ScalingService,
        visits: VisitAnswers,
        market: MarketAnswers,
        records: RecordAnswers,
    ) -> None:
        self._meaning, self._users, self._visibility = meaning, users, visibility
        self._signatures, self._notifications = signatures, notifications
        self._notices, self._scaling, self._visits = notices, scaling, visits
        own: Answers = {
            Intent.NOTIFICATIONS: self._told,
            Intent.OVERVIEW: self._overview,
            Intent.HELP: self._help,
            Intent.GREETING: self._greet,
            Intent.THANKS: self._welcome,
        }
        self._answers = {**visits.all(), **market.all(), **records.all(), **own}

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
        answer = self._answers.get(meaning.intent) if meaning.intent is not None else None
        if answer is not None and not self._may_ask(speaker, meaning.intent):
            return "That is not for your role to see."
        if answer is None:
            return f"I am not sure what you mean. I can tell you about {ABILITIES[speaker.party]}."
        try:
            return await answer(speaker, meaning, message)
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

    async def _told(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        listed = await self._notifications.list(speaker, None, False, SHOWN)
        if not listed.total:
            return "You have read everything."
        head = f"{counted(listed.total, 'unread notification')}:"
        return bullets(head, (one.message for one in listed.items))

    async def _overview(self, speaker: Caller, meaning: Meaning, message: str) -> str:
        if not speaker.is_staff:
            return await self._visits.bookings(speaker, meaning, message)
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
