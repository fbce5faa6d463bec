"""Writes a demo marketplace into an empty database, once."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.bootstrap import Shared
from server.demo.alist.filling import ACCOUNTS as ALIST_ACCOUNTS
from server.demo.alist.filling import alist
from server.demo.drawing import Drawing, draw
from server.demo.filling import Filling
from server.demo.homeserve.filling import ACCOUNTS as HOMESERVE_ACCOUNTS
from server.demo.homeserve.filling import homeserve
from server.domain.marketplace import Marketplace
from server.gateways.files import Files
from server.market import Market
from server.marketplaces.alist import ALIST
from server.marketplaces.homeserve import HOMESERVE
from server.places.table import Places
from server.services.files.images import Encoded, encode
from server.services.files.uploads import thumbnail_of
from server.services.insights.caches import EVERY
from server.store.stores import Stores

PASSWORD = "password123"  # noqa: S105 - published, and refused in production with the demo itself
MARK, BEGUN = "demo", "demo-begun"


@dataclass(frozen=True, slots=True)
class Demo:
    """A marketplace's demo.

    fill     : gives what is in it from (meaning, places, now, password hash, platform's share)
    accounts : who can sign in, a line a role
    """

    fill: Callable[[Marketplace, Places, datetime, str, float], Filling]
    accounts: str


DEMOS: Mapping[str, Demo] = {
    HOMESERVE.name: Demo(homeserve, HOMESERVE_ACCOUNTS),
    ALIST.name: Demo(alist, ALIST_ACCOUNTS),
}


class State(StrEnum):
    """How a marketplace's database was found; the value says so."""

    EMPTY = "was empty"
    FILLED = "was filled before"
    OWN = "has data of its own"


@dataclass(frozen=True)
class Seeded:
    """What was found, and how many entities were written, by store."""

    found: State
    made: Mapping[str, int] = field(default_factory=dict)


async def seed(market: Market, shared: Shared) -> Seeded:
    """Fill a marketplace whose database is empty; one that has data of its own stays as it is.

    All of it depends on the moment at which it was begun, which is kept: a start that was interrupted is
    completed by the next, on whichever day, with the same ids.
    """
    stores = market.stores
    if await stores.marks.known(MARK):
        return Seeded(State.FILLED)
    begun = await _begin(stores)
    if begun is None:
        return Seeded(State.OWN)
    fee = shared.settings.platform_fee_percentage
    password_hash = await shared.passwords.hash(PASSWORD)
    filling = DEMOS[market.meaning.name].fill(market.meaning, shared.places, begun, password_hash, fee)
    await _hang(filling.pictures, shared)
    for name, entities in filling.rows().items():
        await getattr(stores, name).fill(entities)
    for sequence, last in filling.last_ids.items():
        await stores.ids.reserve(sequence, last)
    await market.scaling.recount()
    await stores.marks.set(MARK)
    await market.caches.clear(EVERY)  # of servers, too, that have found nothing so far
    return Seeded(State.EMPTY, {name: len(entities) for name, entities in filling.rows().items()})


def accounts_of(name: str) -> str:
    """Give a demo's accounts as text."""
    lines = "\n".join(f"  {line}" for line in DEMOS[name].accounts.splitlines())
    return f"Demo accounts of {name}, password {PASSWORD}:\n{lines}"


async def _begin(stores: Stores) -> datetime | None:
    """Give when filling was begun, None when somebody else's data is there.

    Whoever begins says so before anything is written, so the order of these two questions matters.
    """
    is_used = bool(await stores.users.find({}, limit=1))
    begun = await stores.marks.at(BEGUN)
    if begun is None and is_used:
        return None
    return begun or await stores.marks.begin(BEGUN)


async def _hang(pictures: Mapping[str, Drawing], shared: Shared) -> None:
    """Draw every picture once and keep it under each of its keys."""
    drawings = list(dict.fromkeys(pictures.values()))
    drawn = await asyncio.gather(*(shared.pools.thread(_encoded, drawing) for drawing in drawings))
    files = dict(zip(drawings, drawn, strict=True))
    await asyncio.gather(*(_keep(shared.files, key, files[one]) for key, one in pictures.items()))


def _encoded(drawing: Drawing) -> Encoded:
    return encode(draw(drawing))


async def _keep(files: Files, key: str, encoded: Encoded) -> None:
    await files.keep(key, encoded.image)
    await files.keep(thumbnail_of(key), encoded.thumbnail)
