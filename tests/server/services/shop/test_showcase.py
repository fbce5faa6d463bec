"""Lists, searches and featured profiles on the real embedded database; what is remembered is never stale."""

from collections.abc import Sequence
from typing import Any

import pytest

from server.domain.paging import Paging
from server.embedded import Endpoints
from server.errors import NotFound
from server.market import Market
from server.services.shop import showcase
from server.services.shop.showcase import FEATURED_SECONDS, LIST_SECONDS, Card
from server.settings import Settings
from server.store import profile_words
from server.store.profiles import ProfileOrder, ProfileQuery
from tests.server.services.conftest import processes
from tests.server.services.people import caller
from tests.server.services.shops import customer, services, shop
from tests.waiting import until


def ids(cards: Sequence[Card]) -> list[int]:
    return [card.profile.id for card in cards]


async def found(market: Market, **wanted: Any) -> list[int]:
    """Give the ids of the profiles that a query means, in its order."""
    return ids((await market.showcase.list(ProfileQuery(**wanted), Paging())).items)


async def three_shops(market: Market) -> None:
    """Make profiles 7, 8 and 9, one after the other."""
    plumbing, painting = await services(market, "Plumbing", "Painting")
    await shop(
        market,
        7,
        "elite Pipes",
        description="Leaking taps mended",
        years_of_experience=10,
        service_radius=50,
        service_ids=(plumbing,),
    )
    await shop(
        market,
        8,
        "Colour & Co",
        description="Élite walls",
        years_of_experience=3,
        service_radius=10,
        service_ids=(painting, plumbing),
    )
    await shop(market, 9, "Best Walls", years_of_experience=10, service_ids=(painting,))
    await market.profiles.set_onboarded(8, True)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("plumbing", {7, 8}),
        ("PLUMB", {7, 8}),
        ("elite", {7}),
        ("taps elite", {7}),
        ("pl wall", {8}),
        ("walls painting", {8, 9}),
        ("lumbing", {7, 8}),
        ("plumbingx", set()),
        ("plumbing gold", set()),
        ("%.*$", set()),
    ],
)
async def test_search_looks_at_name_description_and_services(
    market: Market, search: str, expected: set[int]
) -> None:
    """Every word of a search must be part of a word of a profile, whatever its case and place."""
    await three_shops(market)
    assert set(await found(market, search=search)) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [9, 8, 7]),
        ({"service_ids": (1,)}, [8, 7]),
        ({"service_ids": (1, 2)}, [9, 8, 7]),
        ({"service_ids": (99,)}, []),
        ({"min_years": 4}, [9, 7]),
        ({"min_radius": 10}, [8, 7]),
        ({"is_onboarded": True}, [8]),
        ({"is_onboarded": False}, [9, 7]),
        ({"search": "walls", "min_years": 4}, [9]),
        ({"search": "plumbing", "service_ids": (2,), "is_onboarded": True}, [8]),
        ({"orders": ((ProfileOrder.AGE, False),)}, [7, 8, 9]),
        ({"orders": ((ProfileOrder.NAME, False),)}, [9, 8, 7]),
        ({"orders": ((ProfileOrder.NAME, True),)}, [7, 8, 9]),
        ({"orders": ((ProfileOrder.EXPERIENCE, False),)}, [8, 7, 9]),
        ({"orders": ((ProfileOrder.EXPERIENCE, True),)}, [7, 9, 8]),
    ],
)
async def test_lists_are_narrowed_and_ordered(
    market: Market, wanted: dict[str, Any], expected: list[int]
) -> None:
    """Each condition leaves out what does not meet it; equal ones are ordered by id; case does not count."""
    await three_shops(market)
    assert await found(market, **wanted) == expected


async def test_words_of_any_script_are_found(market: Market) -> None:
    """A beginning finds words in other letters than ours, and no neighbours of theirs."""
    await shop(market, 7, "घर की मरम्मत")
    await shop(market, 8, "Ремонт квартир")
    assert await found(market, search="घर") == [7]
    assert await found(market, search="РЕМ") == [8]
    assert await found(market, search="ремя") == []


async def test_a_beginning_of_everything_narrows_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where too many words begin so, the other words of the search decide."""
    monkeypatch.setattr(profile_words, "MOST_WORDS", 2)
    await shop(market, 7, "Best pipes pumps plumbing")
    await shop(market, 8, "Best roofs")
    assert await found(market, search="p best") == [8, 7]
    assert await found(market, search="p pip") == [7]
    assert await found(market, search="p") == [8, 7]


async def test_parts_of_words_are_found(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part may lie anywhere in a word; one of too many words counts only where it begins them."""
    await shop(market, 7, "Lumber sheds")
    await shop(market, 8, "Plumbing")
    assert await found(market, search="lumb") == [8, 7]
    assert await found(market, search="ing") == await found(market, search="g") == [8]
    await shop(market, 9, "Plumage clumps slump")
    monkeypatch.setattr(profile_words, "MOST_WORDS", 2)
    assert await found(market, search="lum") == [7]


