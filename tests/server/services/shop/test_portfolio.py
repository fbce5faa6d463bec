"""What providers show of their work, on the real embedded database and a real folder."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from server.domain.paging import Paging
from server.domain.portfolio import PortfolioItem
from server.errors import Conflict, Invalid, NotFound
from server.market import Market
from server.services.shop import portfolio
from server.services.shop.showcase import SHOWN_ITEMS
from server.settings import Settings
from tests.handlers.homeserve.forms import picture
from tests.server.services.people import caller
from tests.server.services.shops import files, provider, shop

OWNER = caller(7, "vendor")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.write_bytes(picture())
    return path


async def add(market: Market, title: str = "Kitchen", image: Path | None = None) -> PortfolioItem:
    return await market.portfolio.add(OWNER, title, "All new", date(2024, 1, 15), image)


async def test_work_is_shown_newest_first(market: Market) -> None:
    """A provider lists their own work page by page; a card has the newest of it."""
    await shop(market, 7)
    await shop(market, 8)
    made = [await add(market, f"Work {one}") for one in range(SHOWN_ITEMS + 2)]
    listed = await market.portfolio.list(OWNER, Paging(1, 3))
    assert (list(listed.items), listed.total) == (made[:-4:-1], len(made))
    assert made[0].completed_on == "2024-01-15"
    card = await market.showcase.get(7)
    assert list(card.items) == made[: -SHOWN_ITEMS - 1 : -1]
    assert (await market.portfolio.list(caller(8, "vendor"), Paging())).total == 0
    assert (await market.showcase.get(8)).items == []


async def test_work_needs_a_profile(market: Market, image: Path, settings: Settings) -> None:
    """Without a profile there is nothing to show work beside, and no file is kept."""
    before = files(settings.data_dir / "media")
    with pytest.raises(NotFound):
        await market.portfolio.add(await provider(market, 7), "Kitchen", "", None, image)
    assert files(settings.data_dir / "media") == before


async def test_a_picture_goes_with_its_row(market: Market, image: Path, settings: Settings) -> None:
    """Anybody sees the picture while the row is there; then it is gone from the disk as well."""
    media = settings.data_dir / "media"
    before = files(media)
    await shop(market, 7)
    item = await add(market, image=image)
    assert item.image_key is not None
    assert (await market.media.read(None, item.image_key)).content_type == "image/jpeg"
    with pytest.raises(NotFound):
        await market.portfolio.delete(caller(8, "vendor"), item.id)
    await market.portfolio.delete(OWNER, item.id)
    with pytest.raises(NotFound):
        await market.media.read(None, item.image_key)
    with pytest.raises(NotFound):
        await market.portfolio.delete(OWNER, item.id)
    assert files(media) == before
    assert (await market.showcase.get(7)).items == []


async def test_staff_remove_anybodys_work(market: Market) -> None:
    """What must not be shown, staff take away."""
    await shop(market, 7)
    item = await add(market)
    await market.portfolio.delete(caller(1, "ops_manager"), item.id)
    assert (await market.portfolio.list(OWNER, Paging())).total == 0


async def test_what_is_no_image_is_refused(market: Market, tmp_path: Path) -> None:
    """The content decides; nothing is shown then."""
    await shop(market, 7)
    (tmp_path / "text").write_bytes(b"<svg onload=alert(1)>")
    with pytest.raises(Invalid) as refused:
        await add(market, image=tmp_path / "text")
    assert list(refused.value.fields) == ["image"]
    assert (await market.portfolio.list(OWNER, Paging())).total == 0


async def test_there_is_an_end(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many at once only so many are taken as the limit allows."""
    monkeypatch.setattr(portfolio, "MOST_ITEMS", 2)
    await shop(market, 7)
    made = await asyncio.gather(*(add(market, f"Work {one}") for one in range(5)), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in made) == 3
    assert (await market.portfolio.list(OWNER, Paging())).total == 2
