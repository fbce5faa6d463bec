"""What is shown of things, into events and out of them."""

from dataclasses import replace
from datetime import UTC, datetime

from server.domain.disputes import Dispute
from server.domain.events import UPDATED, Event, from_bytes, to_bytes, user_of, user_topic
from server.domain.profiles import Profile
from server.domain.rooms import Member, Message, Person, Room
from server.services.shop.showcase import Card
from server.services.telling.shown import Gone, ShownDispute, ShownMessage, ShownRoom, plain, shown_in
from tests.server.domain.quarrel import CUSTOMER, a_dispute
from tests.server.services.people import user

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)


def test_what_goes_into_an_event_comes_out_of_it() -> None:
    """Whatever a thing is made of: numbers by number, times, things within things."""
    dispute: Dispute = a_dispute()
    room, john = Room(1, (Member(2, 3),), "Kitchen", AT, AT), Person(2, "John", "client")
    things = [
        ShownDispute(dispute, {CUSTOMER: 2}),
        ShownRoom(room, (john,)),
        ShownMessage(Message(4, 1, 1, 2, "Hello", AT, (2,)), john),
        Gone("Photo", 7),
        Gone("ShownBooking", dispute.booking_id),
    ]
    event = Event(UPDATED, ("user:1",), {}, AT, shows=tuple(map(plain, things)))
    assert shown_in(from_bytes(to_bytes(event))) == things


def test_what_is_secret_stays_out_however_deep_it_lies() -> None:
    """A profile's owner is shown without the hash of their password."""
    owner = replace(user(1), password_hash="a hash that nobody may see")
    profile = Profile(1, "Elite", "", 1, "", "", 1, (), AT, AT)
    assert "a hash" not in str(plain(Card(profile, owner, (), (), ())))


def test_whose_a_topic_is() -> None:
    """A user's own topic names its user; of any other several people hear."""
    assert user_of(user_topic(7)) == 7
    assert [user_of(topic) for topic in ("status:7", "booking:a:7", "dispatches", "", None)] == [None] * 5
