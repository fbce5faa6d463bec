"""FastAPI's bare figure: the documented price answer, validated query and response model, nothing else."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel

from engine.pricing import quote
from server.marketplaces.homeserve import SURGE

app = FastAPI()


class Factors(BaseModel):
    time_based_multiplier: float
    demand_based_multiplier: float
    vendor_availability_multiplier: float


class Breakdown(BaseModel):
    base: float
    surge: float
    total: float


class Pricing(BaseModel):
    base_price: float
    surge_multiplier: float
    final_price: float
    demand_level: str
    factors: Factors
    breakdown: Breakdown


class Service(BaseModel):
    id: int
    name: str
    category: str


class Price(BaseModel):
    service: Service
    pincode: str
    pricing: Pricing
    timestamp: datetime


@app.get("/api/dynamic-pricing/")
async def price(
    service_id: int, pincode: Annotated[str, Query(pattern="^[1-9][0-9]{5}$")], scheduled_datetime: datetime
) -> Price:
    """Price with fixed demand, so that only the framework and the engine are measured."""
    priced = quote(SURGE, 50000, 34, booked=3, capacity=8, free=5, on_duty=8)
    base, total = priced.base_minor / 100, priced.final_minor / 100
    return Price(
        service=Service(id=service_id, name="AC Repair", category="Appliance"),
        pincode=pincode,
        pricing=Pricing(
            base_price=base,
            surge_multiplier=priced.surge_multiplier,
            final_price=total,
            demand_level=priced.demand_level,
            factors=Factors(
                time_based_multiplier=priced.time_multiplier,
                demand_based_multiplier=priced.demand_multiplier,
                vendor_availability_multiplier=priced.availability_multiplier,
            ),
            breakdown=Breakdown(base=base, surge=total - base, total=total),
        ),
        timestamp=datetime.now(UTC),
    )
