"""Who reads what else than bookings: whatever has changed of it, for whom it looks otherwise now."""

from typing import Any

from server.domain.applications import Application
from server.domain.disputes import Dispute, DisputeNews
from server.domain.entities import Address, Shift, User
from server.domain.marketplace import Marketplace
from server.domain.openings import Opening
from server.domain.payments import Earning, Payment
from server.domain.photos import Photo
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.domain.rooms import RoomNews, person_of
from server.domain.signatures import Signature
from server.services.bookings.announcements import booking_topics
from server.services.telling.businesses import Businesses
from server.services.telling.shown import (
    Gone,
    ReadDisputeMessage,
    ReadMessage,
    ShownApplication,
    ShownDispute,
    ShownMessage,
    ShownRoom,
)
from server.services.telling.told import Told, own_topics
from server.store.disputes import DisputeMessages
from server.store.rooms import Rooms
from server.store.users import Users

READ = (
    *(Application, Dispute, DisputeNews, RoomNews, User, Profile),
    *(Address, Earning, Opening, Payment, Photo, PortfolioItem, Review, Shift, Signature),
)
"""The kinds of change that are told of."""

MOST_TOPICS = 200
"""Of one event."""


class Readers:
    """Looks up whom a change concerns, inside its transaction."""

    def __init__(
        self,
        meaning: Marketplace,
        users: Users,
        messages: DisputeMessages,
        rooms: Rooms,
        businesses: Businesses,
    ) -> None:
        self._meaning, self._users, self._messages = meaning, users, messages
        self._rooms, self._businesses = rooms, businesses

    async def told(self, before: Any | None, after: Any | None) -> list[Told]:
        """Give what is told of a change of a thing of READ; None stands for "was not" and "is no more"."""
        changed = before if after is None else after
        match changed:
            case Application():
                return await self._application(changed)
            case Dispute():
                return await self._dispute(changed)
            case DisputeNews():
                return _dispute_news(changed)
            case RoomNews():
                return await self._room(changed)
            case User():
                return await self._user(before, await self._users.get(changed.id) or changed)
            case Profile():
                hours = await self._businesses.hours(changed.id) if _is_renamed(before, changed) else []
                return await self._businesses.card(changed.id) + hours
            case Opening():
                return await self._businesses.opening(before, after)
            case Shift():
                pincodes = [one for shift in (before, after) if shift for one in shift.area_pincodes]
                return _moved(before, after) + await self._businesses.offers(changed.provider_id, pincodes)
            case PortfolioItem() | Review():
                return _moved(before, after) + await self._businesses.card(changed.provider_id)
            case _:
                return _moved(before, after)

    async def _application(self, application: Application) -> list[Told]:
        reviewers = await self._users.with_roles(sorted(self._meaning.reviewers))
        is_complete = not application.missing(self._meaning.application_documents)
        ids = [application.applicant_id, *(user.id for user in reviewers)]
        return [Told(ShownApplication(application, is_complete), own_topics(ids))]

    async def _dispute(self, dispute: Dispute) -> list[Told]:
        unread = {}
        for party in (dispute.customer_id, dispute.provider_id):
            unread[party] = (await self._messages.unread(party, [dispute.id])).get(dispute.id, 0)
        return [Told(ShownDispute(dispute, unread), own_topics(dispute.concerned))]

    async def _room(self, news: RoomNews) -> list[Told]:
        room, topics = news.room, own_topics(news.room.member_ids)
        found = {user.id: person_of(user) for user in await self._users.with_ids(room.member_ids)}
        people = tuple(found[id] for id in room.member_ids)
        told = [Told(ReadMessage(one.id, room.id, one.read_by), topics) for one in news.read]
        if news.said is not None:
            told.append(Told(ShownMessage(news.said, found[news.said.sender_id]), topics))
        return [*told, Told(ShownRoom(room, people), own_topics(news.concerned))]

    async def _user(self, before: User | None, user: User) -> list[Told]:
        """Tell users of their account, and providers of their profile and what may be theirs by other skills.

        Of another name all hear who see it beside what is said.
        """
        if before is None:
            return []
        told = [Told(user, own_topics([user.id])), *await self._businesses.card(user.id)]
        if before.public_name != user.public_name:
            told += await self._businesses.hours(user.id)
        if before.skills != user.skills:
            told += await self._businesses.offers(user.id)
        if person_of(before) != person_of(user):
            ids = await self._rooms.company_of(user.id)
            # What is said at the same time would name them as before: one of the two starts over.
            if ids:
                await self._rooms.touch_those_of(user.id)
            told += [
                Told(person_of(user), own_topics(ids[first : first + MOST_TOPICS]))
                for first in range(0, len(ids), MOST_TOPICS)
            ]
        return told


def _is_renamed(before: Profile | None, after: Profile) -> bool:
    return before is None or before.business_name != after.business_name


def _dispute_news(news: DisputeNews) -> list[Told]:
    read = [ReadDisputeMessage(one.id, one.dispute_id, one.recipient_ids, one.unread_by) for one in news.read]
    things = [*read, news.said] if news.said else read
    return [Told(thing, own_topics(news.dispute.concerned)) for thing in things]


def _moved(before: Any | None, after: Any | None) -> list[Told]:
    """Tell of what concerns its parties alone, also those whom it concerns no more."""
    topics = _topics(after)
    told = [] if after is None else [Told(after, topics)]
    lost = tuple(topic for topic in _topics(before) if topic not in topics)
    return [*told, Told(Gone(type(before).__name__, before.id), lost)] if before and lost else told


def _topics(thing: Any | None) -> tuple[str, ...]:
    match thing:
        case None:
            return ()
        case Photo():
            return booking_topics(thing.booking_id, thing.customer_id, thing.provider_id)
        case Address():
            return own_topics([thing.user_id])
        case Earning() | PortfolioItem() | Review() | Shift():
            return own_topics([thing.provider_id])
        case _:
            return own_topics([thing.customer_id, thing.provider_id])
