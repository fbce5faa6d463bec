"""The demo's appointments. A contractor's never overlap, whatever their state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta
from itertools import cycle
from random import Random

from server import clock
from server.demo.alist.catalogue import TRADES
from server.demo.alist.people import Person
from server.domain.entities import Booking, User
from server.domain.parties import Party
from server.domain.profiles import Profile
from server.marketplaces.alist import ALIST
from server.services.bookings.appointments import AGREED_LEVEL
from server.services.time.diary import NOWHERE

DAYS_BACK, DAYS_AHEAD = 30, 7
_BUSY = 0.22
"""How likely a contractor works on a day, and goes on; on Sundays a quarter of it."""
_BUSIEST = 0.45
"""contractor1's, who is everybody's first example."""
_PAST = {"COMPLETED": 85, "CANCELLED": 15}
_AHEAD = {"REQUESTED": 30, "CONFIRMED": 40, "RESCHEDULED": 15, "CANCELLED": 15}
"""What becomes of them, and how often."""
_FINISHED_WITHIN = timedelta(minutes=20)
_REASONS = ("", "", "Found somebody nearer", "Ill, sorry", "Not needed any more")
_URGENT = ("", "", "", " - urgent", " - please call first")


@dataclass(frozen=True, slots=True)
class _Ask:
    """An appointment before it is known what became of it.

    is_regular : client1's with contractor1, one on every workday: both have some in every state
    """

    client: Person
    profile: Profile
    service_id: int
    starts_at: datetime
    minutes: int
    is_regular: bool


def visits(seed: int, now: datetime, clients: Sequence[Person], profiles: Sequence[Profile]) -> list[Booking]:
    """Give appointments from 30 days before `now` to 7 after it, numbered as they were asked for.

    What has ended is completed or called off; what goes on now is confirmed; every state lies ahead.
    """
    rng = Random(f"alist-visits-{seed}")
    today = clock.local_date(now, ALIST.timezone)
    turns = cycle(_AHEAD)
    made = [
        _appointment(rng, now, ask, _state(rng, now, ask, turns))
        for ask in _asks(rng, today, clients, profiles)
    ]
    made.sort(key=lambda booking: (booking.created_at, booking.starts_at))
    return [replace(booking, id=str(number)) for number, booking in enumerate(made, 1)]


def _asks(rng: Random, today: Date, clients: Sequence[Person], profiles: Sequence[Profile]) -> list[_Ask]:
    asks: list[_Ask] = []
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        for profile in profiles:
            is_sunday = day.isoweekday() == 7
            busy = _BUSY * (0.25 if is_sunday else 1)
            is_regular = profile.id == 1 and not is_sunday
            minute = 480 + 30 * rng.randint(0, 6)
            while (is_regular or rng.random() < busy) and minute < 1020:
                client = clients[0] if is_regular else rng.choice(clients)
                minutes = 30 * rng.randint(2, 6)
                starts_at = clock.at_minute(day, minute, ALIST.timezone)
                service_id = rng.choice(profile.service_ids)
                asks.append(_Ask(client, profile, service_id, starts_at, minutes, is_regular))
                minute += minutes + 30 * rng.randint(0, 3)
                is_regular, busy = False, _BUSIEST if profile.id == 1 else _BUSY
    return asks


def _state(rng: Random, now: datetime, ask: _Ask, turns: Iterator[str]) -> str:
    """Give what became of an appointment by `now`; regular ones that lie ahead take turns."""
    ends_at = ask.starts_at + timedelta(minutes=ask.minutes)
    if ends_at + _FINISHED_WITHIN <= now:
        return _drawn(rng, _PAST)
    if ask.starts_at <= now:
        return "CONFIRMED"
    return next(turns) if ask.is_regular else _drawn(rng, _AHEAD)


def _appointment(rng: Random, now: datetime, ask: _Ask, state: str) -> Booking:
    """Give an appointment with what became of it until now; its id is still to be given."""
    ends_at = ask.starts_at + timedelta(minutes=ask.minutes)
    finished = ends_at + timedelta(minutes=rng.randint(0, 15))
    asked = ask.starts_at - timedelta(minutes=rng.randint(1440, 8 * 1440))
    asked = min(asked, now - timedelta(minutes=rng.randint(120, 3 * 1440)))
    answered = _between(rng, asked, min(ask.starts_at, now))
    booking = _asked(ask, ends_at, asked, rng.choice(TRADES[ask.service_id].jobs) + rng.choice(_URGENT))
    by = rng.choice((Party.CUSTOMER, Party.PROVIDER))
    if state == "COMPLETED":
        return replace(booking, state=state, updated_at=finished, completed_at=finished)
    if state == "CANCELLED":
        who = ask.client.user.id if by is Party.CUSTOMER else ask.profile.id
        return replace(
            booking,
            state=state,
            updated_at=answered,
            cancelled_at=answered,
            cancelled_by=who,
            fault=by,
            cancel_reason=rng.choice(_REASONS),
        )
    if state == "RESCHEDULED":
        return replace(booking, state=state, updated_at=answered, moved_by=by, moved_count=1)
    return replace(booking, state=state, updated_at=answered if state == "CONFIRMED" else asked)


def _asked(ask: _Ask, ends_at: datetime, asked: datetime, notes: str) -> Booking:
    """Give an appointment as it was asked for."""
    client: User = ask.client.user
    trade, (lat, lng) = TRADES[ask.service_id], NOWHERE
    price = 500 * round(100 * trade.hourly * ask.minutes / 60 / 500)
    return Booking(
        id="",
        customer_id=client.id,
        customer_name=client.name,
        service_id=trade.id,
        service_name=trade.name,
        state=ALIST.lifecycle.start,
        price_minor=price,
        base_price_minor=price,
        surge_multiplier=1.0,
        demand_level=AGREED_LEVEL,
        pincode="",
        lat=lat,
        lng=lng,
        starts_at=ask.starts_at,
        ends_at=ends_at,
        window_start=ask.starts_at,
        window_end=ask.starts_at,
        date=clock.local_date(ask.starts_at, ALIST.timezone).isoformat(),
        hour=clock.hour_start(ask.starts_at, ALIST.timezone),
        duration_minutes=ask.minutes,
        before_minutes=0,
        after_minutes=0,
        created_at=asked,
        updated_at=asked,
        provider_id=ask.profile.id,
        provider_name=ask.profile.business_name,
        customer_notes=notes,
        address_line=ask.client.home,
    )


def _drawn(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _between(rng: Random, start: datetime, end: datetime) -> datetime:
    """Give a moment between two, on a whole second after the first."""
    seconds = int((end - start).total_seconds())
    return start + timedelta(seconds=rng.randint(min(60, seconds), seconds))
