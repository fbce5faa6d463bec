"""Reviews on the real embedded database: one a customer, counted exactly, told to whom they concern."""

import asyncio
from collections.abc import Sequence

import pytest

from server.domain.paging import Paging
from server.errors import Conflict, NotFound
from server.market import Market
from server.store.reviews import BATCH
from tests.server.services.people import caller
from tests.server.services.shops import customer, shop, visit


async def ratings(market: Market, provider_id: int = 7) -> tuple[int, int, int, float]:
    """Give a provider's sum and count of ratings, and the profile's count and mean."""
    user, profile = await market.stores.users.get(provider_id), await market.stores.profiles.get(provider_id)
    assert user is not None and profile is not None
    return user.rating_sum, user.rating_count, profile.review_count, profile.rating


async def add_many(market: Market, count: int, provider_id: int = 7) -> None:
    for one in range(count):
        await market.reviews.add(await customer(market, 1000 + one), provider_id, 4, f"number {one + 1}")


def numbers(comments: Sequence[str]) -> list[int]:
    return [int(comment.removeprefix("number ")) for comment in comments]


async def test_a_review_counts_and_is_told(market: Market) -> None:
    """It bears the customer's name and moves the provider's rating; the provider is notified of it."""
    await shop(market, 7)
    review = await market.reviews.add(await customer(market, 1), 7, 5, "Excellent")
    assert (review.number, review.customer_name, review.is_verified) == (1, "Client 1", False)
    await market.reviews.add(await customer(market, 2), 7, 2, "")
    assert await ratings(market) == (7, 2, 2, 3.5)
    told = (await market.notifications.list(caller(7, "vendor"), None, None, Paging())).items
    assert {one.data["comment"] for one in told} == {"Excellent", ""}
    assert {one.kind for one in told} == {"review_received"}
    assert "Client 1 gave you 5 of 5" in {one.message for one in told}


async def test_a_customer_reviews_a_provider_once(market: Market) -> None:
    """The second time is refused and changes nothing; another provider is another matter."""
    await shop(market, 7)
    await shop(market, 8)
    author = await customer(market, 1)
    await market.reviews.add(author, 7, 5, "Good")
    with pytest.raises(Conflict, match="already"):
        await market.reviews.add(author, 7, 1, "Bad")
    await market.reviews.add(author, 8, 3, "Fair")
    assert await ratings(market) == (5, 1, 1, 5.0)


async def test_of_two_at_once_one_counts(market: Market) -> None:
    """However often the same customer sends it at the same moment, it is one review."""
    await shop(market, 7)
    author = await customer(market, 1)
    made = await asyncio.gather(
        *(market.reviews.add(author, 7, 4, "Good") for _ in range(5)), return_exceptions=True
    )
    lost = [one for one in made if isinstance(one, BaseException)]
    assert {(type(one), "already" in str(one)) for one in lost} == {(Conflict, True)}
    assert len(lost) == 4
    assert await ratings(market) == (4, 1, 1, 4.0)
    assert await market.stores.notifications.count({"user_id": 7}) == 1


async def test_customers_at_once_are_all_counted(market: Market) -> None:
    """Reviews of different customers at the same moment get numbers of their own and lose none."""
    await shop(market, 7)
    authors = [await customer(market, one) for one in range(1, 7)]
    made = await asyncio.gather(
        *(market.reviews.add(author, 7, rating, "") for rating, author in enumerate(authors[:5], 1))
    )
    assert sorted(one.number for one in made) == [1, 2, 3, 4, 5]
    assert await ratings(market) == (15, 5, 5, 3.0)


@pytest.mark.parametrize(
    ("state", "of", "is_verified"),
    [("completed", 7, True), ("completed", 8, False), ("confirmed", 7, False), ("cancelled", 7, False)],
)
async def test_a_finished_job_verifies(market: Market, state: str, of: int, is_verified: bool) -> None:
    """Only a finished booking of this customer with this provider makes the review a verified one."""
    await shop(market, 7)
    author, other = await customer(market, 1), await customer(market, 2)
    await visit(market, author.user_id, of, state)
    assert (await market.reviews.add(author, 7, 5, "")).is_verified is is_verified
    assert (await market.reviews.add(other, 7, 5, "")).is_verified is False


async def test_without_a_profile_there_is_nothing_to_review(market: Market) -> None:
    """Neither an unknown provider nor one without a profile takes or shows reviews."""
    author = await customer(market, 1)
    for provider_id in (1, 999):
        with pytest.raises(NotFound):
            await market.reviews.add(author, provider_id, 5, "")
        with pytest.raises(NotFound):
            await market.reviews.list(provider_id, Paging())


async def test_pages_are_newest_first(market: Market) -> None:
    """Pages follow each other without gap or repetition, and end."""
    await shop(market, 7)
    await add_many(market, 7)
    pages = [await market.reviews.list(7, Paging(number, 3)) for number in (1, 2, 3, 4)]
    found = [numbers([one.comment for one in page.items]) for page in pages]
    assert found == [[7, 6, 5], [4, 3, 2], [1], []]
    assert [page.total for page in pages] == [7] * 4
    assert [page.has_next for page in pages] == [True, True, False, False]


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 3])
async def test_a_card_shows_the_newest(market: Market, count: int) -> None:
    """However many reviews there are, a card has the newest ones, newest first, and no other provider's."""
    await shop(market, 7)
    await shop(market, 8)
    await add_many(market, count)
    shown = numbers([one.comment for one in (await market.showcase.get(7)).reviews])
    assert shown == list(range(count, max(count - BATCH, 0), -1))
    assert (await market.showcase.get(8)).reviews == []


async def test_removed_reviews_leave_pages_whole(market: Market) -> None:
    """The oldest, one within and the newest go: pages, card and mean are the others'; a new one is newest."""
    await shop(market, 7)
    await add_many(market, BATCH + 3)
    written = (await market.reviews.list(7, Paging(1, 20))).items
    for gone in (written[-1], written[4], written[0]):
        await market.reviews.remove(caller(gone.customer_id, "customer"), 7, gone.id)
    left = [number for number in range(BATCH + 2, 1, -1) if number != BATCH - 1]
    pages = [await market.reviews.list(7, Paging(number, 4)) for number in (1, 2, 3)]
    assert [numbers([one.comment for one in page.items]) for page in pages] == [left[:4], left[4:8], left[8:]]
    assert numbers([one.comment for one in (await market.showcase.get(7)).reviews]) == left[:BATCH]
    assert await ratings(market) == (4 * len(left), len(left), len(left), 4.0)
    again = await market.reviews.add(caller(written[0].customer_id, "customer"), 7, 1, "number 99")
    assert again.number == BATCH + 3
    newest = (await market.reviews.list(7, Paging(1, 2))).items
    assert numbers([one.comment for one in newest]) == [99, BATCH + 2]


async def test_changes_and_removals_at_once_are_all_counted(market: Market) -> None:
    """The mean is that of what is left, however they meet."""
    await shop(market, 7)
    await add_many(market, 6)
    written = (await market.reviews.list(7, Paging())).items
    authors = [caller(one.customer_id, "customer") for one in written]
    await asyncio.gather(
        *(market.reviews.change(authors[at], 7, written[at].id, {"rating": 1}) for at in range(3)),
        *(market.reviews.remove(authors[at], 7, written[at].id) for at in (3, 4)),
    )
    assert await ratings(market) == (7, 4, 4, 1.75)
    await market.reviews.remove(authors[5], 7, written[5].id)
    for at in range(3):
        await market.reviews.remove(authors[at], 7, written[at].id)
    assert await ratings(market) == (0, 0, 0, 0.0)