async def test_nobody_makes_up_words_until_a_word_finds_nothing(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many words begin with it, a word that somebody has finds them; also when those are gone."""
    monkeypatch.setattr(profile_words, "MOST_WORDS", 2)
    await shop(market, 7, "Roof plumbing")
    await shop(market, 8, "Plumbinga plumbingb plumbingc")
    assert await found(market, search="plumbing") == [7]
    await market.profiles.update(caller(8, "vendor"), {"business_name": "Roof"})
    assert await found(market, search="plumbing") == [7]
    assert await found(market, search="roof") == [8, 7]


async def test_pages_split_a_list(market: Market) -> None:
    """The second page goes on where the first ends, and both know the total."""
    await three_shops(market)
    pages = [await market.showcase.list(ProfileQuery(), Paging(number, 2)) for number in (1, 2, 3)]
    assert [ids(page.items) for page in pages] == [[9, 8], [7], []]
    assert {page.total for page in pages} == {3}


async def test_a_changed_text_is_found_anew(market: Market) -> None:
    """After an update a profile is found by its new words, and by its old ones no more."""
    await three_shops(market)
    assert await found(market, search="leaking") == [7]
    await market.profiles.update(caller(7, "vendor"), {"description": "Roofs", "service_ids": ()})
    assert await found(market, search="leaking") == []
    assert await found(market, search="roof") == [7]
    assert await found(market, search="plumbing") == [8]
    assert await found(market, service_ids=(1,)) == [8]


async def test_a_list_is_remembered_until_something_changes(market: Market) -> None:
    """The same question is looked up once; a new profile, or a changed one, is seen at once."""
    await three_shops(market)

    async def is_remembered() -> bool:  # soon: what was just written is still told to all processes
        known = market.showcase.lists.hits
        assert await found(market) == await found(market) == [9, 8, 7]
        return market.showcase.lists.hits > known

    await until(is_remembered)
    await shop(market, 10)
    assert await found(market) == [10, 9, 8, 7]


async def test_a_list_is_looked_up_again_after_a_while(market: Market) -> None:
    """What is written past the services, by a command, is seen in half a minute."""
    await three_shops(market)
    seconds = [0.0]
    market.showcase._monotonic = lambda: seconds[0]
    assert await found(market) == [9, 8, 7]
    await market.stores.profiles.delete(9)
    seconds[0] = LIST_SECONDS
    assert (await market.showcase.list(ProfileQuery(), Paging())).total == 2


async def test_a_retired_service_is_not_shown(market: Market) -> None:
    """A card has the services that there still are."""
    await three_shops(market)
    await market.stores.services.change(1, {"is_active": False})
    assert [one.name for one in (await market.showcase.get(8)).services] == ["Painting"]


async def test_unknown_profiles_are_not_found(market: Market) -> None:
    """A user without a profile has no card."""
    await customer(market, 1)
    for id in (1, 999):
        with pytest.raises(NotFound):
            await market.showcase.get(id)


async def test_the_best_of_the_onboarded_are_featured(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The best rated first, of equals the one reviewed more often, no more than fit, none not onboarded."""
    monkeypatch.setattr(showcase, "FEATURED", 2)
    await three_shops(market)
    await market.profiles.set_onboarded(7, True)
    authors = [await customer(market, one) for one in (1, 2, 3)]
    assert ids(await market.showcase.featured()) == [7, 8]
    await market.reviews.add(authors[0], 8, 4, "")
    assert ids(await market.showcase.featured()) == [8, 7]
    await market.reviews.add(authors[0], 7, 4, "")
    await market.reviews.add(authors[1], 7, 4, "")
    await market.reviews.add(authors[0], 9, 5, "")
    assert ids(await market.showcase.featured()) == [7, 8]
    await market.profiles.set_onboarded(9, True)
    assert ids(await market.showcase.featured()) == [9, 7]


async def test_the_featured_are_remembered_for_a_while(market: Market) -> None:
    """They are looked up again after five minutes, or when one of them changes; staff clear them by name."""
    await three_shops(market)
    shown, seconds = market.showcase, [0.0]
    shown._monotonic = lambda: seconds[0]

    async def remembered() -> Sequence[Card]:
        """Give the cards once they are looked up no more: what was just written is still told to all."""

        async def is_known() -> bool:
            return await shown.featured() is await shown.featured()

        await until(is_known)
        return await shown.featured()

    first = await remembered()
    seconds[0] = FEATURED_SECONDS
    assert await shown.featured() is not first
    await market.portfolio.add(caller(8, "vendor"), "Wall", "", None)
    changed = await remembered()
    assert [len(card.items) for card in changed] == [1]
    await market.caches.clear("search_results")
    assert await shown.featured() is not changed


async def test_other_processes_forget_too(settings: Settings, services: Endpoints) -> None:
    """A change in one process is seen in the lists and the featured ones of another."""
    async with processes(settings, services, 2) as (first, second):
        await shop(first, 7)
        await until(lambda: knows(second, 1))
        assert await second.showcase.featured() == []
        await first.profiles.set_onboarded(7, True)

        async def is_featured() -> bool:
            return ids(await second.showcase.featured()) == [7]

        await until(is_featured)


async def knows(market: Market, total: int) -> bool:
    """Say whether a process lists so many profiles."""
    return (await market.showcase.list(ProfileQuery(), Paging())).total == total
