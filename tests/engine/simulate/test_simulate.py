"""The simulator: the same customers for every policy, every wish accounted for once, figures that add up."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from engine.simulate import city, day, demand, policies
from engine.simulate.city import SERVICES
from engine.simulate.day import Outcome
from engine.simulate.measures import Measures, gini

SMALL = ("--days", "2", "--bookings", "300", "--pincodes", "20", "--vendors", "25", "--quiet")


def simulate(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "engine.simulate", *options]
    return subprocess.run(command, capture_output=True, text=True)


def one_day(
    surge: str = "gentle", dispatch: str = "best_slot", vendors: int = 30
) -> tuple[city.City, demand.Wishes, day.Day]:
    """Give a Monday of some 225 wishes."""
    place = city.draw(30, vendors, seed=3)
    asked = demand.draw(place, 0, 250, seed=3)
    found = day.run(place, 0, asked, policies.surge(surge), policies.DISPATCH[dispatch])
    return place, asked, found


@pytest.fixture(autouse=True)
def implementation() -> str:
    """Once is enough here: kernels and references are compared elsewhere."""
    return "compiled"


@pytest.mark.parametrize("dispatch", policies.DISPATCH)
@pytest.mark.parametrize("surge", policies.SURGE)
def test_every_wish_ends_once_and_as_its_customer_allows(surge: str, dispatch: str) -> None:
    """Who is served paid no more than they would and waited no longer; others have none."""
    _, wishes, found = one_day(surge, dispatch)
    booked = found.vendor >= 0
    assert ((found.outcome >= Outcome.SERVED) == booked).all()
    assert (found.surge[booked] <= wishes.willing[booked]).all()
    assert (
        found.surge[found.outcome == Outcome.TOO_DEAR] > wishes.willing[found.outcome == Outcome.TOO_DEAR]
    ).all()
    waits = (found.start - wishes.wanted)[booked]
    assert (waits >= 0).all()
    assert (waits <= wishes.patience[booked]).all()
    assert booked.any()


@pytest.mark.parametrize("dispatch", policies.DISPATCH)
def test_no_vendor_is_at_two_places_or_out_of_hours(dispatch: str) -> None:
    """Served visits of a vendor do not overlap, lie within the shift, and are of their skills and area."""
    place, wishes, found = one_day(dispatch=dispatch)
    minutes = np.array([minutes for _, _, minutes in SERVICES])[wishes.service]
    for vendor in range(len(place.homes)):
        visits = np.flatnonzero((found.vendor == vendor) & (found.outcome == Outcome.SERVED))
        visits = visits[np.argsort(found.start[visits])]
        ends = found.start[visits] + minutes[visits]
        assert (ends[:-1] < found.start[visits][1:]).all()
        if len(visits):
            assert place.shifts[vendor, 0] <= found.start[visits[0]]
            assert ends[-1] <= place.shifts[vendor, 1]
        assert place.skills[vendor, wishes.service[visits]].all()
        assert place.areas[wishes.pincode[visits], vendor].all()


def test_policies_meet_the_same_customers() -> None:
    """What is wished for does not depend on the policy; another seed or day wishes otherwise."""
    place = city.draw(30, 30, seed=3)
    first, again = (demand.draw(place, 0, 200, seed=3) for _ in range(2))
    assert all((getattr(first, name) == getattr(again, name)).all() for name in first.__dataclass_fields__)
    assert (
        len(demand.draw(place, 1, 200, seed=3).made) != len(first.made)
        or (demand.draw(place, 1, 200, seed=3).wanted != first.wanted).any()
    )


def test_figures_add_up() -> None:
    """Outcomes sum to wishes, revenue is that of the served, shares lie between 0 and 1."""
    place, wishes, found = one_day("steep")
    measures = Measures()
    measures.add(place, wishes, found)
    figures = measures.figures()
    lost = figures["lost_to_price"] + figures["lost_without_vendor"]
    cancelled = figures["cancelled_by_customer"] + figures["cancelled_by_vendor"]
    assert figures["served"] + lost + cancelled == figures["wishes"] == len(wishes.made)
    assert figures["revenue_minor"] == found.price[found.outcome == Outcome.SERVED].sum()
    shares = (
        "served_share",
        "cancelled_share",
        "utilisation",
        "travel_share",
        "price_gini",
        "paying_over_1_3",
    )
    assert all(0 <= figures[name] <= 1 for name in shares)


def test_prices_of_no_surge_are_the_base_prices() -> None:
    """Without surge nobody is lost to a price above the base, and prices are equal everywhere."""
    _, wishes, found = one_day("none")
    bases = np.array([base for _, base, _ in SERVICES])[wishes.service]
    assert (found.price == bases).all()
    assert gini(found.surges[:, 12]) == pytest.approx(0)


def test_prices_count_what_the_marketplace_counts() -> None:
    """A booking is demand within 5 km for every service; only who performs the service supplies it."""
    place = city.draw(30, 30, seed=3)
    curve = policies.surge("steep")
    world = day._World(place, 0, demand.draw(place, 0, 250, seed=3), curve)
    before = world.surges()
    world.booked[4, 12] += 5
    dearer = (world.surges() > before).any(axis=0)
    assert dearer[4, 12]
    km = place.near()[4] > 0
    assert not dearer[~km].any()
    assert not dearer[:, np.arange(24) != 12].any()
    counted = [
        sum(place.areas[4] & place.skills[:, service] & (world.works[:, 12] > 0)) for service in range(4)
    ]
    assert world.duty[:, 4, 12].tolist() == counted


def test_more_vendors_serve_more() -> None:
    """Twice the vendors for the same wishes serve at least as many, within a hundredth."""
    few, many = one_day("none", vendors=20), one_day("none", vendors=40)
    served = [int((found.outcome == Outcome.SERVED).sum()) for _, _, found in (few, many)]
    assert served[1] >= 0.99 * served[0]


@pytest.mark.parametrize(("values", "expected"), [([1, 1, 1], 0.0), ([0, 0, 1], 2 / 3), ([0, 0], 0.0)])
def test_gini_of_known_values(values: list[float], expected: float) -> None:
    """Equality is 0; one of three having all is two thirds."""
    assert gini(np.array(values, np.float64)) == pytest.approx(expected)


def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    """On one process or two; plots are SVG, the table names every policy."""
    for name, processes in (("one", "1"), ("two", "2")):
        done = simulate(*SMALL, "--output", str(tmp_path / name), "--processes", processes)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert all(policy in done.stdout for policy in ("none", "gentle", "steep"))
    for kept in ("results.json", "prices.csv"):
        assert (tmp_path / "one" / kept).read_bytes() == (tmp_path / "two" / kept).read_bytes()
    plots = sorted((tmp_path / "one").glob("*.svg"))
    assert len(plots) == 6
    for plot in plots:
        assert ElementTree.parse(plot).getroot().tag.endswith("svg")  # noqa: S314 - our own file


def test_the_policy_in_use_can_be_judged(tmp_path: Path) -> None:
    """What the server prints is what the simulator reads, several dispatch policies beside each other."""
    printed = subprocess.run(
        [sys.executable, "-m", "server", "surge"], capture_output=True, text=True, check=True
    )
    (tmp_path / "homeserve.json").write_text(printed.stdout)
    done = simulate(*SMALL, "--surge", str(tmp_path / "homeserve.json"), "--dispatch", "nearest", "soonest")
    assert done.returncode == 0, done.stderr
    assert "nearest" in done.stdout
    assert policies.surge(str(tmp_path / "homeserve.json")).cap == json.loads(printed.stdout)["cap"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--surge", "nothing"), "no surge policy"),
        (("--days", "0"), "1.."),
        (("--dispatch", "magic"), "invalid choice"),
        (("--vendors", "many"), "whole number"),
        (("--seed", "-1"), "1.."),
        (("--surge", "none", "none"), "once"),
        (("--dispatch", "soonest", "soonest"), "once"),
        (("--surge", "."), "cannot be read"),
        (("--output", "pyproject.toml"), "--output"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(options: tuple[str, ...], word: str) -> None:
    """In one line, with status 2, without a traceback."""
    done = simulate(*options)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_policy_is_named(tmp_path: Path) -> None:
    """Neither what is no JSON nor what lacks a table is taken for a policy."""
    for content in ("{", "{}", '{"hour_table": [1]}', "[]", '{"hour_table": [NaN]}'):
        (tmp_path / "wrong.json").write_text(content)
        with pytest.raises(ValueError, match="holds no surge policy"):
            policies.surge(str(tmp_path / "wrong.json"))
