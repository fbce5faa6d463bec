"""The demo's service categories, with what professionals show of each and clients ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.demo.drawing import Colour
from server.domain.entities import Service
from server.services.shop.catalogue_changes import USUAL_MINUTES


@dataclass(frozen=True, slots=True)
class Trade:
    """A category.

    firm   : what businesses of the trade are called after their first word
    hourly : dollars an hour
    works  : (title, description) of work that is shown
    jobs   : what clients ask for
    """

    id: int
    name: str
    description: str
    firm: str
    hourly: int
    colour: Colour
    works: tuple[tuple[str, str], ...]
    jobs: tuple[str, ...]


_ROWS = (
    (
        "Plumbing",
        "Professional plumbing services including repair, installation, and maintenance",
        "Plumbing Services",
        75,
        (62, 114, 170),
        (
            ("Bathroom Renovation", "Complete bathroom renovation with new pipes and fittings"),
            ("Kitchen Repiping", "Old steel pipes replaced by copper behind the cabinets"),
            ("Water Heater", "Tankless water heater with a new gas line"),
        ),
        ("Kitchen faucet repair", "Leaking pipe under the sink", "Clogged shower drain", "New water heater"),
    ),
    (
        "Electrical",
        "Licensed electrical services for residential and commercial properties",
        "Electric",
        85,
        (196, 146, 40),
        (
            ("Panel Upgrade", "From 100 to 200 amperes, with surge protection"),
            ("Garden Lighting", "Low-voltage path lights on a timer"),
            ("Home Charger", "Charging station for an electric car"),
        ),
        ("Outlet without power", "Hang three ceiling lamps", "Breaker trips every evening"),
    ),
    (
        "Carpentry",
        "Custom woodwork, framing, doors and repairs",
        "Woodworks",
        65,
        (150, 98, 58),
        (
            ("Kitchen Renovation", "Complete kitchen remodel with custom cabinets"),
            ("Built-in Bookcase", "Oak shelves from wall to wall"),
            ("Cedar Deck", "Deck with benches and a pergola"),
        ),
        ("Door does not close", "Shelves for the study", "Repair of the back stairs"),
    ),
    (
        "Painting",
        "Interior and exterior painting with clean edges and low-odour paints",
        "Painters",
        50,
        (118, 86, 158),
        (
            ("Living Room", "Two colours, ceiling and trim"),
            ("House Exterior", "Power washed, primed and painted twice"),
            ("Nursery", "Paint without solvents, and a mural"),
        ),
        ("Paint the hallway", "Touch up after a leak", "Bedroom walls and ceiling"),
    ),
    (
        "HVAC",
        "Heating, ventilation and air conditioning: installation, tune-ups and repair",
        "Heating & Air",
        95,
        (64, 140, 140),
        (
            ("Heat Pump", "Ductless heat pump with three heads"),
            ("Furnace Replacement", "High-efficiency furnace and thermostat"),
            ("Duct Sealing", "Leaks found by smoke and sealed"),
        ),
        ("Air conditioner blows warm", "Yearly furnace check", "New thermostat"),
    ),
    (
        "Roofing",
        "Roof inspection, repair and replacement, gutters included",
        "Roofing",
        90,
        (158, 70, 62),
        (
            ("Shingle Roof", "Tear-off and new architectural shingles"),
            ("Gutter Guards", "Seamless gutters with guards on all sides"),
            ("Skylight", "Skylight with a new flashing"),
        ),
        ("Leak above the porch", "Clean the gutters", "Inspection before a sale"),
    ),
    (
        "Landscaping",
        "Garden design, planting, irrigation and lawn care",
        "Gardens",
        55,
        (84, 134, 66),
        (
            ("Native Garden", "Lawn replaced by native plants and gravel"),
            ("Stone Patio", "Flagstone patio with a fire pit"),
            ("Drip Irrigation", "Drip lines with a rain sensor"),
        ),
        ("Trim the hedges", "Design for the front yard", "Repair of a sprinkler"),
    ),
    (
        "Cleaning",
        "Deep cleaning, move-out cleaning and weekly housekeeping",
        "Cleaners",
        40,
        (90, 110, 130),
        (
            ("Move-out Cleaning", "Four rooms, oven and windows in a day"),
            ("Carpet Rescue", "Stains of ten years removed by steam"),
            ("Office Cleaning", "Two floors, every evening"),
        ),
        ("Deep cleaning before guests", "Windows on both floors", "Move-out cleaning"),
    ),
)

TRADES: Mapping[int, Trade] = {number: Trade(number, *row) for number, row in enumerate(_ROWS, 1)}
"""By id; Plumbing is 1."""


def services(opened_at: datetime) -> list[Service]:
    """Give the categories as the core keeps them: without a price, on which each professional agrees."""
    return [
        Service(one.id, one.name, one.description, 0, one.name, USUAL_MINUTES, opened_at, opened_at)
        for one in TRADES.values()
    ]
