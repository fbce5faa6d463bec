"""The demo's disputes."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from server.demo.homeserve.quarrels import STORIES, Quarrel, quarrel_about
from server.domain.disputes import DisputeState
from server.domain.entities import Booking, User
from server.marketplaces.homeserve import SEVERITY

FINISHED = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def booking() -> Booking:
    """A visit that ended on the first of January."""
    start = FINISHED - timedelta(hours=2)
    return Booking(
        id="b",
        customer_id=1,
        customer_name="John Doe",
        provider_id=2,
        provider_name="Jane Smith",
        service_id=1,
        service_name="AC Repair",
        state="completed",
        price_minor=500_00,
        base_price_minor=500_00,
        surge_multiplier=1.0,
        demand_level="normal",
        pincode="110001",
        lat=0.0,
        lng=0.0,
        starts_at=start,
        ends_at=FINISHED,
        window_start=start,
        window_end=start,
        date="2026-01-01",
        hour=start,
        duration_minutes=120,
        before_minutes=15,
        after_minutes=15,
        created_at=start,
        updated_at=FINISHED,
        completed_at=FINISHED,
    )


def quarrels(booking: Booking, age: timedelta, count: int = 200) -> list[Quarrel | None]:
    """Give disputes about visits so long ago, drawn one after the other."""
    rng = Random(1)
    mediator = User(3, "ops1", "ops1@example.com", "ops_manager", FINISHED, first_name="Meera")
    return [
        quarrel_about(rng, replace(booking, id=str(number)), mediator, SEVERITY, FINISHED + age)
        for number in range(count)
    ]


def test_they_depend_on_the_draw_alone(booking: Booking) -> None:
    """The same draw gives the same disputes, messages and ids."""
    age = timedelta(days=5)
    assert quarrels(booking, age) == quarrels(booking, age)


def test_nothing_lies_in_the_future(booking: Booking) -> None:
    """Right after a visit nobody has complained; later all have, and nothing is said after now."""
    assert quarrels(booking, timedelta(hours=2)) == [None] * 200
    for days in (1, 3, 20):
        now = FINISHED + timedelta(days=days)
        for one in quarrels(booking, timedelta(days=days)):
            assert one is not None and one.dispute.created_at <= now
            assert all(message.created_at <= now for message in one.messages)
            assert one.dispute.resolved_at is None or one.dispute.resolved_at <= now


def test_young_ones_are_open_and_old_ones_are_settled(booking: Booking) -> None:
    """After two days every state but closed occurs; after two weeks all are resolved."""
    young = Counter(one.dispute.state for one in quarrels(booking, timedelta(days=2)) if one)
    assert set(young) == {DisputeState.OPEN, DisputeState.IN_PROGRESS, DisputeState.RESOLVED}
    old = Counter(one.dispute.state for one in quarrels(booking, timedelta(days=14)) if one)
    assert set(old) == {DisputeState.RESOLVED}


def test_outcomes_follow_the_stories(booking: Booking) -> None:
    """Every story is told, and what is given back lies near what is usual for it."""
    told = [one.dispute for one in quarrels(booking, timedelta(days=20)) if one]
    assert {dispute.title for dispute in told} == {story.title for story in STORIES}
    usual = {story.title: story.share for story in STORIES}
    for dispute in told:
        assert dispute.resolution_minor / dispute.price_minor == pytest.approx(usual[dispute.title], abs=0.06)
