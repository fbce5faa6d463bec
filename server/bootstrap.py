"""Wires one process: what all marketplaces share, then each marketplace's stores and services."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import get_type_hints

from server.domain.marketplace import Marketplace
from server.embedded import Endpoints
from server.gateways.files import Files
from server.gateways.mail import Mail
from server.gateways.offline_payments import OfflinePayments
from server.gateways.payments import PaymentGateway
from server.gateways.roads import Roads
from server.gateways.sms import Sms
from server.gateways.stripe_payments import StripePayments
from server.market import Market
from server.places.table import Places
from server.pools import Pools
from server.realtime.bus import Bus
from server.realtime.hub import Hub
from server.realtime.outbox import Outbox
from server.realtime.presence import Presence
from server.services.accounts.codes import Codes
from server.services.accounts.passwords import Passwords
from server.services.accounts.signing import Signer
from server.services.accounts.throttle import Throttle
from server.services.accounts.tokens import Tokens
from server.services.talk.company import Company
from server.settings import Settings
from server.store.database import Database
from server.store.stores import Stores
from server.wiring import Wiring


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
    files: Files
    roads: Roads


@asynccontextmanager
async def shared_parts(settings: Settings, endpoints: Endpoints) -> AsyncIterator[Shared]:
    """Open what marketplaces share; closed in reverse order at the end."""
    bus, pools, passwords = Bus(endpoints.redis_url, settings.db_prefix), Pools(), Passwords()
    payments = _payments(settings)
    letters = settings.data_dir / "outbox"
    mail, sms = Mail(settings.smtp_url, letters), Sms(settings.sms_url, letters)
    files = Files(settings.files_url, settings.data_dir / "media")
    roads = Roads(settings.travel_url)
    throttle = Throttle(endpoints.redis_url, settings.db_prefix)
    await bus.start()
    try:
        yield Shared(
            settings, endpoints, bus, Places(), pools, passwords, throttle, mail, sms, payments, files, roads
        )
    finally:
        await mail.close()
        await sms.close()
        await bus.stop()
        await throttle.close()
        await payments.close()
        await roads.close()
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
            market.presence.start()
            market.demand_map.start()
        yield markets
    finally:
        for market in markets.values():
            await market.demand_map.stop()
            await market.presence.stop()
            await market.outbox.stop()
            market.database.close()


async def open_market(shared: Shared, meaning: Marketplace) -> Market:
    """Wire one marketplace: its stores, and the services that `Market` names with all they need."""
    settings = shared.settings
    database = Database.open(shared.endpoints.mongodb_uri, f"{settings.db_prefix}_{meaning.name}")
    stores = await Stores.open(database)
    hub, signer = Hub(), Signer(settings.secret_key, meaning.name)
    tokens = Tokens(
        meaning,
        stores.sessions,
        stores.users,
        signer,
        shared.bus,
        access_minutes=settings.access_token_minutes or meaning.access_token_minutes,
        refresh_days=settings.refresh_token_days,
    )
    parts = (
        database,
        hub,
        meaning,
        signer,
        stores,
        tokens,
        Codes(stores.codes, settings.secret_key),
        Outbox(database, stores.outbox, shared.bus, hub, meaning.name),
        *vars(stores).values(),
        *vars(shared).values(),
    )
    wiring = Wiring({type(part): part for part in parts} | {PaymentGateway: shared.payments})
    namespace = f"{settings.db_prefix}:{meaning.name}"
    announce = wiring.get(Company).announce
    wiring.add(Presence(shared.endpoints.redis_url, namespace, announce))
    kinds = get_type_hints(Market)
    return Market(**{name: wiring.get(kind) for name, kind in kinds.items()})


def _payments(settings: Settings) -> PaymentGateway:
    if settings.stripe_secret_key:
        return StripePayments(settings.stripe_secret_key, settings.stripe_api_base)
    return OfflinePayments(hears_events=bool(settings.stripe_webhook_secret))
