"""HomeServe Pro: customers book vendors in Indian cities; staff onboard, operate, administer."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from engine.pricing import SurgePolicy
from engine.travel import TravelModel
from server.domain.asking import AskingLimits
from server.domain.cancellation import AFTER_THE_START, CancellationPolicy
from server.domain.disputes import SeverityPolicy
from server.domain.lifecycle import Lifecycle, Move, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Party
from server.domain.performance import Tier

CUSTOMER, VENDOR = "customer", "vendor"
ONBOARD_MANAGER, OPS_MANAGER, SUPER_ADMIN = "onboard_manager", "ops_manager", "super_admin"

_EITHER_SIDE = frozenset({Party.CUSTOMER, Party.PROVIDER, Party.STAFF})

LIFECYCLE = Lifecycle(
    start="pending",
    phases={
        "pending": Phase.OFFERED,
        "confirmed": Phase.AGREED,
        "in_progress": Phase.UNDERWAY,
        "completed": Phase.DONE,
        "cancelled": Phase.ENDED,
    },
    moves={
        ("pending", "accept"): Move("confirmed", frozenset({Party.PROVIDER})),
        ("confirmed", "start"): Move("in_progress", frozenset({Party.PROVIDER})),
        ("confirmed", "complete"): Move("completed", frozenset({Party.PROVIDER})),
        ("in_progress", "complete"): Move("completed", frozenset({Party.PROVIDER})),
        ("pending", "cancel"): Move("cancelled", _EITHER_SIDE),
        ("confirmed", "cancel"): Move("cancelled", _EITHER_SIDE),
        ("in_progress", "cancel"): Move("cancelled", frozenset({Party.STAFF})),
        ("pending", "reschedule"): Move("pending", _EITHER_SIDE),
        ("confirmed", "reschedule"): Move("confirmed", _EITHER_SIDE),
    },
)


def _day(*spans: tuple[int, float]) -> tuple[float, ...]:
    """Give 24 hourly values of spans (until which hour, value)."""
    starts = (0, *(until for until, _ in spans))
    return tuple(
        value for start, (until, value) in zip(starts, spans, strict=False) for _ in range(until - start)
    )


# Mean door-to-door speeds of Indian metros, km/h by local hour: free at night, slowest in the two rushes.
_WEEKDAY_KMH = _day((7, 32), (8, 26), (10, 19), (12, 21), (16, 23), (18, 19), (20, 17), (21, 21), (24, 28))
_WEEKEND_KMH = _day((8, 32), (10, 27), (12, 23), (17, 22), (20, 20), (22, 23), (24, 29))

TRAVEL = TravelModel(
    road_factor=1.35,
    speeds_kmh=_WEEKDAY_KMH * 5 + _WEEKEND_KMH * 2,
    free_flow_kmh=32.0,
    access_minutes=6.0,
)

# What an hour is worth by itself: cheaper at midday on weekdays, dearer in the evening and at weekends.
_WEEKDAY_HOURS = _day((7, 1.2), (8, 1.05), (12, 1.0), (16, 0.95), (17, 1.0), (18, 1.05), (21, 1.1), (24, 1.2))
_WEEKEND_HOURS = _day((7, 1.2), (8, 1.1), (9, 1.05), (12, 1.1), (16, 1.05), (20, 1.1), (21, 1.15), (24, 1.2))

SURGE = SurgePolicy(
    hour_table=_WEEKDAY_HOURS * 5 + _WEEKEND_HOURS * 2,
    demand_curve=((0.0, 1.0), (0.4, 1.0), (1.0, 1.2), (2.0, 1.45), (4.0, 1.6)),
    availability_curve=((0.0, 1.3), (0.25, 1.15), (0.5, 1.05), (0.75, 1.0), (1.0, 1.0)),
    floor=0.9,
    cap=2.0,
    levels=((0.0, "low"), (1.0, "normal"), (1.15, "high"), (1.5, "very_high")),
)

TIERS = (
    Tier("bronze"),
    Tier("silver", min_jobs=5, min_rating=4.0, min_completion=85, min_on_time=75, max_dispute=8),
    Tier("gold", min_jobs=15, min_rating=4.4, min_completion=92, min_on_time=85, max_dispute=5),
    Tier("platinum", min_jobs=40, min_rating=4.7, min_completion=97, min_on_time=95, max_dispute=2),
)

# Late notice costs whoever gives it: the customer a fee, the vendor a penalty; none at all costs most.
CANCELLATION = CancellationPolicy(
    {
        Party.CUSTOMER: (
            (timedelta(hours=24), 0.0),
            (timedelta(hours=4), 0.2),
            (timedelta(0), 0.5),
            (AFTER_THE_START, 1.0),
        ),
        Party.PROVIDER: (
            (timedelta(hours=24), 0.0),
            (timedelta(hours=4), 0.1),
            (timedelta(0), 0.2),
            (AFTER_THE_START, 0.3),
        ),
    }
)

# From 1,000 and from 3,000 rupees on there is more at stake.
SEVERITY = SeverityPolicy(prices_minor=(1_000_00, 3_000_00))

HOMESERVE = Marketplace(
    name="homeserve",
    roles={
        CUSTOMER: Party.CUSTOMER,
        VENDOR: Party.PROVIDER,
        ONBOARD_MANAGER: Party.STAFF,
        OPS_MANAGER: Party.STAFF,
        SUPER_ADMIN: Party.STAFF,
    },
    customer_role=CUSTOMER,
    provider_role=VENDOR,
    lifecycle=LIFECYCLE,
    timezone=ZoneInfo("Asia/Kolkata"),
    currency="inr",
    surge=SURGE,
    travel=TRAVEL,
    user_managers=frozenset({OPS_MANAGER, SUPER_ADMIN}),
    staff_makers=frozenset({SUPER_ADMIN}),
    tiers=TIERS,
    cancellation=CANCELLATION,
    # A vendor's pending time is held, and calling it off is free for long.
    asking=AskingLimits(with_one=30, hours_with_one=60, in_all=300, an_hour_with_one=120),
    mediators=frozenset({OPS_MANAGER, SUPER_ADMIN}),
    supervisors=frozenset({SUPER_ADMIN}),
    severity=SEVERITY,
    reviewers=frozenset({ONBOARD_MANAGER, SUPER_ADMIN}),
)
