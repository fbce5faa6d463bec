"""The demo fits the marketplace that it is written into."""

from server.demo.homeserve.history import travel_minutes
from server.demo.homeserve.model import INDIA, DemoBooking, People
from server.marketplaces.homeserve import HOMESERVE
from server.places.globe import great_circle_km
from server.places.table import Places


def test_states_roles_and_zone_are_homeserves(crowd: People, bookings: tuple[DemoBooking, ...]) -> None:
    """Every state is in the lifecycle, every role in the table, and the clocks agree."""
    everyone = [*(v.person for v in crowd.vendors), *(c.person for c in crowd.customers), *crowd.staff]
    assert {booking.state for booking in bookings} <= set(HOMESERVE.lifecycle.phases)
    assert {person.role for person in everyone} == set(HOMESERVE.roles)
    assert HOMESERVE.timezone == INDIA


def test_the_travel_bound_holds_for_the_marketplaces_own_model(places: Places) -> None:
    """No leg takes longer by the marketplace's travel model, at its slowest hour, than the demo allows."""
    model = HOMESERVE.travel
    for target in ("110001", "110002", "110048", "110092", "201301"):
        a, b = places.get("110001"), places.get(target)
        km = model.road_factor * great_circle_km((a.lat, a.lng), (b.lat, b.lng))
        slowest = 60 * km / min(model.speeds_kmh) + model.access_minutes
        assert slowest <= travel_minutes(places, "110001", target)
