"""What users see of a thing is told whole when the thing has changed, so that nobody has to fetch it afresh.

Every change is recorded by the audit, or mentioned to it. At the end of the transaction each thing that
changed, as it is then, is put into the events that the transaction has for those who may read it
(`Event.shows`). Whoever of them has no event gets one that says nothing else (UPDATED). Who may not read a
thing any more is told that it is gone. Who reads a booking is found here, anything else in `Readers`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from server import clock
from server.domain.entities import Booking
from server.domain.events import UPDATED, Event, user_topic
from server.domain.proposals import Proposal
from server.realtime.outbox import Outbox
from server.services.audit import Audit
from server.services.bookings.announcements import everyone, provider_topics
from server.services.bookings.eligibility import Eligibility
from server.services.telling.readers import READ, Readers
from server.services.telling.shown import Gone, ShownBooking, plain
from server.services.telling.told import Told
from server.store.bookings import BookingStore
from server.store.database import Database
from server.store.proposals import Proposals

MOST_SHOWN = 100
"""Things in an event of their own: some 100 KB."""


class Updates:
    """Listens to the audit; the services that change things need not know."""

    def __init__(
        self,
        database: Database,
        bookings: BookingStore,
        proposals: Proposals,
        eligibility: Eligibility,
        readers: Readers,
        outbox: Outbox,
        audit: Audit,
    ) -> None:
        self._database, self._bookings, self._proposals = database, bookings, proposals
        self._eligibility, self._readers, self._outbox = eligibility, readers, outbox
        audit.watch(self._note)

    def _note(self, before: Any | None, after: Any | None) -> None:
        if isinstance(before if after is None else after, (Booking, Proposal, *READ)):
            self._database.before_commit(self._tell, (before, after))

    async def _tell(self, notes: Sequence[tuple[Any, Any]]) -> None:
        """Tell of every thing once, in the order in which they changed first."""
        firsts: dict[tuple[type, Any], Any] = {}
        lasts: dict[tuple[type, Any], Any] = {}
        for before, after in notes:
            changed = before if after is None else after
            is_booking = isinstance(changed, Booking | Proposal)
            key = (Booking if is_booking else type(changed), changed.id)
            lasts[key] = changed if is_booking else after  # a proposal has its booking's id
            if isinstance(before, Booking) or not is_booking:
                firsts.setdefault(key, before)
        left: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for key, last in lasts.items():
            kind, id = key
            first = firsts.get(key)
            is_booking = kind is Booking
            found = await (self._booking(id, first, last) if is_booking else self._readers.told(first, last))
            for told in found:
                shown = plain(told.thing)
                topics = self._put_into_events(shown, told.topics)
                if topics:
                    left.setdefault(topics, []).append(shown)
        for topics, shows in left.items():
            for first in range(0, len(shows), MOST_SHOWN):
                some = tuple(shows[first : first + MOST_SHOWN])
                await self._outbox.add(Event(UPDATED, topics, {}, clock.now(), shows=some))

    def _put_into_events(self, shown: Mapping[str, Any], topics: Sequence[str]) -> tuple[str, ...]:
        """Add a thing to the events that only its readers hear; give the topics that heard none."""
        readers, heard = set(topics), set[str]()
        events = self._outbox.added()
        for index, event in enumerate(events):
            if readers.issuperset(event.topics):
                events[index] = replace(event, shows=(*event.shows, shown))
                heard.update(event.topics)
        return tuple(topic for topic in topics if topic not in heard)

    async def _booking(self, booking_id: str, before: Booking | None, changed: Any) -> list[Told]:
        """Give a booking as it is now to those who see it, and its loss to those who do not any more."""
        booking = changed if isinstance(changed, Booking) else await self._bookings.get(booking_id)
        if booking is None:
            return []
        offered = await self._eligibility.seeing(booking)
        proposal = await self._proposals.get(booking_id) if booking.proposed_count else None
        if proposal is not None and proposal.expires_at <= clock.now():
            proposal = None
        topics = (*everyone(booking), *map(user_topic, offered))
        told = [Told(ShownBooking(booking, proposal), tuple(dict.fromkeys(topics)))]
        if before is not None:
            saw = await self._eligibility.seeing(before)
            lost = (*provider_topics(before), *map(user_topic, saw))
            gone = Gone(ShownBooking.__name__, booking_id)
            told.append(Told(gone, tuple(one for one in lost if one not in topics)))
        return told
