"""What has happened in A-List's demo: appointments, reviews and conversations that agree."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from server.demo.filling import Filling
from server.domain.entities import Booking
from server.domain.lifecycle import LIVE, Phase
from server.marketplaces.alist import ALIST, CLIENT
from tests.server.demo.alist.conftest import filled


def of_pair(demo: Filling, provider_id: int, customer_id: int) -> list[Booking]:
    return [one for one in demo.bookings if (one.provider_id, one.customer_id) == (provider_id, customer_id)]


def client1(demo: Filling) -> int:
    return next(user.id for user in demo.users if user.role == CLIENT)


def test_it_depends_on_the_moment_alone(demo: Filling, now: datetime) -> None:
    """The same moment gives the same values; a later hour of the day as many appointments."""
    assert filled(now) == demo
    later = filled(now + timedelta(hours=3))
    assert later != demo and len(later.bookings) == len(demo.bookings)


@pytest.mark.parametrize("hour", [0, 6, 12, 18])
def test_every_state_is_there_whenever_it_is_made(now: datetime, hour: int) -> None:
    """On any day and hour, every state occurs, also between client1 and contractor1."""
    moment = now.replace(hour=hour) + timedelta(days=hour)
    demo = filled(moment)
    states = set(ALIST.lifecycle.phases)
    assert {one.state for one in demo.bookings} == states
    assert {one.state for one in of_pair(demo, 1, client1(demo))} == states
    assert len(demo.bookings) > 200


def test_appointments_are_numbered_as_they_were_asked_for(demo: Filling, now: datetime) -> None:
    """Ids count from 1 in order of the request; 30 days back and 7 ahead are covered."""
    assert [one.id for one in demo.bookings] == [str(n) for n in range(1, len(demo.bookings) + 1)]
    asked = [one.created_at for one in demo.bookings]
    assert asked == sorted(asked) and asked[-1] < now
    first, last = min(one.starts_at for one in demo.bookings), max(one.starts_at for one in demo.bookings)
    assert now - timedelta(days=31) < first < now - timedelta(days=27)
    assert now + timedelta(days=5) < last < now + timedelta(days=8)


def test_states_fit_the_clock(demo: Filling, now: datetime) -> None:
    """What is completed has ended; what has ended is completed or called off; nothing lies in the future."""
    for one in demo.bookings:
        phase = ALIST.lifecycle.phases[one.state]
        assert one.created_at <= one.updated_at <= now and one.created_at < one.starts_at
        assert (one.completed_at is not None) == (phase is Phase.DONE)
        assert (one.cancelled_at is not None) == (phase is Phase.ENDED)
        assert (one.moved_by is not None) == (one.state == "RESCHEDULED") == (one.moved_count == 1)
        if one.completed_at is not None:
            assert one.ends_at <= one.completed_at <= now
        if one.cancelled_at is not None:
            assert one.created_at <= one.cancelled_at <= one.starts_at
            assert one.cancelled_by in (one.customer_id, one.provider_id)
        if phase in LIVE:
            assert one.ends_at > now - timedelta(minutes=20)


def test_a_contractors_appointments_never_overlap(demo: Filling) -> None:
    """Nobody is in two places; the length is that of the span."""
    by_provider: dict[int, list[Booking]] = defaultdict(list)
    for one in demo.bookings:
        assert one.ends_at - one.starts_at == timedelta(minutes=one.duration_minutes)
        by_provider[one.provider_id or 0].append(one)
    for own in by_provider.values():
        ordered = sorted(own, key=lambda one: one.starts_at)
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(ordered))


def test_days_hold_what_is_not_called_off(demo: Filling) -> None:
    """Each live or finished appointment holds its span in its contractor's day, once; nothing else does."""
    held = {hold.booking_id: (day, hold) for day in demo.days for hold in day.holds}
    assert sum(len(day.holds) for day in demo.days) == len(held)
    assert set(held) == {one.id for one in demo.bookings if one.cancelled_at is None}
    for one in demo.bookings:
        if one.cancelled_at is None:
            day, hold = held[one.id]
            assert (day.provider_id, day.date) == (one.provider_id, one.date)
            assert (hold.starts_at, hold.ends_at) == (one.starts_at, one.ends_at)


