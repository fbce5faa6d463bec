"""Slots: everything offered can be booked, and nothing offered lies over held time."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import _slots, slots
from engine.reference import slots as reference
from engine.travel import between, whole_minutes
from tests.engine.conftest import CITY

QUICK = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
BASE = (28.61, 77.21)
NEAR = st.tuples(st.floats(28.55, 28.67), st.floats(77.15, 77.27))
WEDNESDAY = 2


def empty_day(start: int = 540, end: int = 1080) -> slots.Day:
    return slots.Day(start, end, *BASE)


def visit(lat: float = 28.63, lng: float = 77.22, **more: int) -> slots.Request:
    return slots.Request(lat, lng, **({"duration": 120, "before": 15, "after": 15} | more))  # type: ignore[arg-type]


def find(day: slots.Day, request: slots.Request) -> list[slots.Slot]:
    return slots.find(day, request, CITY, WEDNESDAY)


def hold(day: slots.Day, request: slots.Request, start: int) -> slots.Day:
    """Give the day with the visit held at `start`."""
    held = slots.Held(
        start, start + request.duration, request.before, request.after, request.lat, request.lng
    )
    kept = tuple(sorted((*day.held, held), key=lambda one: one.start))
    return slots.Day(day.window_start, day.window_end, day.base_lat, day.base_lng, kept)


def leg(a: tuple[float, float], b: tuple[float, float]) -> int:
    return whole_minutes(between(a, b, CITY, WEDNESDAY * 24 + 13).minutes)


def test_the_documented_arithmetic() -> None:
    """A slot ends after service, both buffers and travel: 120 + 15 + 15 + travel."""
    first = find(empty_day(), visit())[0]
    assert first.start == 540
    assert first.travel == leg(BASE, (28.63, 77.22))
    assert first.end == 540 + 120 + 15 + 15 + first.travel


@QUICK
@given(st.lists(st.tuples(NEAR, st.sampled_from([30, 60, 120]), st.integers(0, 20)), max_size=8), NEAR)
def test_filling_a_day_never_overlaps(
    wishes: list[tuple[tuple[float, float], int, int]], last: tuple[float, float]
) -> None:
    """Every offered slot passes check, lies in hours and off held time; booking any keeps the day sound."""
    day = empty_day()
    for (lat, lng), duration, pick in [*wishes, (last, 30, 0)]:
        request = visit(lat, lng, duration=duration)
        offered = find(day, request)
        for slot in offered:
            assert slots.check(day, request, slot.start, CITY, WEDNESDAY) is None
            assert 540 <= slot.start < slot.end <= 1080
            assert all(slot.end <= one.start or slot.start >= one.end for one in day.held)
            assert 0 <= slot.score <= 10
            assert slot.reasons
        if offered:
            day = hold(day, request, offered[pick % len(offered)].start)
    for earlier, later in zip(day.held, day.held[1:], strict=False):
        way = leg((earlier.lat, earlier.lng), (later.lat, later.lng))
        assert earlier.end + earlier.after + way + later.before <= later.start


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (500, slots.Refusal.OUTSIDE_HOURS),
        (1010, slots.Refusal.OUTSIDE_HOURS),
        (700, slots.Refusal.OVERLAP),
        (839, slots.Refusal.OVERLAP),
        (630, slots.Refusal.TOO_NEAR),
        (840, slots.Refusal.TOO_NEAR),
        (875, slots.Refusal.TOO_NEAR),
        (540, None),
        (876, None),
    ],
)
def test_a_named_start_is_refused_for_the_right_reason(start: int, refusal: slots.Refusal | None) -> None:
    """With 12:00-14:00 held at the same place: outside, over it, too near (15 + 6 + 15), or free."""
    request = visit(duration=60)
    day = hold(empty_day(), visit(), 720)
    assert slots.check(day, request, start, CITY, WEDNESDAY) is refusal


@QUICK
@given(
    st.lists(st.tuples(NEAR, st.sampled_from([15, 30, 75]), st.integers(0, 20)), max_size=6),
    NEAR,
    st.one_of(st.none(), st.integers(540, 1080)),
    st.sampled_from([7, 15, 30]),
)
def test_the_kernel_is_its_reference(
    wishes: list[tuple[tuple[float, float], int, int]],
    place: tuple[float, float],
    preferred: int | None,
    step: int,
) -> None:
    """Kernel and reference give the same slots, scores and reasons included."""
    day = empty_day()
    for (lat, lng), duration, pick in wishes:
        if offered := find(day, visit(lat, lng, duration=duration)):
            day = hold(day, visit(lat, lng, duration=duration), offered[pick % len(offered)].start)
    request = slots.Request(*place, 45, 10, 5, earliest=600, preferred=preferred, step=step)
    found = []
    for kernel in (_slots, reference):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(slots, "_kernel", kernel)
            found.append(find(day, request))
    assert found[0] == found[1]


def test_what_is_free_is_offered() -> None:
    """A start on the grid that fits, and ends before the next visit, is among the offers."""
    day = hold(hold(empty_day(), visit(duration=60), 600), visit(28.6, 77.2, duration=60), 840)
    request = visit(28.62, 77.2, duration=30)
    offered = {slot.start: slot for slot in find(day, request)}
    ways = [leg((28.62, 77.2), place) for place in (BASE, (28.63, 77.22), (28.6, 77.2))]
    for start in range(540, 1080, request.step):
        passed = sum(one.start <= start for one in day.held)
        longer = max(ways[passed], ways[(passed + 1) % 3])
        following = day.held[passed].start if passed < 2 else day.window_end
        fits = slots.check(day, request, start, CITY, WEDNESDAY) is None
        assert (start in offered) == (fits and start + 30 + 15 + 15 + longer <= following)


def test_a_score_is_the_weighted_sum_of_its_parts() -> None:
    """Each of two idle gaps that are too short to sell costs half of the gaps' share."""
    request = slots.Request(*BASE, 60, 0, 0, preferred=560, step=20)
    score = {slot.start: slot.score for slot in find(empty_day(540, 646), request)}
    # Both legs are 6 minutes: 0.45 x (1 - 12 / 60), no load, 20 minutes from the wish at the edges.
    edge, middle = 0.45 * 0.8 + 0.2 * (1 - 20 / 240) + 0.1, 0.45 * 0.8 + 0.2 + 0.1
    assert score == {
        540: pytest.approx(10 * (edge + 0.25 / 2), abs=0.051),
        560: pytest.approx(10 * middle, abs=0.051),
        580: pytest.approx(10 * (edge + 0.25 / 2), abs=0.051),
    }


