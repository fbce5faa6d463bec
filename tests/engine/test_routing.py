"""Routing: exact where it says so, never worse than what was booked, honest about what cannot be served."""

from dataclasses import replace
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import _routing, _routing_search, routing
from engine.reference import routing as reference
from engine.reference import routing_search as reference_search
from engine.routing import Problem, Stop, evaluate, solve

QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@st.composite
def days(draw: st.DrawFn, most: int) -> Problem:
    """Give any day: one-way streets, legs of nothing, windows from a minute to hours, buffers."""
    n = draw(st.integers(1, most))
    legs = draw(st.lists(st.integers(0, 50), min_size=(n + 1) ** 2, max_size=(n + 1) ** 2))
    travel = np.array(legs).reshape(n + 1, n + 1)
    np.fill_diagonal(travel, 0)
    stop = st.builds(
        lambda opens, width, duration, before, after: Stop(duration, opens, opens + width, before, after),
        st.integers(420, 800),
        st.sampled_from([0, 60, 240, 600]),
        st.sampled_from([0, 15, 40]),
        st.integers(0, 10),
        st.integers(0, 10),
    )
    stops = draw(st.lists(stop, min_size=n, max_size=n))
    return Problem(travel, tuple(stops), draw(st.integers(420, 600)), draw(st.integers(700, 1200)))


def day(seed: int, stops: int, window: int = 360, end: int = 1200) -> Problem:
    """Give a seeded day: places in a square of an hour, windows of `window` minutes."""
    rng = Random(seed)
    points = [(rng.uniform(0, 60), rng.uniform(0, 60)) for _ in range(stops + 1)]
    travel = np.array([[int(np.hypot(a - c, b - d)) for c, d in points] for a, b in points])
    rows = []
    for _ in range(stops):
        opens = rng.randrange(540, 900)
        rows.append(Stop(rng.choice((15, 30)), opens, opens + window, before=5, after=5))
    return Problem(travel, tuple(rows), 540, end)


def best_by_trial(problem: Problem) -> tuple[int, int] | None:
    plans = [evaluate(problem, order) for order in permutations(range(len(problem.stops)))]
    feasible = [(plan.travel_minutes, plan.finish) for plan in plans if plan.feasible]
    return min(feasible, default=None)


@pytest.mark.parametrize("window", [45, 120, 360])
@pytest.mark.parametrize("seed", range(12))
def test_the_exact_day_equals_trying_every_order(seed: int, window: int) -> None:
    """Travel and finish are the best of all orders; where no order works, the plan says so."""
    problem = day(seed, 6, window)
    plan, best = solve(problem), best_by_trial(problem)
    assert ((plan.travel_minutes, plan.finish) if plan.feasible else None) == best
    assert plan.proven_optimal == (best is not None)


@QUICK
@given(days(most=5), st.randoms(use_true_random=False))
def test_any_day_is_solved_as_by_trial_whatever_it_starts_from(problem: Problem, rng: Random) -> None:
    """The optimum of every order, proven, also from a start order, feasible or not; else not feasible."""
    best = best_by_trial(problem)
    start_order = rng.sample(range(len(problem.stops)), len(problem.stops))
    for plan in (solve(problem), solve(problem, start_order=start_order)):
        assert ((plan.travel_minutes, plan.finish) if plan.feasible else None) == best
        assert plan.proven_optimal == (best is not None)
        assert plan.late or plan.feasible


def test_seven_stops_equal_trying_every_order() -> None:
    """All 5040 orders of a day of seven stops, windows wide and narrow among them."""
    mixed = [day(1, 7, window).stops for window in (60, 200, 400)]
    problem = replace(day(1, 7), stops=tuple(mixed[index % 3][index] for index in range(7)))
    plan = solve(problem)
    assert (plan.travel_minutes, plan.finish) == best_by_trial(problem)


@QUICK
@given(days(most=8))
def test_the_kernel_is_its_reference(problem: Problem) -> None:
    """Kernel and reference find plans of the same travel and finish, or none."""
    found = []
    for kernel in (_routing, reference):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(routing, "_kernel", kernel)
            plan = solve(problem)
            found.append((plan.travel_minutes, plan.finish) if plan.feasible else None)
    assert found[0] == found[1]


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_keeps_its_own_promises(seed: int) -> None:
    """Arrival, waiting, start and departure follow from travel, windows and buffers."""
    problem = day(seed, 8)
    plan = solve(problem)
    place, ready = 0, problem.day_start
    for position, index in enumerate(plan.order):
        stop, leg = problem.stops[index], int(problem.travel[place, index + 1])
        if position:
            assert plan.arrivals[position] == ready + leg
        assert plan.starts[position] == plan.arrivals[position] + stop.before + plan.waits[position]
        assert stop.open <= plan.starts[position] <= stop.close
        assert plan.departures[position] == plan.starts[position] + stop.duration + stop.after
        place, ready = index + 1, plan.departures[position]
    assert plan.finish == ready + problem.travel[place, 0] <= problem.day_end


@pytest.mark.parametrize(("seed", "stops"), [(1, 5), (2, 7), (3, 8)])
def test_never_worse_than_the_booked_order(seed: int, stops: int) -> None:
    """A feasible start order bounds the travel, whatever it is."""
    problem = day(seed, stops)
    orders = [order for order in permutations(range(stops)) if evaluate(problem, order).feasible][:5]
    for order in orders:
        assert solve(problem, start_order=order).travel_minutes <= evaluate(problem, order).travel_minutes