def test_appointments_name_whom_they_concern(demo: Filling) -> None:
    """Names are those of the account and of the business; the category is one the business offers."""
    users = {user.id: user for user in demo.users}
    services = {one.id: one.name for one in demo.services}
    for one in demo.bookings:
        provider = users[one.provider_id or 0]
        assert one.customer_name == users[one.customer_id].name
        assert one.provider_name == provider.public_name
        assert one.service_id in provider.skills and one.service_name == services[one.service_id]
        assert one.price_minor > 0 and one.address_line and one.customer_notes


def test_reviews_are_verified_by_finished_appointments(demo: Filling, now: datetime) -> None:
    """A review is verified exactly when an appointment of the two was finished before; one a pair."""
    assert len({(one.provider_id, one.customer_id) for one in demo.reviews}) == len(demo.reviews)
    assert {one.is_verified for one in demo.reviews} == {True, False}
    for review in demo.reviews:
        done = [
            one.completed_at
            for one in of_pair(demo, review.provider_id, review.customer_id)
            if one.completed_at is not None and one.completed_at <= review.created_at
        ]
        assert review.is_verified == bool(done)
        assert review.created_at <= now and 1 <= review.rating <= 5


def test_client1_can_still_review_contractor1(demo: Filling) -> None:
    """The document's example works: a finished appointment, and no review yet."""
    client = client1(demo)
    assert any(one.completed_at for one in of_pair(demo, 1, client))
    assert not [one for one in demo.reviews if (one.provider_id, one.customer_id) == (1, client)]


def test_figures_are_those_of_the_reviews(demo: Filling) -> None:
    """Accounts and profiles say what the reviews come to; reviews are numbered by professional."""
    users = {user.id: user for user in demo.users}
    done = Counter(one.provider_id for one in demo.bookings if one.completed_at is not None)
    for profile in demo.profiles:
        owner = users[profile.id]
        reviews = [one for one in demo.reviews if one.provider_id == profile.id]
        ratings = [one.rating for one in reviews]
        assert (owner.rating_sum, owner.rating_count) == (sum(ratings), len(ratings))
        assert profile.review_count == len(ratings)
        assert profile.rating == (sum(ratings) / len(ratings) if ratings else 0.0)
        assert [one.number for one in reviews] == list(range(1, len(reviews) + 1))
        assert owner.completed_jobs == done[profile.id]
    assert [one.id for one in demo.reviews] == list(range(1, len(demo.reviews) + 1))


def test_rooms_agree_with_what_was_said(demo: Filling, now: datetime) -> None:
    """Messages are numbered without gaps, said by members in order of time; the room shows the newest."""
    by_room: dict[int, list[object]] = defaultdict(list)
    for room in demo.rooms:
        said = [one for one in demo.messages if one.room_id == room.id]
        by_room[room.id] = list(said)
        assert [one.number for one in said] == list(range(1, room.messages_count + 1))
        assert all(one.sender_id in room.member_ids and one.sender_id in one.read_by for one in said)
        times = [one.created_at for one in said]
        assert times == sorted(times) and all(room.created_at <= one <= now for one in times)
        assert room.updated_at == (times[-1] if times else room.created_at)
        newest = room.last_message
        assert (newest is None) == (not said)
        if newest is not None:
            assert (newest.id, newest.content) == (said[-1].id, said[-1].content)
    assert [] in by_room.values() and max(map(len, by_room.values())) > 10
    assert [one.id for one in demo.messages] == list(range(1, len(demo.messages) + 1))


def test_what_is_unread_is_counted(demo: Filling) -> None:
    """A member's count is that of the messages they have not read; there are some, and most are read."""
    for room in demo.rooms:
        said = [one for one in demo.messages if one.room_id == room.id]
        for member in room.members:
            assert member.unread == sum(member.user_id not in one.read_by for one in said)
    unread = sum(member.unread for room in demo.rooms for member in room.members)
    assert 0 < unread < len(demo.messages) / 2


def test_the_first_room_is_client1s_with_contractor1(demo: Filling) -> None:
    """As the document's example; some room has more than two members."""
    assert set(demo.rooms[0].member_ids) == {1, client1(demo)}
    assert max(len(room.members) for room in demo.rooms) > 2


def test_taken_numbers_are_reserved(demo: Filling) -> None:
    """Every sequence goes on after the last number that the demo took."""
    rows = demo.rows()
    stores = {"users": "users", "services": "services", "bookings": "bookings", "openings": "openings"}
    stores |= {
        "payments": "payments",
        "portfolio": "portfolio_items",
        "reviews": "reviews",
        "rooms": "rooms",
        "messages": "messages",
    }
    for sequence, store in stores.items():
        assert demo.last_ids[sequence] == max(int(one.id) for one in rows[store])