def test_the_past_is_not_offered() -> None:
    """Nothing before `earliest` is offered, and a named start before it is refused as past."""
    request = visit(earliest=700)
    assert min(slot.start for slot in find(empty_day(), request)) >= 700
    assert slots.check(empty_day(), request, 690, CITY, WEDNESDAY) is slots.Refusal.PAST


def test_a_preferred_time_and_less_travel_score_higher() -> None:
    """The score prefers the wish, and the neighbourhood of a held job over the other side of the city."""
    wished = find(empty_day(), visit(preferred=720))
    assert max(wished, key=lambda slot: slot.score).start in range(690, 751)
    assert any("preferred" in reason for slot in wished for reason in slot.reasons)
    busy = hold(empty_day(), visit(28.67, 77.27, duration=60), 540)
    near, far = find(busy, visit(28.67, 77.27, duration=60)), find(busy, visit(28.55, 77.15, duration=60))
    assert max(slot.score for slot in near) > max(slot.score for slot in far)
    assert min(slot.extra_travel for slot in near) < min(slot.extra_travel for slot in far)


def test_no_room_no_slots() -> None:
    """A visit longer than the window, or a full day, has none."""
    assert find(empty_day(540, 600), visit()) == []
    assert find(hold(empty_day(540, 780), visit(), 560), visit()) == []


@pytest.mark.parametrize(
    ("day", "request_"),
    [
        (empty_day(600, 540), visit()),
        (empty_day(-5, 540), visit()),
        (empty_day(), visit(duration=0)),
        (empty_day(), visit(step=0)),
        (empty_day(), visit(before=-1)),
    ],
)
def test_nonsense_is_refused(day: slots.Day, request_: slots.Request) -> None:
    """Windows, durations, steps and buffers that are none raise."""
    with pytest.raises(ValueError, match=r"window|duration"):
        find(day, request_)
