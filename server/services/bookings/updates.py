"""What users see of a thing is told whole when the thing has changed, so that nobody has to fetch it afresh.

Every change is recorded by the audit. At the end of the transaction each thing that changed, as it is then,
is put into the events that the transaction has for those who may read it (`Event.shows`). Whoever of them
has no event gets one that says nothing else (UPDATED). Who may not read a booking any more is told that it
is gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from server import clock
from server.domain.applications import Application
from server.domain.changes import SECRET_FIELDS
from server.domain.disputes import Dispute
from server.domain.entities import Booking
from server.domain.events import UPDATED, Event, user_topic
from server.domain.marketplace import Marketplace
from server.domain.payments import Earning, Payment
from server.domain.proposals import Proposal
from server.domain.signatures import Signature
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.services.bookings.announcements import everyone, provider_topics
from server.services.bookings.eligibility import Eligibility
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.proposals import Proposals
from server.store.users import Users


@dataclass(frozen=True, slots=True)
class ShownBooking:
    """A booking with the open proposal to move it, as both sides see it."""

    booking: Booking
    proposal: Proposal | None


@dataclass(frozen=True, slots=True)
class ShownApplication:
    """An application, and whether it could be handed in."""

    application: Application
    is_complete: bool


@dataclass(frozen=True, slots=True)
class GoneBooking:
    """A booking that the listener may not read any more."""

    id: str


Shown = ShownBooking | GoneBooking | ShownApplication | Signature | Payment | Earning | Dispute

_READERS: Mapping[str, TypeAdapter[Any]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (ShownBooking, GoneBooking, ShownApplication, Signature, Payment, Earning, Dispute)
}


def shown_in(event: Event) -> list[Shown]:
    """Give the things that changed with an event."""
    return [_READERS[shown["kind"]].validate_python(shown["value"]) for shown in event.shows]


@dataclass(frozen=True, slots=True)
class _Told:
    """A thing, and the topics of those who are to hear how it is now."""

    thing: Shown
    topics: tuple[str, ...]


class Updates:
    """Listens to the audit; the services that change things need not know."""

    def __init__(
        self,
        meaning: Marketplace,
        database: Database,
        bookings: BookingStore,
        proposals: Proposals,
        users: Users,
        eligibility: Eligibility,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._meaning, self._database = meaning, database
        self._bookings, self._proposals, self._users = bookings, proposals, users
        self._eligibility, self._outbox = eligibility, outbox
        audit.watch(self._note)

    def _note(self, before: Any | None, after: Any | None) -> None:
        changed = before if after is None else after
        if isinstance(changed, Booking | Proposal | Signature | Payment | Earning | Dispute | Application):
            self._database.before_commit(self._tell, (before, changed))

    async def _tell(self, notes: Sequence[tuple[Any | None, Any]]) -> None:
        """Tell of every thing once, in the order in which they changed first."""
        firsts: dict[tuple[bool, str], Any] = {}
        lasts: dict[tuple[bool, str], Any] = {}
        for before, changed in notes:
            is_booking = isinstance(changed, Booking | Proposal)
            key = (is_booking, changed.id)  # a proposal has its booking's id
            lasts[key] = changed
            if isinstance(before, Booking):
                firsts.setdefault(key, before)
        left: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for key, changed in lasts.items():
            is_booking, id = key
            found = await (
                self._booking(id, firsts.get(key), changed) if is_booking else self._other(changed)
            )
            for told in found:
                shown = _plain(told.thing)
                topics = self._put_into_events(shown, told.topics)
                if topics:
                    left.setdefault(topics, []).append(shown)
        for topics, shows in left.items():
            await self._outbox.add(Event(UPDATED, topics, {}, clock.now(), shows=tuple(shows)))

    def _put_into_events(self, shown: Mapping[str, Any], topics: Sequence[str]) -> tuple[str, ...]:
        """Add a thing to the events that only its readers hear; give the topics that heard none."""
        readers, heard = set(topics), set[str]()
        events = self._outbox.added()
        for index, event in enumerate(events):
            if readers.issuperset(event.topics):
                events[index] = replace(event, shows=(*event.shows, shown))
                heard.update(event.topics)
        return tuple(topic for topic in topics if topic not in heard)

    async def _booking(self, booking_id: str, before: Booking | None, changed: Any) -> list[_Told]:
        """Give a booking as it is now to those who see it, and its loss to those who do not any more."""
        booking = changed if isinstance(changed, Booking) else await self._bookings.get(booking_id)
        if booking is None:
            return []
        offered = await self._eligibility.seeing(booking)
        proposal = await self._proposals.get(booking_id) if booking.proposed_count else None
        if proposal is not None and proposal.expires_at <= clock.now():
            proposal = None
        topics = (*everyone(booking), *map(user_topic, offered))
        told = [_Told(ShownBooking(booking, proposal), tuple(dict.fromkeys(topics)))]
        if before is not None:
            saw = await self._eligibility.seeing(before)
            lost = (*provider_topics(before), *map(user_topic, saw))
            told.append(_Told(GoneBooking(booking_id), tuple(one for one in lost if one not in topics)))
        return told

    async def _other(self, changed: Any) -> list[_Told]:
        thing: Shown = changed
        match changed:
            case Application():
                reviewers = await self._users.with_roles(sorted(self._meaning.reviewers))
                is_complete = not changed.missing(self._meaning.application_documents)
                thing = ShownApplication(changed, is_complete)
                ids = [changed.applicant_id, *(user.id for user in reviewers)]
            case Earning():
                ids = [changed.provider_id]
            case Dispute():
                mediators = [] if changed.mediator_id is None else [changed.mediator_id]
                ids = [changed.customer_id, changed.provider_id, *mediators]
            case _:
                ids = [changed.customer_id, changed.provider_id]
        return [_Told(thing, tuple(user_topic(id) for id in dict.fromkeys(ids)))]


def _plain(thing: Shown) -> Mapping[str, Any]:
    """Give a thing as plain values, without what is secret."""
    hidden: dict[str, Any] = {name: "" for name in SECRET_FIELDS if hasattr(thing, name)}
    kind = type(thing).__name__
    return {"kind": kind, "value": _READERS[kind].dump_python(replace(thing, **hidden), mode="json")}
