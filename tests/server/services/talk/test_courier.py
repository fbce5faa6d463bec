"""Mail and SMS of notifications: once, again after failures, not for ever, and counted exactly."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from server import clock
from server.bootstrap import open_markets, shared_parts
from server.domain.notifications import MOST_ATTEMPTS, PAUSES, Delivery, DeliveryState
from server.embedded import Endpoints
from server.market import Market
from server.marketplaces.homeserve import HOMESERVE
from server.services.accounts.accounts import PHONE_DOMAIN
from server.services.talk.courier import OLDEST
from server.settings import Settings
from tests.server.gateways.postbox import Postbox, serving_mail
from tests.server.gateways.sms_service import Service, serving_sms
from tests.server.services.people import user
from tests.waiting import until

MAILED, BOTH = "bonus_alert", "booking_cancelled"


@dataclass
class Post:
    """A market with a mail server and an SMS service that can fail."""

    market: Market
    mails: Postbox
    texts: Service

    async def tell(self, user_id: int, kind: str = MAILED) -> list[Delivery]:
        """Make an account, tell it something, and give the deliveries that are due."""
        await self.market.stores.users.insert(user(user_id, phone=f"+9198765432{user_id:02}"))
        await self.market.database.together(
            lambda: self.market.notifications.notify([user_id], kind, "Something happened")
        )
        return await self.due()

    async def due(self) -> list[Delivery]:
        return await self.market.stores.deliveries.due(clock.now(), 100)

    async def deliver(self, *ids: str) -> int:
        """Deliver, as if the pauses of these deliveries were over."""
        for id in ids:
            await self.market.stores.deliveries.change(id, {"due_at": clock.now()})
        return await self.market.courier.deliver_due()

    async def kept(self, id: str) -> Delivery:
        found = await self.market.stores.deliveries.get(id)
        assert found is not None
        return found

    async def counted(self) -> dict[str, int]:
        """Give today's counts: sent and failed."""
        found = await self.market.notices.statistics()
        return {"sent": found.sent_today, "failed": found.failed_today}


@pytest_asyncio.fixture
async def post(settings: Settings, services: Endpoints) -> AsyncIterator[Post]:
    async with serving_mail() as mails, serving_sms() as texts:
        fresh = settings.model_copy(
            update={
                "db_prefix": f"test_{uuid4().hex[:10]}",
                "smtp_url": mails.url,
                "sms_url": texts.url,
            }
        )
        async with shared_parts(fresh, services) as shared, open_markets(shared, [HOMESERVE]) as markets:
            yield Post(markets["homeserve"], mails, texts)


async def test_a_message_leaves_once(post: Post) -> None:
    """However many deliver at once, each mail and each SMS leaves once, and is counted once."""
    for user_id in range(1, 6):
        await post.tell(user_id, BOTH)
    await asyncio.gather(*(post.market.courier.deliver_due() for _ in range(6)))
    assert (post.mails.received.qsize(), len(post.texts.received)) == (5, 5)
    assert await post.counted() == {"sent": 15, "failed": 0}


async def test_failures_rest_longer_each_time(post: Post) -> None:
    """A mail that is refused for now is tried again, later each time, until it is taken."""
    (due,) = await post.tell(1)
    post.mails.failures = 2
    for attempt, pause in enumerate(PAUSES[:2], 1):
        assert await post.deliver(due.id) == 0
        kept = await post.kept(due.id)
        assert (kept.state, kept.attempts) == (DeliveryState.PENDING, attempt)
        assert kept.due_at is not None and _near(kept.due_at, clock.now() + pause)
    assert await post.deliver(due.id) == 1
    assert (await post.kept(due.id)).state is DeliveryState.SENT
    message = message_from_bytes(post.mails.received.get_nowait().content or b"")
    assert message["Subject"] == "Bonus alert"
    assert "Something happened" in message.as_string()
    assert await post.deliver() == 0 and post.mails.received.empty()


async def test_an_sms_is_tried_again_under_its_key(post: Post) -> None:
    """A service that was down gets the same key each time, so that it can tell a repetition."""
    due = next(one for one in await post.tell(1, BOTH) if one.channel == "sms")
    post.texts.failures = 2
    for _ in range(3):
        await post.deliver(due.id)
    assert post.texts.keys == [due.id] * 3
    assert len(post.texts.received) == 1


async def test_a_message_is_given_up_and_asked_for_again(post: Post) -> None:
    """After the last attempt a delivery has failed and counts as such, until somebody has it tried anew."""
    (due,) = await post.tell(1)
    post.mails.failures = MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        await post.deliver(due.id)
    failed = await post.kept(due.id)
    assert (failed.state, failed.attempts, failed.due_at) == (DeliveryState.FAILED, MOST_ATTEMPTS, None)
    assert await post.deliver() == 0
    assert await post.counted() == {"sent": 1, "failed": 1}  # the socket heard
    reported: list[int] = []

    async def note(done: int, total: int | None) -> None:
        reported.append(done)

    assert await post.market.notices.retry_failed(note) == "1 messages"
    assert reported == [1]
    assert await post.counted() == {"sent": 1, "failed": 0}
    assert await post.deliver() == 1
    assert await post.counted() == {"sent": 2, "failed": 0}


