"""What has happened and will happen in the demo marketplace."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from server.clock import local_date, midnight, minute_of_day
from server.demo.homeserve.catalogue import SERVICES
from server.demo.homeserve.history import history, travel_minutes
from server.demo.homeserve.model import INDIA, DemoBooking, People
from server.places.table import Places


def _local_day(booking: DemoBooking) -> date:
    return local_date(booking.starts_at, INDIA)


def test_the_same_seed_and_day_give_the_same_bookings(
    seed: int, today: date, places: Places, crowd: People, bookings: tuple[DemoBooking, ...]
) -> None:
    """History depends on seed and day alone, and on both."""
    assert history(seed, today, crowd, places) == bookings
    assert history(seed + 1, today, crowd, places) != bookings
    assert history(seed, today + timedelta(days=1), crowd, places) != bookings


@pytest.mark.parametrize("other_seed", [1, 2, 3])
def test_there_are_600_from_thirty_days_back_to_seven_ahead(
    today: date, places: Places, crowd: People, other_seed: int
) -> None:
    """Exactly 600 bookings of distinct ids cover the window in order and never leave it."""
    drawn = history(other_seed, today, crowd, places)
    days = {_local_day(booking) for booking in drawn}
    assert len({booking.id for booking in drawn}) == len(drawn) == 600
    assert min(days) == today - timedelta(days=30)
    assert max(days) == today + timedelta(days=7)
    assert all(a.starts_at <= b.starts_at for a, b in pairwise(drawn))
    assert all(booking.starts_at.utcoffset() == timedelta() for booking in drawn)


def test_every_visit_fits_its_vendors_trade_area_and_shift(
    crowd: People, bookings: tuple[DemoBooking, ...]
) -> None:
    """The vendor has the skill, serves the pincode, and is free again before the shift ends."""
    vendors = {vendor.person.username: vendor for vendor in crowd.vendors}
    durations = {service.id: service.duration_minutes for service in SERVICES}
    for booking in bookings:
        assert booking.duration_minutes == durations[booking.service_id]
        if booking.vendor is None:
            continue
        vendor = vendors[booking.vendor]
        assert booking.service_id in vendor.skills
        assert booking.pincode in vendor.area_pincodes
        day = _local_day(booking)
        shift = vendor.shift_on(day.isoweekday())
        assert shift is not None
        assert minute_of_day(booking.starts_at, day, INDIA) >= shift.start_minute
        end = minute_of_day(booking.ends_at, day, INDIA)
        assert end + 2 * vendor.buffer_minutes <= shift.end_minute


@pytest.mark.parametrize("other_seed", [1, 2, 3, 4])
def test_no_vendor_is_in_two_places(today: date, places: Places, crowd: People, other_seed: int) -> None:
    """Between two visits of a vendor lie both buffers (15 minutes at least) and the travel."""
    buffers = {vendor.person.username: vendor.buffer_minutes for vendor in crowd.vendors}
    diaries = defaultdict(list)
    for booking in history(other_seed, today, crowd, places):
        if booking.vendor is not None:
            diaries[booking.vendor].append(booking)
    neighbours = [(a, b) for visits in diaries.values() for a, b in pairwise(visits)]
    assert any(_local_day(a) == _local_day(b) for a, b in neighbours)
    for a, b in neighbours:
        buffer = buffers[a.vendor or ""]
        assert buffer >= 15
        gap = timedelta(minutes=2 * buffer + travel_minutes(places, a.pincode, b.pincode))
        assert a.ends_at + gap <= b.starts_at, (a, b)


def test_states_agree_with_the_calendar(today: date, bookings: tuple[DemoBooking, ...]) -> None:
    """The past is completed or cancelled, the rest confirmed, pending or cancelled; only pending is open."""
    past = [booking for booking in bookings if _local_day(booking) < today]
    ahead = [booking for booking in bookings if _local_day(booking) >= today]
    assert {booking.state for booking in past} == {"completed", "cancelled"}
    assert {booking.state for booking in ahead} == {"confirmed", "pending", "cancelled"}
    assert {booking.state for booking in bookings if booking.vendor is None} == {"pending"}
    assert any(booking.state == "pending" and booking.vendor for booking in bookings)


def test_moments_come_in_order(today: date, bookings: tuple[DemoBooking, ...]) -> None:
    """A booking is made before it starts and before today; what is completed was so before today."""
    for booking in bookings:
        assert booking.created_at < min(booking.starts_at, midnight(today, INDIA))
        assert (booking.completed_at is not None) == (booking.state == "completed")
        if booking.completed_at is not None:
            assert booking.starts_at < booking.completed_at < midnight(today, INDIA)


def test_windows_end_within_the_day(bookings: tuple[DemoBooking, ...]) -> None:
    """An arrival window lies on the day of the visit."""
    for booking in bookings:
        closes = booking.starts_at + timedelta(minutes=booking.window_minutes)
        assert booking.window_minutes > 0
        assert local_date(closes, INDIA) == _local_day(booking)


def test_ratings_belong_to_completed_visits(bookings: tuple[DemoBooking, ...]) -> None:
    """Most completed visits are rated 1 to 5 with a comment, none else is, and opinions differ."""
    rated = [booking for booking in bookings if booking.rating is not None]
    completed = [booking for booking in bookings if booking.state == "completed"]
    assert all(booking.state == "completed" and booking.comment for booking in rated)
    assert all(1 <= (booking.rating or 0) <= 5 for booking in rated)
    assert len(completed) / 2 < len(rated) < len(completed)
    assert len({booking.rating for booking in rated}) >= 3


def test_customers_book_at_home(crowd: People, bookings: tuple[DemoBooking, ...]) -> None:
    """A booking is at its customer's pincode and address."""
    homes = {c.person.username: (c.person.pincode, c.address_line) for c in crowd.customers}
    assert all(homes[booking.customer] == (booking.pincode, booking.address_line) for booking in bookings)


def test_demand_has_a_pattern(bookings: tuple[DemoBooking, ...]) -> None:
    """Saturdays ask for more than Mondays, mornings for more than middays, some places for more."""
    weekdays = Counter(_local_day(booking).isoweekday() for booking in bookings)
    hours = Counter(booking.starts_at.astimezone(INDIA).hour for booking in bookings)
    pincodes = Counter(booking.pincode for booking in bookings)
    assert weekdays[6] > 1.3 * weekdays[1]
    assert hours[10] > 1.3 * hours[13]
    assert pincodes["110048"] > pincodes["110021"]
    assert len(pincodes) > 40
