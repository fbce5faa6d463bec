"""What followed the demo's visits: signatures that verify, disputes of both kinds, a balanced ledger."""

from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from server import clock
from server.bootstrap import open_markets, shared_parts
from server.demo.seed import seed
from server.domain.disputes import UNSETTLED
from server.domain.payments import PAID, EarningState
from server.embedded import Endpoints
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.settings import Settings


@pytest_asyncio.fixture(scope="module")
async def market(settings: Settings, services: Endpoints) -> AsyncIterator[Market]:
    """The demo, written once."""
    fresh = settings.model_copy(update={"db_prefix": f"test_{uuid4().hex[:10]}"})
    async with shared_parts(fresh, services) as shared, open_markets(shared, [HOMESERVE]) as markets:
        await seed(markets["homeserve"], shared)
        yield markets["homeserve"]


async def test_signatures_verify(market: Market) -> None:
    """Every demo signature's hash is that of its record."""
    signatures = await market.stores.signatures.find({})
    assert len(signatures) > 100
    assert all(one.digest == one.digest_now() for one in signatures)


async def test_the_ledger_agrees_with_payments_and_earnings(market: Market) -> None:
    """Each entry and the whole add up to zero; what a vendor is owed is what their earnings say."""
    balances: Counter[str] = Counter()
    for entry in await market.stores.ledger.find({}):
        assert sum(leg.amount_minor for leg in entry.legs) == 0
        for leg in entry.legs:
            balances[leg.account] += leg.amount_minor
    assert sum(balances.values()) == 0
    owed: Counter[str] = Counter()
    for earning in await market.stores.earnings.find({}):
        if earning.status is not EarningState.RELEASED:
            owed[f"provider:{earning.provider_id}"] += earning.amount_minor
    for account, amount in balances.items():
        if account.startswith("provider:"):
            assert -amount == owed[account]
    payments = await market.stores.payments.find({})
    taken = sum(one.amount_minor - one.refunded_minor for one in payments if one.status in PAID)
    assert balances["gateway"] == taken


async def test_disputes_hold_what_they_should(market: Market) -> None:
    """Some visits in a hundred are disputed; an unsettled one's earning is on hold."""
    disputes = await market.stores.disputes.find({})
    open_ones = [one for one in disputes if one.state in UNSETTLED]
    finished = await market.stores.bookings.count({"state": "completed"})
    assert 0.02 < len(disputes) / finished < 0.1
    assert len(disputes) > len(open_ones) > 0
    for dispute in open_ones:
        earnings = await market.stores.earnings.of_booking(dispute.booking_id)
        assert all(one.status is EarningState.ON_HOLD for one in earnings)


async def test_disputes_agree_with_what_was_said_and_paid(market: Market) -> None:
    """Messages are counted and in order; what a resolution gave back is what the payment says."""
    refunds = 0
    for dispute in await market.stores.disputes.find({}):
        messages = await market.stores.dispute_messages.all_of(dispute.id)
        assert len(messages) == dispute.messages_count > 0
        assert all(dispute.created_at <= one.created_at <= clock.now() for one in messages)
        payment = await market.stores.payments.of_booking(dispute.booking_id)
        assert payment is not None and payment.refunded_minor == dispute.resolution_minor
        assert 0 <= dispute.resolution_minor <= dispute.price_minor
        if dispute.resolution_minor:
            assert await market.settlement.refunded_at(dispute.id) == dispute.resolved_at
            refunds += 1
    assert refunds > 0


async def test_the_counts_are_exact(market: Market) -> None:
    """The demo's bookings are in the counts by pincode."""
    scaling = await market.scaling.scaling(30)
    assert scaling.bookings == await market.stores.bookings.count({})


async def test_vendors_have_figures(market: Market) -> None:
    """Vendors differ: more than one tier is reached, and punctuality is known."""

    async def ignore(done: int, total: int | None) -> None:
        return None

    await market.performance.recalculate_all(ignore)
    kept = await market.stores.performance.find({})
    assert len(kept) == 60
    assert len({one.tier for one in kept}) >= 2
    assert any(0 < one.on_time_rate < 100 for one in kept)
