"""Wires one process: what all marketplaces share, then each marketplace's stores and services."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.domain.marketplace import Marketplace
from server.embedded import Endpoints
from server.gateways.mail import Mail
from server.gateways.payments import OfflinePayments, PaymentGateway, StripePayments
from server.gateways.sms import Sms
from server.market import Market
from server.places.table import Places
from server.pools import Pools
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.services.accounts import Accounts
from server.services.addresses import Addresses
from server.services.availability import Availability
from server.services.bookings import Bookings
from server.services.catalogue import Catalogue
from server.services.codes import Codes
from server.services.day_routes import DayRoutes
from server.services.demand import Demand
from server.services.diary import Diary
from server.services.directory import Directory
from server.services.eligibility import Eligibility
from server.services.holding import Holding
from server.services.idempotency import Idempotency
from server.services.moves import Moves
from server.services.passwords import Passwords
from server.services.payments import Payments
from server.services.pricing import Pricing
from server.services.scheduling import Scheduling
from server.services.search import Search
from server.services.signing import Signer
from server.services.throttle import Throttle
from server.services.tokens import Tokens
from server.services.travel import Travel
from server.services.visibility import Visibility
from server.settings import Settings
from server.store.database import Database
from server.store.stores import Stores


@dataclass(frozen=True)
class Shared:
    """What every marketplace of a process uses."""

    settings: Settings
    endpoints: Endpoints
    bus: Bus
    places: Places
    pools: Pools
    passwords: Passwords
    throttle: Throttle
    mail: Mail
    sms: Sms
    payments: PaymentGateway


@asynccontextmanager
async def shared_parts(settings: Settings, endpoints: Endpoints) -> AsyncIterator[Shared]:
    """Open what marketplaces share; closed in reverse order at the end."""
    bus, pools, passwords = Bus(endpoints.redis_url, settings.db_prefix), Pools(), Passwords()
    payments = _payments(settings)
    letters = settings.data_dir / "outbox"
    mail, sms = Mail(settings.smtp_url, letters), Sms(settings.sms_url, letters)
    throttle = Throttle(endpoints.redis_url, settings.db_prefix)
    await bus.start()
    try:
        yield Shared(settings, endpoints, bus, Places(), pools, passwords, throttle, mail, sms, payments)
    finally:
        await mail.close()
        await sms.close()
        await bus.stop()
        await throttle.close()
        await payments.close()
        pools.close()
        passwords.close()


@asynccontextmanager
async def open_markets(shared: Shared, meanings: Sequence[Marketplace]) -> AsyncIterator[dict[str, Market]]:
    """Open every marketplace by name, with its outbox running; closed at the end."""
    markets: dict[str, Market] = {}
    try:
        for meaning in meanings:
            market = await open_market(shared, meaning)
            markets[meaning.name] = market
            await market.outbox.start()
        yield markets
    finally:
        for market in markets.values():
            await market.outbox.stop()
            market.database.close()


async def open_market(shared: Shared, meaning: Marketplace) -> Market:
    """Wire one marketplace: stores, then services in the order in which they need each other."""
    name = f"{shared.settings.db_prefix}_{meaning.name}"
    database = Database.open(shared.endpoints.mongodb_uri, name)
    stores = await Stores.open(database)
    places, bus = shared.places, shared.bus
    signer = Signer(shared.settings.secret_key, meaning.name)
    settings = shared.settings
    tokens = Tokens(
        meaning,
        stores.sessions,
        stores.users,
        signer,
        bus,
        access_minutes=settings.access_token_minutes,
        refresh_days=settings.refresh_token_days,
    )
    codes = Codes(stores.codes, settings.secret_key)
    hub = Hub()
    outbox = Outbox(database, stores.outbox, bus, hub, meaning.name)
    catalogue = Catalogue(stores.services)
    addresses = Addresses(database, stores.addresses, places)
    eligibility = Eligibility(meaning, stores.users, stores.shifts)
    demand = Demand(meaning, stores.bookings, stores.days, stores.shifts, stores.users, places, bus)
    availability = Availability(database, stores.shifts, stores.ids, places, eligibility, demand)
    diary = Diary(meaning, stores.days, stores.shifts, places)
    pricing = Pricing(meaning, catalogue, demand, places, signer)
    scheduling = Scheduling(meaning, eligibility, catalogue, diary, places)
    holding = Holding(database, diary, scheduling)
    visibility = Visibility(meaning, stores.bookings, eligibility, places)
    payments = Payments(meaning, stores.payments, shared.payments)
    accounts = Accounts(
        meaning,
        stores.users,
        stores.ids,
        places,
        tokens,
        codes,
        shared.mail,
        shared.sms,
        shared.passwords,
        shared.throttle,
    )
    return Market(
        meaning=meaning,
        database=database,
        stores=stores,
        hub=hub,
        outbox=outbox,
        tokens=tokens,
        idempotency=Idempotency(database, stores.keys),
        accounts=accounts,
        directory=Directory(meaning, stores.users, places),
        catalogue=catalogue,
        addresses=addresses,
        availability=availability,
        travel=Travel(meaning, places),
        pricing=pricing,
        scheduling=scheduling,
        search=Search(meaning, stores.users, stores.shifts, stores.days, catalogue, demand, diary, places),
        visibility=visibility,
        bookings=Bookings(
            meaning,
            database,
            stores.bookings,
            stores.users,
            catalogue,
            addresses,
            places,
            pricing,
            eligibility,
            holding,
            outbox,
            demand,
        ),
        moves=Moves(
            meaning,
            database,
            stores.bookings,
            stores.users,
            visibility,
            eligibility,
            holding,
            payments,
            outbox,
            demand,
        ),
        day_routes=DayRoutes(
            meaning, database, stores.bookings, eligibility, diary, places, shared.pools, outbox, demand
        ),
    )


def _payments(settings: Settings) -> PaymentGateway:
    if settings.stripe_secret_key:
        return StripePayments(settings.stripe_secret_key, settings.stripe_api_base)
    return OfflinePayments()
