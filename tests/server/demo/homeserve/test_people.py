"""Who is in the demo marketplace."""

import pytest

from server.demo.homeserve.catalogue import SERVICES
from server.demo.homeserve.cities import CITIES
from server.demo.homeserve.model import People
from server.demo.homeserve.people import people
from server.places.globe import great_circle_km
from server.places.table import Places


def test_the_same_seed_gives_the_same_people(seed: int, places: Places, crowd: People) -> None:
    """People depend on the seed alone, and on the seed at all."""
    assert people(seed, places) == crowd
    assert people(seed + 1, places) != crowd


def test_there_are_as_many_as_promised(crowd: People) -> None:
    """60 vendors, 120 customers and a member of staff of each kind, numbered from 1."""
    assert [vendor.person.username for vendor in crowd.vendors] == [f"vendor{n}" for n in range(1, 61)]
    assert [customer.person.username for customer in crowd.customers] == [
        f"customer{n}" for n in range(1, 121)
    ]
    assert {person.username: person.role for person in crowd.staff} == {
        "ops1": "ops_manager",
        "onboard1": "onboard_manager",
        "admin1": "super_admin",
    }


def test_nobody_shares_a_name_a_phone_or_an_address(crowd: People) -> None:
    """User names, mail addresses, phones and full names are unique; mail follows the user name."""
    everyone = [*(v.person for v in crowd.vendors), *(c.person for c in crowd.customers), *crowd.staff]
    for one in everyone:
        assert one.email == f"{one.username}@example.com"
        assert one.phone.startswith("+91") and len(one.phone) == 13 and one.phone[1:].isdigit()
    assert len({one.phone for one in everyone}) == len(everyone)
    assert len({one.username for one in everyone}) == len(everyone)
    assert len({(one.first_name, one.last_name) for one in everyone}) == len(everyone)


def test_every_pincode_is_real(places: Places, crowd: People) -> None:
    """Localities, homes, bases and service areas are in the table; Delhi begins as the document does."""
    assert [locality.pincode for locality in CITIES[0].localities[:3]] == ["110001", "110002", "110003"]
    named = {locality.pincode for city in CITIES for locality in city.localities}
    named |= {pincode for vendor in crowd.vendors for pincode in (vendor.base_pincode, *vendor.area_pincodes)}
    named |= {customer.person.pincode for customer in crowd.customers}
    assert all(places.known(pincode) for pincode in named)


def test_localities_are_where_their_city_is(places: Places) -> None:
    """No locality lies more than 20 km from its city's first one."""
    for city in CITIES:
        centre = places.get(city.localities[0].pincode)
        for locality in city.localities:
            place = places.get(locality.pincode)
            assert great_circle_km((centre.lat, centre.lng), (place.lat, place.lng)) < 20, locality


def test_vendor1_and_customer1_are_the_ones_of_the_document(crowd: People) -> None:
    """vendor1 repairs air conditioners from 110001, nine to six, not on Sundays; customer1 lives there."""
    vendor = crowd.vendors[0]
    assert (vendor.city, vendor.base_pincode, vendor.person.pincode) == ("Delhi", "110001", "110001")
    assert 1 in vendor.skills
    assert {"110001", "110002", "110003"} <= set(vendor.area_pincodes)
    assert [(s.weekday, s.start_minute, s.end_minute) for s in vendor.shifts] == [
        (day, 540, 1080) for day in range(1, 7)
    ]
    assert vendor.buffer_minutes == 15
    assert crowd.customers[0].person.pincode == "110001"


def test_areas_surround_their_base(places: Places, crowd: People) -> None:
    """A service area begins with the base and stays within a few kilometres."""
    for vendor in crowd.vendors:
        assert vendor.area_pincodes[0] == vendor.base_pincode
        assert set(vendor.area_pincodes) <= set(places.nearby(vendor.base_pincode, 9))


def test_every_service_is_offered_in_every_city(crowd: People) -> None:
    """Somebody in each city performs each service, and skills are services that exist."""
    for city in CITIES:
        skills = {skill for vendor in crowd.vendors if vendor.city == city.name for skill in vendor.skills}
        assert skills == {service.id for service in SERVICES}


@pytest.mark.parametrize("other_seed", range(5))
def test_there_is_a_choice_at_110001(places: Places, other_seed: int) -> None:
    """At least two vendors repair air conditioners where the document's examples are."""
    vendors = people(other_seed, places).vendors
    assert sum(1 in vendor.skills and "110001" in vendor.area_pincodes for vendor in vendors) >= 2


def test_ways_of_working_differ(crowd: People) -> None:
    """Weeks, hours and buffers vary; a weekday has one shift at most, of at least four hours."""
    assert len({vendor.shifts for vendor in crowd.vendors}) >= 5
    assert len({vendor.buffer_minutes for vendor in crowd.vendors}) >= 3
    assert any(vendor.shift_on(7) for vendor in crowd.vendors)
    for vendor in crowd.vendors:
        assert len({shift.weekday for shift in vendor.shifts}) == len(vendor.shifts)
        assert all(0 <= s.start_minute <= s.end_minute - 240 <= 1200 for s in vendor.shifts)


def test_every_locality_has_a_customer_whose_address_names_it(crowd: People) -> None:
    """Demand can come from every pincode of every city."""
    names = {locality.pincode: locality.name for city in CITIES for locality in city.localities}
    assert {customer.person.pincode for customer in crowd.customers} == set(names)
    assert all(names[customer.person.pincode] in customer.address_line for customer in crowd.customers)
