"""The demo's services."""

from server.demo.homeserve.catalogue import CATEGORIES, SERVICES


def test_the_first_service_is_the_documented_one() -> None:
    """Service 1 is the AC Repair of the API document, to the paisa and the minute."""
    first = SERVICES[0]
    assert (first.id, first.name, first.category) == (1, "AC Repair", "Appliance")
    assert first.description == "Air conditioning repair and maintenance"
    assert (first.base_price_minor, first.duration_minutes) == (50_000, 120)


def test_twenty_services_in_six_categories() -> None:
    """Ids count up from 1, names differ, every category has services, every visit fits a day."""
    assert [service.id for service in SERVICES] == list(range(1, 21))
    assert len({service.name for service in SERVICES}) == 20
    assert {service.category for service in SERVICES} == set(CATEGORIES)
    assert len(CATEGORIES) == 6
    assert all(30 <= service.duration_minutes <= 240 for service in SERVICES)
    assert all(service.base_price_minor > 0 and service.popularity > 0 for service in SERVICES)
