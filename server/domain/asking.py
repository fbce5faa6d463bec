"""How much of providers' time a customer may hold by asking, before anybody has agreed to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.errors import Conflict, TooMany

HOUR = timedelta(hours=1)
_ADVICE = "Wait for one of them, or call a booking off."


@dataclass(frozen=True, slots=True)
class AskingLimits:
    """What one customer's bookings with providers they name may come to; open to several, none counts.

    with_one, hours_with_one : unanswered bookings with one provider, and their length together
    in_all                   : unanswered bookings with all providers
    an_hour_with_one         : bookings made within an hour, answered or called off since or not: each call
                               rings a provider's phone
    """

    with_one: int
    hours_with_one: int
    in_all: int
    an_hour_with_one: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One booking of a customer, as far as it counts here."""

    provider_id: int
    is_open: bool
    starts_at: datetime
    ends_at: datetime
    created_at: datetime


def check_waiting(limits: AskingLimits, others: Sequence[Asked], asked: Asked, now: datetime) -> None:
    """Raise Conflict when one more is too many, until somebody has answered.

    others : the customer's other bookings; what was never answered counts until its time has come
    """
    waiting = [one for one in others if one.is_open and one.starts_at > now]
    if len(waiting) >= limits.in_all:
        raise Conflict(f"You wait for {len(waiting)} answers already. {_ADVICE}")
    same = [one for one in waiting if one.provider_id == asked.provider_id]
    held = sum((one.ends_at - one.starts_at for one in (*same, asked)), timedelta())
    if len(same) >= limits.with_one:
        raise Conflict(f"You wait for {len(same)} answers of this provider already. {_ADVICE}")
    if held > limits.hours_with_one * HOUR:
        hours = limits.hours_with_one
        raise Conflict(f"You may ask one provider for {hours} hours at most until they have answered.")


def check_pace(limits: AskingLimits, others: Sequence[Asked], provider_id: int, now: datetime) -> None:
    """Raise TooMany for who books a provider again and again."""
    same = (one.created_at for one in others if one.provider_id == provider_id)
    lately = sorted(at for at in same if at > now - HOUR)
    if len(lately) >= limits.an_hour_with_one:
        wait = lately[-limits.an_hour_with_one] + HOUR - now
        raise TooMany(retry_after_seconds=max(1, round(wait.total_seconds())))
