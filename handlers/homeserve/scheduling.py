"""Smart scheduling: a vendor's free slots, and the best of them."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from handlers.call import Call
from handlers.fields import Id, Pincode, WireTime
from handlers.homeserve.roles import EVERYONE
from handlers.reading import Body, Query
from handlers.route import Route
from server.services.time.scheduling import FreeSlot


class SlotQuery(Query):
    vendor_id: Id
    service_id: Id
    customer_pincode: Pincode
    preferred_date: date


class SuggestionBody(Body):
    vendor_id: Id
    service_id: Id
    customer_pincode: Pincode
    preferred_date: date


class SlotOut(BaseModel):
    start_time: WireTime
    end_time: WireTime
    is_available: bool
    score: float
    travel_time_minutes: int
    buffer_time_minutes: int


class SlotsOut(BaseModel):
    available_slots: list[SlotOut]
    total_slots: int


class OptimalSlot(BaseModel):
    recommended_time: WireTime
    score: float
    reasoning: str
    travel_time_minutes: int
    estimated_duration_minutes: int


class SuggestionOut(BaseModel):
    optimal_slot: OptimalSlot


def slot_out(slot: FreeSlot) -> dict[str, Any]:
    """Give a free slot's documented fields."""
    return {
        "start_time": slot.starts_at,
        "end_time": slot.free_at,
        "is_available": True,
        "score": slot.score,
        "travel_time_minutes": slot.travel_minutes,
        "buffer_time_minutes": slot.buffer_minutes,
    }


async def list_slots(call: Call) -> dict[str, Any]:
    """Give every slot of a day that can be booked with a vendor."""
    query: SlotQuery = call.query
    free = await call.market.scheduling.slots(
        query.vendor_id, query.service_id, query.customer_pincode, query.preferred_date
    )
    return {"available_slots": [slot_out(slot) for slot in free], "total_slots": len(free)}


async def suggest_slot(call: Call) -> dict[str, Any]:
    """Give the best-scored slot of a day, with its reasons."""
    body: SuggestionBody = call.body
    best = await call.market.scheduling.best(
        body.vendor_id, body.service_id, body.customer_pincode, body.preferred_date
    )
    return {
        "optimal_slot": {
            "recommended_time": best.slot.starts_at,
            "score": best.slot.score,
            "reasoning": _sentence(best.slot.reasons),
            "travel_time_minutes": best.slot.travel_minutes,
            "estimated_duration_minutes": best.duration_minutes,
        }
    }


def _sentence(reasons: tuple[str, ...]) -> str:
    """Give the reasons as one sentence."""
    text = ", ".join(reasons)
    return f"{text[:1].upper()}{text[1:]}"


ROUTES = (
    Route("GET", "/api/smart-scheduling/", list_slots, roles=EVERYONE, query=SlotQuery, reply=SlotsOut),
    Route(
        "POST",
        "/api/smart-scheduling/",
        suggest_slot,
        roles=EVERYONE,
        body=SuggestionBody,
        reply=SuggestionOut,
    ),
)
