"""Filling databases: once, wholly, and only those that are empty."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from server.bootstrap import Shared, open_markets, shared_parts
from server.demo.seed import BEGUN, DEMOS, MARK, PASSWORD, State, accounts_of, seed
from server.embedded import Endpoints
from server.market import Market
from server.marketplaces.alist import ALIST
from server.services.accounts.accounts import NewAccount
from server.services.files.uploads import thumbnail_of
from server.settings import Settings
from server.store.collection import Collection

Rows = dict[str, dict[object, object]]


@pytest_asyncio.fixture
async def shared(settings: Settings, services: Endpoints) -> AsyncIterator[Shared]:
    """What marketplaces share, with databases of its own."""
    fresh = settings.model_copy(update={"db_prefix": f"test_{uuid4().hex[:10]}"})
    async with shared_parts(fresh, services) as shared:
        yield shared


@pytest_asyncio.fixture
async def market(shared: Shared) -> AsyncIterator[Market]:
    """An empty A-List."""
    async with open_markets(shared, [ALIST]) as markets:
        yield markets["alist"]


async def rows_of(market: Market) -> Rows:
    """Give everything that the demo may have written, by store and id; password hashes differ anyway."""
    names = ("users", "bookings", "days", "payments", "ledger", "profiles", "portfolio_items", "reviews")
    found: Rows = {}
    for name in (*names, "rooms", "messages"):
        store: Collection[object] = getattr(market.stores, name)
        rows = await store.find({})
        found[name] = {row.id: row for row in rows}  # type: ignore[attr-defined]
    return found


async def test_it_is_written_once(shared: Shared, market: Market) -> None:
    """The first call fills the database and says with how much, the second finds it filled."""
    first = await seed(market, shared)
    assert first.found is State.EMPTY and first.made["bookings"] > 200
    before = await rows_of(market)
    assert {name: len(rows) for name, rows in before.items()} == {name: first.made[name] for name in before}
    assert (await seed(market, shared)).found is State.FILLED
    assert await rows_of(market) == before


async def test_its_people_sign_in_and_its_pictures_are_shown(shared: Shared, market: Market) -> None:
    """The published password opens every kind of account; each picture can be read, and its thumbnail."""
    await seed(market, shared)
    for role in ALIST.roles:
        signed_in = await market.accounts.sign_in(f"{role}1@example.com", PASSWORD, "127.0.0.1")
        assert signed_in.user.role == role
        assert f"{role}1@example.com" in accounts_of("alist")
    keys = [one.image_key for one in await market.stores.portfolio_items.find({}) if one.image_key]
    for key in (keys[0], thumbnail_of(keys[-1])):
        assert (await market.media.read(None, key)).content.startswith(b"\xff\xd8")


async def test_what_comes_next_gets_a_number_of_its_own(shared: Shared, market: Market) -> None:
    """Nothing that is made later takes an id of the demo's."""
    filled = await seed(market, shared)
    newcomer = NewAccount("carl@example.com", "carl@example.com", PASSWORD, "client")
    assert (await market.accounts.make(newcomer)).id == filled.made["users"] + 1
    assert await market.stores.ids.next("bookings") == filled.made["bookings"] + 1


async def test_the_counts_are_exact(shared: Shared, market: Market) -> None:
    """The appointments are in the counts as those that come later will be."""
    filled = await seed(market, shared)
    assert (await market.scaling.scaling(30)).bookings == filled.made["bookings"]


@pytest.mark.parametrize("broken", ["days", "ledger", "messages"])
async def test_what_was_interrupted_is_completed(
    shared: Shared, market: Market, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start that ended amid the writing is completed by the next, with what it would have written."""
    store = getattr(market.stores, broken)

    async def end(_: object) -> None:
        raise ConnectionError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(store, "fill", end)
        with pytest.raises(ConnectionError):
            await seed(market, shared)
    assert not await market.stores.marks.known(MARK)
    begun = await market.stores.marks.at(BEGUN)
    assert begun is not None
    assert (await seed(market, shared)).found is State.EMPTY
    wanted = DEMOS["alist"].fill(ALIST, shared.places, begun, "", 0.1)
    found = await rows_of(market)
    assert found["bookings"] == {one.id: one for one in wanted.bookings}
    assert found[broken] == {one.id: one for one in wanted.rows()[broken]}


async def test_a_database_in_use_stays_as_it_is(shared: Shared, market: Market) -> None:
    """Where somebody has an account, nothing is added: their ids are not the demo's."""
    owner = await market.accounts.make(NewAccount("eve@example.com", "eve@example.com", PASSWORD, "client"))
    assert (await seed(market, shared)).found is State.OWN
    rows = await rows_of(market)
    assert rows["users"] == {owner.id: owner} and not rows["bookings"]
    assert not await market.stores.marks.known(BEGUN)
