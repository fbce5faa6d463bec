"""A-List Home Professionals: clients ask for appointments, talk to professionals and pay them directly."""

from zoneinfo import ZoneInfo

from engine.pricing import SurgePolicy
from engine.travel import TravelModel
from server.domain.asking import AskingLimits
from server.domain.lifecycle import Lifecycle, Move, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Party

CLIENT, CONTRACTOR, CREW, SPECIALIST, ADMIN = "client", "contractor", "crew", "specialist", "admin"

_ANYBODY = frozenset({Party.CUSTOMER, Party.PROVIDER, Party.STAFF})
_PROFESSIONAL = frozenset({Party.PROVIDER, Party.STAFF})

LIFECYCLE = Lifecycle(
    start="REQUESTED",
    phases={
        "REQUESTED": Phase.OFFERED,
        "CONFIRMED": Phase.AGREED,
        "RESCHEDULED": Phase.OFFERED,
        "COMPLETED": Phase.DONE,
        "CANCELLED": Phase.ENDED,
    },
    moves={
        ("REQUESTED", "confirm"): Move("CONFIRMED", _PROFESSIONAL),
        ("RESCHEDULED", "confirm"): Move("CONFIRMED", _ANYBODY, by_other=True),
        ("CONFIRMED", "complete"): Move("COMPLETED", _PROFESSIONAL),
        ("REQUESTED", "cancel"): Move("CANCELLED", _ANYBODY),
        ("CONFIRMED", "cancel"): Move("CANCELLED", _ANYBODY),
        ("RESCHEDULED", "cancel"): Move("CANCELLED", _ANYBODY),
        ("REQUESTED", "reschedule"): Move("RESCHEDULED", _ANYBODY),
        ("CONFIRMED", "reschedule"): Move("RESCHEDULED", _ANYBODY),
        ("RESCHEDULED", "reschedule"): Move("RESCHEDULED", _ANYBODY),
    },
    charges=False,
)

# Client and professional agree on a price and a place by themselves: no surge, and no way between two places.
SURGE = SurgePolicy(
    hour_table=(1.0,) * 168,
    demand_curve=((0.0, 1.0), (1.0, 1.0)),
    availability_curve=((0.0, 1.0), (1.0, 1.0)),
    floor=1.0,
    cap=1.0,
    levels=((0.0, "normal"),),
)
TRAVEL = TravelModel(road_factor=1.0, speeds_kmh=(40.0,) * 168, free_flow_kmh=40.0, access_minutes=0.0)

ALIST = Marketplace(
    name="alist",
    roles={
        CLIENT: Party.CUSTOMER,
        CONTRACTOR: Party.PROVIDER,
        CREW: Party.PROVIDER,
        SPECIALIST: Party.PROVIDER,
        ADMIN: Party.STAFF,
    },
    customer_role=CLIENT,
    provider_role=CONTRACTOR,
    open_roles=frozenset({CLIENT, CONTRACTOR, CREW, SPECIALIST}),
    lifecycle=LIFECYCLE,
    timezone=ZoneInfo("UTC"),
    currency="usd",
    surge=SURGE,
    travel=TRAVEL,
    user_managers=frozenset({ADMIN}),
    staff_makers=frozenset({ADMIN}),
    signs_in_by_email=True,
    rotates_refresh=True,
    access_token_minutes=24 * 60,
    numbers_ids=True,
    placeless=True,
    shared_details=frozenset({"customer_notes", "address_line", "price_minor"}),
    consent_hours=0,
    # Whatever is asked for is held at once, and anybody may ask.
    asking=AskingLimits(with_one=30, hours_with_one=60, in_all=100, an_hour_with_one=40),
    booking_horizon_days=730,
    buffer_minutes=0,
)
