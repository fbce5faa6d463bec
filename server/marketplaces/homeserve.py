"""HomeServe Pro: customers book vendors in Indian cities; staff onboard, operate, administer."""

from zoneinfo import ZoneInfo

from engine.pricing import SurgePolicy
from engine.travel import TravelModel
from server.domain.lifecycle import Lifecycle, Move, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Party

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
    },
)

# Mean door-to-door speeds of Indian metros, km/h by local hour: free at night, slowest in the two rushes.
_WEEKDAY_KMH: tuple[float, ...] = (32.0,) * 7 + (
    26.0,
    20.0,
    18.0,
    20.0,
    22.0,
    23.0,
    23.0,
    23.0,
    22.0,
    20.0,
    18.0,
    17.0,
    18.0,
    21.0,
)
_WEEKDAY_KMH += (25.0, 28.0, 30.0)
_WEEKEND_KMH: tuple[float, ...] = (32.0,) * 8 + (
    28.0,
    26.0,
    24.0,
    23.0,
    22.0,
    22.0,
    23.0,
    23.0,
    22.0,
    21.0,
    20.0,
    20.0,
    22.0,
    25.0,
)
_WEEKEND_KMH += (28.0, 30.0)

TRAVEL = TravelModel(
    road_factor=1.35,
    speeds_kmh=_WEEKDAY_KMH * 5 + _WEEKEND_KMH * 2,
    free_flow_kmh=32.0,
    access_minutes=6.0,
)

# What an hour is worth by itself: cheaper at midday on weekdays, dearer in the evening and at weekends.
_WEEKDAY_HOURS: tuple[float, ...] = (1.2,) * 7 + (1.05, 1.0, 1.0, 1.0, 1.0, 0.95, 0.95, 0.95, 0.95, 1.0, 1.05, 1.1, 1.1, 1.1)
_WEEKDAY_HOURS += (1.2, 1.2, 1.2)
_WEEKEND_HOURS: tuple[float, ...] = (1.2,) * 7 + (1.1, 1.05, 1.1, 1.1, 1.1, 1.05, 1.05, 1.05, 1.05, 1.1, 1.1, 1.1, 1.1, 1.15)
_WEEKEND_HOURS += (1.2, 1.2, 1.2)

SURGE = SurgePolicy(
    hour_table=_WEEKDAY_HOURS * 5 + _WEEKEND_HOURS * 2,
    demand_curve=((0.0, 1.0), (0.4, 1.0), (1.0, 1.2), (2.0, 1.45), (4.0, 1.6)),
    availability_curve=((0.0, 1.3), (0.25, 1.15), (0.5, 1.05), (0.75, 1.0), (1.0, 1.0)),
    floor=0.9,
    cap=2.0,
    levels=((0.0, "low"), (1.0, "normal"), (1.15, "high"), (1.5, "very_high")),
)

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
)
