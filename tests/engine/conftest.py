"""Every case of the engine runs against the kernel and against its reference."""

from importlib import import_module

import pytest

from engine import pricing, routing, slots, slots_many, travel
from engine.travel import TravelModel

FACADES = (
    ("pricing", pricing, "_kernel"),
    ("routing", routing, "_kernel"),
    ("routing_search", routing, "_search_kernel"),
    ("slots", slots, "_kernel"),
    ("slots", slots_many, "_kernel"),
    ("travel", travel, "_kernel"),
)
"""A kernel's name, who calls it, and by what name."""

CITY = TravelModel(
    road_factor=1.35,
    speeds_kmh=tuple(18.0 if hour % 24 in (9, 10, 18, 19) else 28.0 for hour in range(168)),
    free_flow_kmh=32.0,
    access_minutes=6.0,
)
"""An Indian city: rush hours at 18 km/h, 28 otherwise."""


@pytest.fixture(autouse=True, params=["compiled", "reference"])
def implementation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put kernels or references behind the facades."""
    for name, facade, attribute in FACADES:
        module = f"engine._{name}" if request.param == "compiled" else f"engine.reference.{name}"
        monkeypatch.setattr(facade, attribute, import_module(module))
    return str(request.param)
