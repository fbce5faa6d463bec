"""Providers with a business, and customers, for tests of what they show and what is said of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from server.domain.entities import Booking, Service
from server.domain.parties import Caller
from server.market import Market
from server.services.shop.showcase import Card
from tests.server.services.people import caller, user

OPENED = datetime(2024, 1, 1, tzinfo=UTC)


async def provider(market: Market, user_id: int) -> Caller:
    """Make a provider's account."""
    await market.stores.users.insert(user(user_id, "vendor", first_name=f"Pro {user_id}"))
    return caller(user_id, "vendor")


async def customer(market: Market, user_id: int) -> Caller:
    """Make a customer's account."""
    await market.stores.users.insert(user(user_id, first_name=f"Client {user_id}"))
    return caller(user_id, "customer")


async def services(market: Market, *names: str) -> list[int]:
    """Add services to the catalogue and give their ids."""
    made = [
        Service(id, name, f"{name} services", 0, "Home", 60, OPENED, OPENED)
        for id, name in enumerate(names, 1)
    ]
    await market.stores.services.fill(made)
    return [one.id for one in made]


async def shop(market: Market, user_id: int, name: str = "Elite Plumbing", **values: Any) -> Card:
    """Give the profile of a new provider."""
    return await market.profiles.create(await provider(market, user_id), {"business_name": name, **values})


async def visit(market: Market, customer_id: int, provider_id: int, state: str) -> None:
    """Keep a booking of a customer with a provider in a state."""
    booking = Booking(
        id=str(uuid4()),
        customer_id=customer_id,
        customer_name=f"Client {customer_id}",
        service_id=1,
        service_name="Plumbing",
        state=state,
        price_minor=100_00,
        base_price_minor=100_00,
        surge_multiplier=1.0,
        demand_level="normal",
        pincode="110001",
        lat=28.6,
        lng=77.2,
        starts_at=OPENED,
        ends_at=OPENED,
        window_start=OPENED,
        window_end=OPENED,
        date="2024-01-01",
        hour=OPENED,
        duration_minutes=60,
        before_minutes=0,
        after_minutes=0,
        created_at=OPENED,
        updated_at=OPENED,
        provider_id=provider_id,
    )
    await market.stores.bookings.insert(booking)


def files(market_folder: Path) -> list[str]:
    """Name the files that are kept."""
    return sorted(str(one.relative_to(market_folder)) for one in market_folder.rglob("*") if one.is_file())
