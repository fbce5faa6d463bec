"""Pages of a list, and how many there are in all."""

from datetime import UTC, datetime

import pytest

from server.domain.entities import Service
from server.domain.paging import Paging
from server.store.database import Database
from server.store.services import Services

THEN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6, 100])
async def test_every_page_knows_the_total(database: Database, size: int) -> None:
    """Full or not, the last one, and pages behind it: five are five, and each is on one page."""
    services = Services(database)
    await services.fill([Service(n, f"{n}", "", 100, "kind", 30, THEN, THEN) for n in range(5)])
    where, order = {"category": "kind"}, (("_id", 1),)
    pages = [await services.page(where, Paging(number, size), order) for number in range(1, 8)]
    assert {page.total for page in pages} == {5}
    assert [one.id for page in pages for one in page.items] == list(range(5))[: 7 * size]


async def test_an_empty_list_has_a_page(database: Database) -> None:
    """And nothing on it."""
    page = await Services(database).page({"category": "kind"}, Paging(1, 20), (("_id", 1),))
    assert (page.total, page.items) == (0, [])