@pytest.mark.parametrize(
    "fields", [{"email": f"919876543210{PHONE_DOMAIN}", "phone": None}, {"is_active": False}]
)
async def test_who_has_no_address_is_skipped(post: Post, fields: dict[str, Any]) -> None:
    """Nothing is sent to a placeholder or a closed account, and that is no failure."""
    await post.market.stores.users.insert(replace(user(1), **fields))
    await post.market.database.together(lambda: post.market.notifications.notify([1], BOTH, "Called off"))
    due = await post.due()
    assert len(due) == 2
    assert await post.deliver() == 0
    assert {(await post.kept(one.id)).state for one in due} == {DeliveryState.SKIPPED}
    assert post.mails.received.empty() and post.texts.keys == []
    assert await post.counted() == {"sent": 1, "failed": 0}


async def test_a_process_that_died_is_followed_by_another(post: Post) -> None:
    """An attempt whose process is gone is made again when its claim is over, and not before."""
    (due,) = await post.tell(1)
    deliveries = post.market.stores.deliveries
    begun = await deliveries.begin(due, clock.now() + timedelta(minutes=1))
    assert begun is not None and await deliveries.begin(due, clock.now()) is None
    assert await post.deliver() == 0
    assert await post.deliver(due.id) == 1
    assert (await post.kept(due.id)).attempts == 2


async def test_an_attempt_that_came_late_changes_nothing(post: Post) -> None:
    """Who comes back after its claim was over neither undoes nor counts what another one did."""
    (due,) = await post.tell(1)
    courier = post.market.courier
    begun = await post.market.stores.deliveries.begin(due, clock.now())
    assert begun is not None
    assert await post.deliver() == 1
    await courier._settle(begun, DeliveryState.FAILED)
    assert (await post.kept(due.id)).state is DeliveryState.SENT
    assert await post.counted() == {"sent": 2, "failed": 0}


async def test_what_ends_its_processes_is_given_up(post: Post) -> None:
    """A delivery that was begun so often without an end is not begun any more."""
    (due,) = await post.tell(1)
    for _ in range(MOST_ATTEMPTS):
        begun = await post.market.stores.deliveries.begin(due, clock.now())
        assert begun is not None
        due = begun
    await post.deliver()
    assert (await post.kept(due.id)).state is DeliveryState.FAILED
    assert post.mails.received.empty()


async def test_old_news_are_given_up(post: Post) -> None:
    """What could not leave for a week is not sent to surprise somebody."""
    (due,) = await post.tell(1)
    await post.market.stores.deliveries.change(due.id, {"created_at": clock.now() - OLDEST * 1.01})
    assert await post.deliver() == 0
    assert (await post.kept(due.id)).state is DeliveryState.FAILED
    assert post.mails.received.empty()


async def test_a_slow_server_holds_up_few(post: Post) -> None:
    """While one mail server thinks, SMS leave."""
    post.mails.may_answer.clear()
    await post.tell(1, BOTH)
    delivering = asyncio.create_task(post.market.courier.deliver_due())

    async def has_texted() -> bool:
        return bool(post.texts.received)

    await until(has_texted)
    assert not delivering.done()
    post.mails.may_answer.set()
    assert await delivering == 2


async def test_counts_equal_a_recount(post: Post) -> None:
    """After any mixture of successes, failures and repetitions the counts are those of the rows."""
    random, deliveries = Random(7), post.market.stores.deliveries
    for user_id in range(1, 13):
        await post.tell(user_id, random.choice([MAILED, BOTH, "dispute_message"]))
    for _ in range(MOST_ATTEMPTS + 1):
        post.mails.failures, post.texts.failures = random.randint(0, 9), random.randint(0, 9)
        for one in await deliveries.find(
            {"due_at": {"$gt": clock.now() - OLDEST, "$lt": clock.now() + OLDEST}}
        ):
            await deliveries.change(one.id, {"due_at": clock.now()})
        await asyncio.gather(*(post.market.courier.deliver_due() for _ in range(3)))
        if random.random() < 0.4:
            await post.market.notices.retry_failed(_ignore)
    rows = Counter(
        (one.date, str(one.channel), one.kind, str(one.state))
        for one in await deliveries.find({})
        if one.state is not DeliveryState.PENDING
    )
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for one in await post.market.stores.delivery_counts.find({}):
        for state in ("sent", "failed", "skipped"):
            counts[one.date, str(one.channel), one.kind, state] += getattr(one, state)
    assert +counts == rows
    found = await post.market.notices.statistics()
    assert sum(found.by_channel.values()) == sum(found.by_kind.values()) == found.sent_today > 12


async def _ignore(done: int, total: int | None) -> None:
    return None


def _near(moment: datetime, expected: datetime) -> bool:
    return abs(moment - expected) < timedelta(seconds=5)
