"""A whole marketplace in one file: other roles, states, envelope, error bodies and paths than any other.

Cats are groomed here: an owner asks, a groomer takes, a keeper watches. Nothing in the core knows it.
"""

from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from engine.pricing import SurgePolicy
from engine.travel import TravelModel
from handlers.call import Call
from handlers.fields import Id, Moment, Pincode, WireTime
from handlers.reading import Body
from handlers.route import Face, Route
from server import errors
from server.domain.entities import Booking
from server.domain.lifecycle import Lifecycle, Move, Phase
from server.domain.marketplace import Marketplace
from server.domain.parties import Party
from server.services.bookings.bookings import Wish

OWNER, GROOMER = frozenset({"owner"}), frozenset({"groomer"})

TINY = Marketplace(
    name="tiny",
    roles={"owner": Party.CUSTOMER, "groomer": Party.PROVIDER, "keeper": Party.STAFF},
    customer_role="owner",
    provider_role="groomer",
    lifecycle=Lifecycle(
        start="wished",
        phases={"wished": Phase.OFFERED, "promised": Phase.AGREED, "purring": Phase.DONE, "off": Phase.ENDED},
        moves={
            ("wished", "promise"): Move("promised", frozenset({Party.PROVIDER})),
            ("promised", "groom"): Move("purring", frozenset({Party.PROVIDER})),
            ("wished", "drop"): Move("off", frozenset({Party.CUSTOMER})),
        },
    ),
    timezone=ZoneInfo("Asia/Kolkata"),
    currency="inr",
    surge=SurgePolicy(
        hour_table=(1.0,) * 168,
        demand_curve=((0.0, 1.0), (1.0, 1.0)),
        availability_curve=((0.0, 1.0), (1.0, 1.0)),
        floor=1.0,
        cap=1.0,
        levels=((0.0, "calm"),),
    ),
    travel=TravelModel(road_factor=1.3, speeds_kmh=(25.0,) * 168, free_flow_kmh=30.0, access_minutes=5.0),
    user_managers=frozenset({"keeper"}),
    staff_makers=frozenset({"keeper"}),
)


class NewJob(Body):
    grooming: Id
    where: Pincode
    at: Moment


class JobOut(BaseModel):
    job: str
    phase: str
    at: WireTime


def job_out(booking: Booking) -> dict[str, Any]:
    return {"job": booking.id, "phase": booking.state, "at": booking.starts_at}


async def ask(call: Call) -> dict[str, Any]:
    """Wish for a grooming."""
    body: NewJob = call.body
    return job_out(await call.market.bookings.create(call.caller, Wish(body.grooming, body.where, body.at)))


async def promise(call: Call) -> dict[str, Any]:
    """Take a wish."""
    return job_out(await call.market.moves.move(call.caller, call.path["job"], "promise"))


TINY_FACE = Face(
    marketplace=TINY,
    routes=(
        Route("PUT", "/cats/jobs", ask, roles=OWNER, body=NewJob, reply=JobOut),
        Route("POST", "/cats/jobs/{job:uuid}/promise", promise, roles=GROOMER, reply=JobOut, status=202),
    ),
    errors={
        errors.MarketError: (418, lambda error: {"ok": False, "why": error.message}),
        errors.NotFound: (410, lambda error: {"ok": False, "why": "gone"}),
        errors.Unauthenticated: (401, lambda error: {"ok": False, "why": "who are you?"}),
    },
    read_token=lambda authorization: authorization or None,
    unexpected=lambda details: {"ok": False, "why": details},
    wrap=lambda answer: {"ok": True, "cat": answer},
)
