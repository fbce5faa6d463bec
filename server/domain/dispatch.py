"""A dispatch: a day of many providers planned at once, proposed, and applied as a whole or not at all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.fleet.problem import Reason


class DispatchState(StrEnum):
    QUEUED = "queued"
    PLANNING = "planning"
    PROPOSED = "proposed"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = frozenset({DispatchState.QUEUED, DispatchState.PLANNING})


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How to plan.

    budget_seconds       : of the search
    may_reassign         : whether agreed bookings that have not begun may get another provider, or another
                           time within the window that their customer gave
    drop_penalty_minutes : minutes of travel that a booking without a provider is worth
    move_penalty_minutes : minutes of travel that taking an agreed booking from its provider must save
    """

    budget_seconds: float = 5.0
    may_reassign: bool = False
    drop_penalty_minutes: int = 240
    move_penalty_minutes: int = 30


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A booking in a proposed route; `revision`, `old_*` are as it was when the plan was made."""

    booking_id: str
    service_name: str
    revision: int
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    travel_minutes: int
    old_provider_id: int | None
    old_starts_at: datetime

    def changes(self, provider_id: int) -> bool:
        """Say whether applying it changes the booking."""
        return self.old_provider_id != provider_id or self.old_starts_at != self.starts_at


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """A provider's day as proposed; `day_revision` is that of the day when the plan was made."""

    provider_id: int
    provider_name: str
    day_revision: int
    travel_minutes: int
    old_travel_minutes: int
    finishes_at: datetime
    visits: tuple[PlannedVisit, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A booking that the plan gives to nobody, and why; see `engine.fleet.problem.Reason` and `Dropped`."""

    booking_id: str
    service_name: str
    reason: Reason
    provider_id: int | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One run.

    progress : 0..1
    cost     : travel minutes and penalties of the best plan so far
    """

    id: str
    date: str
    pincodes: tuple[str, ...]
    policy: DispatchPolicy
    state: DispatchState
    asked_by: int
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    progress: float = 0.0
    cost: int | None = None
    bookings: int = 0
    providers: int = 0
    travel_minutes: int = 0
    old_travel_minutes: int = 0
    routes: tuple[PlannedRoute, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    applied_at: datetime | None = None
    error: str = ""
