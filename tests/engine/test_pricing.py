"""Pricing: exact products, bounds, and monotony in demand and supply."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import pricing
from server.marketplaces.homeserve import SURGE

QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
HOURS = st.integers(0, 167)
COUNTS = st.integers(0, 60)


def quote(hour: int, booked: int, on_duty: int, free: int, base: int = 50_000) -> pricing.Quote:
    """Price with a policy prepared for the implementation under test."""
    return pricing.quote(
        replace(SURGE), base, hour, booked=booked, capacity=on_duty, free=free, on_duty=on_duty
    )


@QUICK
@given(HOURS, COUNTS, COUNTS, COUNTS, st.integers(0, 10_000_000))
def test_surge_is_the_product_and_the_price_follows_exactly(
    hour: int, booked: int, on_duty: int, free: int, base: int
) -> None:
    """Surge = factors' product to two decimals within the bounds; final = base x surge, half up."""
    priced = quote(hour, booked, on_duty, min(free, on_duty), base)
    factors = (priced.time_multiplier, priced.demand_multiplier, priced.availability_multiplier)
    hundredths = [round(factor * 100) for factor in factors]
    assert all(abs(factor * 100 - whole) < 1e-9 for factor, whole in zip(factors, hundredths, strict=True))
    product = (hundredths[0] * hundredths[1] * hundredths[2] + 5000) // 10_000
    surge = min(max(product, round(SURGE.floor * 100)), round(SURGE.cap * 100))
    assert priced.surge_multiplier == surge / 100
    assert priced.final_minor == (base * surge + 50) // 100


@QUICK
@given(HOURS, COUNTS, st.integers(1, 60), COUNTS)
def test_more_demand_never_lowers_and_more_supply_never_raises(
    hour: int, booked: int, on_duty: int, free: int
) -> None:
    """Prices are monotone in bookings, in free providers and in providers on duty."""
    free = min(free, on_duty)
    here = quote(hour, booked, on_duty, free).final_minor
    assert quote(hour, booked + 1, on_duty, free).final_minor >= here
    assert quote(hour, booked, on_duty, min(free + 1, on_duty)).final_minor <= here
    assert quote(hour, booked, on_duty + 1, free + 1).final_minor <= here


@QUICK
@given(HOURS, COUNTS, COUNTS)
def test_nobody_on_duty_is_never_cheaper_than_somebody(hour: int, booked: int, on_duty: int) -> None:
    """Without any provider the hour is as scarce as it can be."""
    assert quote(hour, booked, 0, 0).final_minor >= quote(hour, booked, on_duty + 1, on_duty + 1).final_minor


@QUICK
@given(st.lists(st.tuples(HOURS, COUNTS, COUNTS, COUNTS), min_size=1, max_size=20))
def test_arrays_and_grid_agree_with_single_quotes(rows: list[tuple[int, int, int, int]]) -> None:
    """quotes() and grid() are quote(), element by element."""
    hours, booked, on_duty, free = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    policy = replace(SURGE)
    many = pricing.quotes(policy, 19_900, hours.astype(int), booked, on_duty, free, on_duty)
    one_hour = [column[:, None] for column in (booked, on_duty, free, on_duty)]
    grid = pricing.grid(policy, [rows[0][0]], *one_hour)
    for index, (hour, asked, duty, idle) in enumerate(rows):
        single = quote(hour, asked, duty, idle, 19_900)
        assert (many.surge[index], many.final_minor[index]) == (single.surge_multiplier, single.final_minor)
        assert grid[index, 0] == quote(rows[0][0], asked, duty, idle).surge_multiplier


@pytest.mark.parametrize(
    ("surge", "name"), [(0.9, "low"), (1.0, "normal"), (1.14, "normal"), (1.15, "high"), (1.5, "very_high")]
)
def test_levels_begin_at_their_threshold(surge: float, name: str) -> None:
    """A surge has the name of the highest threshold it reaches."""
    assert pricing.level(SURGE, surge) == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"hour_table": (1.0,) * 24},
        {"demand_curve": ((0.0, 1.2), (1.0, 1.0))},
        {"demand_curve": ()},
        {"availability_curve": ((0.0, 1.0), (1.0, 1.2))},
        {"floor": 2.0, "cap": 1.0},
        {"levels": ()},
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    """Curves that go the wrong way, short tables and crossed bounds cannot be built."""
    with pytest.raises(ValueError, match="need"):
        replace(SURGE, **wrong)  # type: ignore[arg-type]


def test_an_hour_outside_the_week_is_refused() -> None:
    """No hour is read beyond the table."""
    with pytest.raises(ValueError, match="hours"):
        quote(168, 1, 1, 1)
    with pytest.raises(ValueError, match="hours"):
        pricing.quotes(replace(SURGE), 100, [168], 1, 1, 1, 1)


@pytest.mark.parametrize("base", [-1, pricing.LARGEST_BASE_MINOR + 1])
def test_a_base_that_could_not_be_priced_exactly_is_refused(base: int) -> None:
    """No price is below nothing, and none so large that its product would be rounded."""
    with pytest.raises(ValueError, match="bases"):
        quote(34, 1, 1, 1, base)


def test_the_largest_base_is_priced_exactly() -> None:
    """At the upper end of money and multipliers the integers are still those of exact arithmetic."""
    policy = replace(SURGE, hour_table=(89.99,) * 168, cap=90.0)
    bases = [pricing.LARGEST_BASE_MINOR - step for step in range(2_000)]
    priced = pricing.quotes(policy, bases, 0, 0, 1, 1, 1)
    surge = round(float(priced.surge[0]) * 100)
    assert priced.final_minor.tolist() == [(base * surge + 50) // 100 for base in bases]


def test_columns_of_every_length_are_taken() -> None:
    """One value, a whole block, a block and a rest: every price is the single one."""
    for count in (0, 1, 511, 512, 513, 1_300):
        booked = np.arange(count) % 37
        many = pricing.quotes(replace(SURGE), 50_000, np.arange(count) % 168, booked, 8, 3, 8)
        assert len(many.final_minor) == count
        for index in range(0, count, 101):
            assert many.final_minor[index] == quote(index % 168, index % 37, 8, 3).final_minor
