"""A vendor's day: our exact program beside the same in plain Python, VROOM and OR-Tools' search."""

import pytest

from benchmarks.conftest import working_day
from benchmarks.race import Races
from engine import routing
from engine.reference import routing as reference


@pytest.mark.parametrize("stops", [8, 10, 12, 13])
def test_a_day(races: Races, stops: int) -> None:
    day = working_day(stops)
    given = day.travel, routing._columns(day), day.day_start, day.day_end, -1
    contenders = {"Doorstep, proven": lambda: routing.solve(day)}
    if stops <= 10:
        contenders["plain Python, the same program"] = lambda: routing.evaluate(day, reference.solve(*given))
    answers = races.run(f"a vendor's day, {stops} stops, windows of 6 h", contenders, rounds=5)
    assert len({plan.travel_minutes for plan in answers.values()}) == 1