@pytest.mark.parametrize("seed", range(3))
def test_twenty_stops_are_proven(implementation: str, seed: int) -> None:
    """What the proof gives keeps every window and is no worse than a long search."""
    if implementation == "reference":
        return  # hours of plain Python
    problem = day(seed, 20, 700, end=1900)
    proven = solve(problem)
    searched = _routing_search.Search(*routing._network(problem), np.arange(20, dtype=np.int32), seed)
    searched.run(2_000)
    assert proven.feasible
    assert proven.proven_optimal
    assert proven.travel_minutes <= evaluate(problem, searched.order).travel_minutes


def test_a_proof_that_has_no_room_is_none() -> None:
    """With too few labels nothing is claimed."""
    network = routing._network(day(1, 13, 700, end=1900))
    assert _routing.solve(*network, 100_000, 2_000) == (None, False)


@pytest.mark.parametrize("seed", range(6))
def test_the_search_is_its_reference(seed: int) -> None:
    """Kernel and reference come to the same order after the same descents, late days among them."""
    problem = day(seed, 9, 90 if seed % 2 else 300)
    given = *routing._network(problem), np.arange(9, dtype=np.int32), seed
    kernel, plain = _routing_search.Search(*given), reference_search.Search(*given)
    for _ in range(3):
        assert kernel.order == plain.order
        kernel.run(4)
        plain.run(4)
    assert kernel.order == plain.order


def long_day() -> Problem:
    """Give a day beyond the exact method."""
    return day(5, 24, 1200, end=2200)


def test_a_day_beyond_the_exact_method_is_searched(implementation: str) -> None:
    """It comes back feasible, not worse than given, and not claimed to be proven."""
    if implementation == "reference":
        return
    given = solve(long_day())
    assert given.feasible
    again = solve(long_day(), start_order=given.order)
    assert again.travel_minutes <= given.travel_minutes
    assert not again.proven_optimal


def test_an_impossible_long_day_names_who_comes_too_late(implementation: str) -> None:
    """Beyond the exact method too: of two visits at one minute one is named."""
    if implementation == "reference":
        return
    clash = Stop(30, 600, 600)
    plan = solve(replace(long_day(), stops=(clash, *long_day().stops[1:-1], clash)))
    assert not plan.feasible
    assert not plan.proven_optimal
    assert {0, 23} & set(plan.late)


def test_a_long_day_may_start_from_an_order_that_is_too_late(implementation: str) -> None:
    """A start order that is not feasible is no obstacle to a plan that is."""
    if implementation == "reference":
        return
    problem = long_day()
    closing = sorted(range(24), key=lambda index: -problem.stops[index].close)
    late = replace(problem, stops=tuple(replace(one, close=min(one.close, 1700)) for one in problem.stops))
    assert not evaluate(late, closing).feasible
    assert solve(late, start_order=closing).feasible


def test_an_impossible_day_names_who_comes_too_late() -> None:
    """Two visits at one minute an hour apart cannot both be kept: the second is named, nothing is proven."""
    travel = np.full((3, 3), 60)
    np.fill_diagonal(travel, 0)
    problem = Problem(travel, (Stop(30, 600, 600), Stop(30, 600, 600)), 540, 1080)
    plan = solve(problem)
    assert not plan.feasible
    assert not plan.proven_optimal
    assert len(plan.late) == 1
    assert solve(problem, start_order=(1, 0)).late == (0,)


def test_an_empty_day_is_a_day() -> None:
    """Without stops there is nothing to travel."""
    plan = solve(Problem(np.zeros((1, 1)), (), 540, 1080))
    assert (plan.order, plan.travel_minutes, plan.feasible) == ((), 0, True)


def test_home_too_late_is_not_feasible() -> None:
    """The way home counts against the end of the day."""
    travel = np.array([[0, 30], [30, 0]])
    assert solve(Problem(travel, (Stop(60, 600, 600),), 540, 690)).feasible
    assert not solve(Problem(travel, (Stop(60, 600, 600),), 540, 689)).feasible


@pytest.mark.parametrize(
    "travel",
    [np.zeros((2, 2)), np.zeros(9), np.full((3, 3), -1)]
    + [np.full((3, 3), value) for value in (2.5, np.nan, np.inf, 1e12)],
)
def test_a_matrix_that_is_none_is_refused(travel: np.ndarray) -> None:
    """Travel is a square of whole minutes: no other shape, sign, fraction, nor what is no number."""
    with pytest.raises(ValueError, match="travel"):
        Problem(travel, (Stop(1, 1, 1), Stop(1, 1, 1)), 0, 10)


def test_no_order_of_the_stops_is_refused() -> None:
    """evaluate wants every stop once."""
    with pytest.raises(ValueError, match="every stop"):
        evaluate(day(1, 3), (0, 1, 1))


def test_a_day_of_more_than_two_days_is_refused() -> None:
    """The kernels keep a value a minute of every window."""
    with pytest.raises(ValueError, match="minutes"):
        Problem(np.zeros((1, 1)), (), 0, 3000)


@pytest.mark.parametrize("seed", range(8))
def test_booked_times_are_kept_where_the_order_allows(seed: int) -> None:
    """Wishes never cost feasibility or travel; in an order that fits them, they are met to the minute."""
    problem = day(seed, 6, 300)
    plan = solve(problem)
    if not plan.feasible:
        return
    rng = Random(seed)
    wished = [rng.randrange(540, 1200) for _ in problem.stops]
    kept = evaluate(problem, plan.order, wished)
    assert kept.feasible
    assert kept.travel_minutes == plan.travel_minutes
    again = evaluate(
        problem, plan.order, [dict(zip(kept.order, kept.starts, strict=True))[i] for i in range(6)]
    )
    assert again.starts == kept.starts
    assert all(start >= early for start, early in zip(kept.starts, plan.starts, strict=True))
