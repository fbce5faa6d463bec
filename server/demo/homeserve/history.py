"""The demo's bookings: thirty days of past, a week to come, drawn with the patterns real demand has.

More is asked for at weekends, in the morning and after work, and in some pincodes than in others; the
best-known vendor of a trade gets most of it. Every visit fits its vendor's day: whole within the shift,
with the buffers and the travel between places, so that no two overlap.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from random import Random
from uuid import UUID

from server.clock import at_minute, midnight
from server.demo.homeserve.catalogue import SERVICES
from server.demo.homeserve.cities import CITIES
from server.demo.homeserve.model import INDIA, Customer, DemoBooking, DemoService, People, Vendor, WorkShift
from server.places.globe import great_circle_km
from server.places.table import Places

BOOKINGS = 600
DAYS_BACK, DAYS_AHEAD = 30, 7

ROAD_FACTOR, SLOWEST_KMH, DOOR_MINUTES = 1.4, 15.0, 8.0
"""Slower than any city's travel model at its worst hour, so that its legs always fit in these."""

_DAY_DEMAND = (0.9, 0.85, 0.9, 0.95, 1.1, 1.5, 1.3)
"""By weekday, Monday first."""
_HOUR_DEMAND = {7: 2, 8: 5, 9: 9, 10: 10, 11: 8, 12: 5, 13: 4, 14: 4, 15: 5, 16: 6, 17: 8, 18: 7, 19: 3}
_WEEKEND_HOUR_DEMAND = {8: 3, 9: 7, 10: 10, 11: 10, 12: 8, 13: 6, 14: 6, 15: 6, 16: 6, 17: 5, 18: 3}

_COMMENTS = {
    5: ("Excellent service, very professional!", "On time, tidy and friendly.", "Fixed at the first visit."),
    4: ("Good work, came a little late.", "Happy with the result.", "Solid job at a fair price."),
    3: ("The work is fine, communication could be better.", "Took longer than expected."),
    2: ("Had to remind them twice of what was agreed.", "Left quite a mess."),
    1: ("The problem came back the next day.",),
}
_NOTES = ("", "", "", "Please call before you arrive.", "Second floor, no lift.", "Ring the bell twice.")


@dataclass(frozen=True, slots=True)
class _Visit:
    """A placed visit in minutes from local midnight."""

    start: int
    end: int
    pincode: str


class _Diaries:
    """What each vendor has on each date; a visit enters only if the whole day still works."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._visits: dict[tuple[str, Date], list[_Visit]] = defaultdict(list)

    def take(self, vendor: Vendor, day: Date, visit: _Visit) -> bool:
        """Add a visit to a vendor's day if it fits; say whether it did."""
        shift = vendor.shift_on(day.isoweekday())
        if shift is None:
            return False
        visits = sorted([*self._visits[vendor.person.username, day], visit], key=lambda one: one.start)
        if not self._works(vendor, shift, visits):
            return False
        self._visits[vendor.person.username, day] = visits
        return True

    def _works(self, vendor: Vendor, shift: WorkShift, visits: Sequence[_Visit]) -> bool:
        buffers = 2 * vendor.buffer_minutes
        stops = [vendor.base_pincode, *(visit.pincode for visit in visits), vendor.base_pincode]
        legs = [travel_minutes(self._places, a, b) for a, b in pairwise(stops)]
        whole = all(
            visit.start >= shift.start_minute
            and visit.end + buffers + max(to_leg, from_leg) <= shift.end_minute
            for visit, (to_leg, from_leg) in zip(visits, pairwise(legs), strict=True)
        )
        apart = all(
            before.end + buffers + leg <= after.start
            for (before, after), leg in zip(pairwise(visits), legs[1:], strict=False)
        )
        return whole and apart


def travel_minutes(places: Places, origin: str, target: str) -> int:
    """Give a cautious whole number of minutes between two pincodes."""
    a, b = places.get(origin), places.get(target)
    km = ROAD_FACTOR * great_circle_km((a.lat, a.lng), (b.lat, b.lng))
    return ceil(60 * km / SLOWEST_KMH + DOOR_MINUTES)


