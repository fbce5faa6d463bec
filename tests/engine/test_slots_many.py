"""Many days at once: the same answer as one day after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import slots
from engine.slots_many import find_many, gather
from tests.engine.conftest import CITY
from tests.engine.test_slots import BASE, NEAR, QUICK, WEDNESDAY, find, hold, visit

WINDOWS = st.sampled_from([(0, 1440), (480, 720), (540, 1080), (700, 760)])
WISHES = st.lists(st.tuples(NEAR, st.sampled_from([30, 60]), st.integers(0, 20)), max_size=4)


@QUICK
@given(st.lists(st.tuples(WINDOWS, NEAR, WISHES), max_size=5), NEAR, st.sampled_from([None, 600, 900]))
def test_many_days_are_each_day_by_itself(
    drawn: list[tuple[tuple[int, int], tuple[float, float], list[tuple[tuple[float, float], int, int]]]],
    place: tuple[float, float],
    preferred: int | None,
) -> None:
    """First start, and start, travel and score of the best slot are those of `find`, day by day."""
    days = []
    for window, base, wishes in drawn:
        day = slots.Day(*window, *base)
        for (lat, lng), duration, pick in wishes:
            if offered := find(day, visit(lat, lng, duration=duration)):
                day = hold(day, visit(lat, lng, duration=duration), offered[pick % len(offered)].start)
        days.append(day)
    request = slots.Request(*place, 45, 10, 5, earliest=500, preferred=preferred)
    best = find_many(gather(days, CITY, WEDNESDAY), request)
    got = list(zip(best.first, best.start, best.travel, best.score, strict=True))
    assert got == [expected(find(day, request)) for day in days]


def expected(offered: list[slots.Slot]) -> tuple[int, int, int, float]:
    if not offered:
        return (-1, -1, -1, 0.0)
    top = max(offered, key=lambda slot: slot.score)
    return (offered[0].start, top.start, top.travel, top.score)


def test_gathered_days_serve_one_search_after_the_other() -> None:
    """A search leaves the days as they are."""
    day = hold(slots.Day(540, 1080, *BASE), visit(), 600)
    days = gather([day, day], CITY, WEDNESDAY)
    columns = (days.windows, days.held, days.direct)
    before = [column.copy() for column in columns]
    first = find_many(days, visit(duration=30))
    find_many(days, visit(28.6, 77.2, duration=60))
    assert find_many(days, visit(duration=30)).start.tolist() == first.start.tolist()
    assert all(
        (one == two).all() for one, two in zip(before, (days.windows, days.held, days.direct), strict=True)
    )


def test_nonsense_among_many_is_refused() -> None:
    """One bad day, or a visit that is none, raises."""
    good = slots.Day(540, 1080, *BASE)
    with pytest.raises(ValueError, match="window"):
        gather([good, slots.Day(600, 540, *BASE)], CITY, WEDNESDAY)
    with pytest.raises(ValueError, match="duration"):
        find_many(gather([good], CITY, WEDNESDAY), visit(duration=0))
