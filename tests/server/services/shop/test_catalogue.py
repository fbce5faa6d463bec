"""The catalogue on the real embedded database."""

from datetime import UTC, datetime

import pytest

from server.domain.entities import Service
from server.domain.paging import Paging
from server.errors import NotFound
from server.services.shop.catalogue import REMEMBERED_SECONDS, Catalogue
from server.store.stores import Stores

OPENED = datetime(2024, 1, 1, tzinfo=UTC)


def service(id: int, category: str = "Appliance", *, is_active: bool = True) -> Service:
    return Service(id, f"Service {id}", "Done at home", 50000, category, 120, OPENED, OPENED, is_active)


class Stopwatch:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_active_services_are_listed_by_category(stores: Stores) -> None:
    """A list holds the active services only, by id; a category narrows it."""
    await stores.services.fill(
        [service(3), service(1), service(2, "Plumbing"), service(4, "Plumbing", is_active=False)]
    )
    catalogue = Catalogue(stores.services)
    listed = await catalogue.list(None, Paging())
    assert ([one.id for one in listed.items], listed.total) == ([1, 2, 3], 3)
    plumbing = await catalogue.list("Plumbing", Paging())
    assert [one.id for one in plumbing.items] == [2]
    assert (await catalogue.list("plumbing ", Paging())).total == 0


async def test_pages_split_the_list(stores: Stores) -> None:
    """The second page continues where the first ends, and both know the total."""
    await stores.services.fill([service(number) for number in range(1, 6)])
    second = await Catalogue(stores.services).list(None, Paging(2, 3))
    assert ([one.id for one in second.items], second.total, second.has_next) == ([4, 5], 5, False)


async def test_a_service_reads_back_as_it_is_kept(stores: Stores) -> None:
    """get gives every field, first from the store, then remembered."""
    await stores.services.insert(service(7))
    catalogue = Catalogue(stores.services)
    assert [await catalogue.get(7) for _ in range(2)] == [service(7)] * 2


async def test_missing_and_retired_services_are_not_found(stores: Stores) -> None:
    """Neither an unknown id nor an inactive service can be had."""
    await stores.services.insert(service(1, is_active=False))
    catalogue = Catalogue(stores.services)
    for id in (1, 2):
        with pytest.raises(NotFound, match="Service not found"):
            await catalogue.get(id)


async def test_a_new_service_is_found_although_it_was_missing(stores: Stores) -> None:
    """That a service was not there is never remembered."""
    catalogue = Catalogue(stores.services)
    with pytest.raises(NotFound):
        await catalogue.get(1)
    await stores.services.insert(service(1))
    assert (await catalogue.get(1)).id == 1


async def test_a_change_is_seen_after_a_moment(stores: Stores) -> None:
    """A remembered service is read again once its time is over, and a retired one is gone then."""
    await stores.services.insert(service(1))
    watch = Stopwatch()
    catalogue = Catalogue(stores.services, watch)
    await catalogue.get(1)
    await stores.services.change(1, {"base_price_minor": 60000})
    assert (await catalogue.get(1)).base_price_minor == 50000
    watch.seconds += REMEMBERED_SECONDS
    assert (await catalogue.get(1)).base_price_minor == 60000
    await stores.services.change(1, {"is_active": False})
    watch.seconds += REMEMBERED_SECONDS
    with pytest.raises(NotFound):
        await catalogue.get(1)