def history(seed: int, today: Date, people: People, places: Places) -> tuple[DemoBooking, ...]:
    """Give 600 bookings from 30 days before `today` to 7 after it, in order of start.

    Days before `today` hold only completed and cancelled bookings; from `today` on there are confirmed,
    pending (some without a vendor) and cancelled ones. Nothing was created after the first minute of today.
    """
    rng = Random(f"history-{seed}")
    diaries = _Diaries(places)
    customers = _by_pincode(people.customers)
    bookings: list[DemoBooking] = []
    while len(bookings) < BOOKINGS:
        day = _draw_day(rng, today)
        start = _draw_start(rng, day)
        customer = rng.choice(_draw_neighbours(rng, customers))
        service = rng.choices(SERVICES, [service.popularity for service in SERVICES])[0]
        visit = _Visit(start, start + service.duration_minutes, customer.person.pincode)
        vendor = _draw_vendor(rng, people.vendors, service, visit.pincode)
        if vendor is not None and diaries.take(vendor, day, visit):
            bookings.append(_booking(rng, today, customer, vendor, service, at_minute(day, start, INDIA)))
    return tuple(sorted(bookings, key=lambda booking: (booking.starts_at, booking.id)))


def _by_pincode(customers: Sequence[Customer]) -> Mapping[str, Sequence[Customer]]:
    grouped: dict[str, list[Customer]] = defaultdict(list)
    for customer in customers:
        grouped[customer.person.pincode].append(customer)
    return grouped


def _draw_day(rng: Random, today: Date) -> Date:
    days = [today + timedelta(days=offset) for offset in range(-DAYS_BACK, DAYS_AHEAD + 1)]
    return rng.choices(days, [_DAY_DEMAND[day.weekday()] for day in days])[0]


def _draw_start(rng: Random, day: Date) -> int:
    """Give a minute of day on the hour or half hour."""
    hours = _WEEKEND_HOUR_DEMAND if day.isoweekday() > 5 else _HOUR_DEMAND
    return 60 * rng.choices(list(hours), list(hours.values()))[0] + rng.choice((0, 30))


def _draw_neighbours(rng: Random, customers: Mapping[str, Sequence[Customer]]) -> Sequence[Customer]:
    """Give the customers of a locality, chosen by its demand."""
    localities = [locality for city in CITIES for locality in city.localities]
    drawn = rng.choices(localities, [locality.demand for locality in localities])[0]
    return customers[drawn.pincode]


def _draw_vendor(rng: Random, vendors: Sequence[Vendor], service: DemoService, pincode: str) -> Vendor | None:
    able = [vendor for vendor in vendors if service.id in vendor.skills and pincode in vendor.area_pincodes]
    return rng.choices(able, [vendor.busyness for vendor in able])[0] if able else None


def _booking(
    rng: Random, today: Date, customer: Customer, vendor: Vendor, service: DemoService, starts_at: datetime
) -> DemoBooking:
    is_past = starts_at < midnight(today, INDIA)
    states = (
        {"completed": 88, "cancelled": 12} if is_past else {"confirmed": 72, "pending": 22, "cancelled": 6}
    )
    state = rng.choices(list(states), list(states.values()))[0]
    is_open = state == "pending" and rng.random() < 0.4
    finished = starts_at + timedelta(
        minutes=service.duration_minutes + rng.randint(-10, vendor.buffer_minutes)
    )
    late = rng.randint(0, 20) if rng.random() < 0.75 + 0.25 * vendor.quality else rng.randint(61, 150)
    rating = _draw_rating(rng, vendor.quality) if state == "completed" and rng.random() < 0.8 else None
    return DemoBooking(
        id=str(UUID(int=rng.getrandbits(128), version=4)),
        customer=customer.person.username,
        vendor=None if is_open else vendor.person.username,
        service_id=service.id,
        pincode=customer.person.pincode,
        address_line=customer.address_line,
        starts_at=starts_at,
        duration_minutes=service.duration_minutes,
        window_minutes=rng.choice((60, 60, 90, 120)),
        state=state,
        created_at=_draw_created(rng, today, starts_at),
        started_at=starts_at + timedelta(minutes=late) if state == "completed" else None,
        completed_at=finished if state == "completed" else None,
        rating=rating,
        comment=rng.choice(_COMMENTS[rating]) if rating is not None else "",
        customer_notes=rng.choice(_NOTES),
    )


def _draw_created(rng: Random, today: Date, starts_at: datetime) -> datetime:
    """Give when it was booked: two hours to six days ahead, and always before today began."""
    booked = starts_at - timedelta(minutes=rng.randint(120, 6 * 1440))
    yesterday = midnight(today, INDIA) - timedelta(minutes=rng.randint(1, 2 * 1440))
    return min(booked, yesterday)


def _draw_rating(rng: Random, quality: float) -> int:
    """Give 1..5 stars: four steps up from one, each taken as often as the vendor is good."""
    good = 0.55 + 0.4 * quality
    return 1 + sum(rng.random() < good for _ in range(4))
