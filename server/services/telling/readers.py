"""Who reads what else than bookings: whatever has changed of it, for whom it looks otherwise now."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from server.domain.applications import Application
from server.domain.disputes import Dispute, DisputeNews
from server.domain.entities import User
from server.domain.events import user_topic
from server.domain.marketplace import Marketplace
from server.domain.payments import Earning, Payment
from server.domain.photos import Photo
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.domain.rooms import RoomNews, person_of
from server.domain.signatures import Signature
from server.errors import NotFound
from server.services.bookings.announcements import booking_topics
from server.services.shop.showcase import Showcase
from server.services.telling.shown import (
    Gone,
    ReadDisputeMessage,
    ReadMessage,
    ShownApplication,
    ShownDispute,
    ShownMessage,
    ShownRoom,
)
from server.store.disputes import DisputeMessages
from server.store.profiles import Profiles
from server.store.rooms import Rooms
from server.store.users import Users

READ = (
    *(Application, Dispute, DisputeNews, RoomNews, User, Profile),
    *(Earning, Photo, Payment, PortfolioItem, Review, Signature),
)
"""The kinds of change that are told of."""

MOST_TOPICS = 200
"""Of one event."""


@dataclass(frozen=True, slots=True)
class Told:
    """A thing, and the topics of those who are to hear how it is now."""

    thing: Any
    topics: tuple[str, ...]


class Readers:
    """Looks up whom a change concerns, inside its transaction."""

    def __init__(
        self,
        meaning: Marketplace,
        users: Users,
        messages: DisputeMessages,
        rooms: Rooms,
        profiles: Profiles,
        showcase: Showcase,
    ) -> None:
        self._meaning, self._users, self._messages = meaning, users, messages
        self._rooms, self._profiles, self._showcase = rooms, profiles, showcase

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
                return await self._user(before, changed)
            case Profile():
                return await self._card(changed.id)
            case PortfolioItem() | Review():
                return _moved(before, after) + await self._card(changed.provider_id)
            case _:
                return _moved(before, after)

    async def _application(self, application: Application) -> list[Told]:
        reviewers = await self._users.with_roles(sorted(self._meaning.reviewers))
        is_complete = not application.missing(self._meaning.application_documents)
        ids = [application.applicant_id, *(user.id for user in reviewers)]
        return [Told(ShownApplication(application, is_complete), _users(ids))]

    async def _dispute(self, dispute: Dispute) -> list[Told]:
        unread = {}
        for party in (dispute.customer_id, dispute.provider_id):
            unread[party] = (await self._messages.unread(party, [dispute.id])).get(dispute.id, 0)
        return [Told(ShownDispute(dispute, unread), _users(dispute.concerned))]

    async def _room(self, news: RoomNews) -> list[Told]:
        room, topics = news.room, _users(news.room.member_ids)
        found = {user.id: person_of(user) for user in await self._users.with_ids(room.member_ids)}
        people = tuple(found[id] for id in room.member_ids)
        told = [Told(ReadMessage(one.id, room.id, one.read_by), topics) for one in news.read]
        if news.said is not None:
            told.append(Told(ShownMessage(news.said, found[news.said.sender_id]), topics))
        return [*told, Told(ShownRoom(room, people), _users(news.concerned))]

    async def _user(self, before: User | None, user: User) -> list[Told]:
        """Tell of another name to all who see it beside what is said, and to a provider of their profile."""
        if before is None:
            return []
        told = await self._card(user.id)
        if person_of(before) != person_of(user):
            ids = await self._rooms.company_of(user.id)
            # What is said at the same time would name them as before: one of the two starts over.
            if ids:
                await self._rooms.touch_those_of(user.id)
            told += [
                Told(person_of(user), _users(ids[first : first + MOST_TOPICS]))
                for first in range(0, len(ids), MOST_TOPICS)
            ]
        return told

    async def _card(self, provider_id: int) -> list[Told]:
        """Tell a provider how their profile looks, if they have one."""
        try:
            card = await self._showcase.get(provider_id)
        except NotFound:
            return []
        # It is made of several things: who changes another one at the same time starts over and sees this.
        await self._profiles.touch(card.profile)
        return [Told(card, _users([provider_id]))]


def _dispute_news(news: DisputeNews) -> list[Told]:
    read = [ReadDisputeMessage(one.id, one.dispute_id, one.recipient_ids, one.unread_by) for one in news.read]
    things = [*read, news.said] if news.said else read
    return [Told(thing, _users(news.dispute.concerned)) for thing in things]


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
        case Earning() | PortfolioItem() | Review():
            return _users([thing.provider_id])
        case _:
            return _users([thing.customer_id, thing.provider_id])


def _users(ids: Iterable[int]) -> tuple[str, ...]:
    return tuple(user_topic(id) for id in dict.fromkeys(ids))
