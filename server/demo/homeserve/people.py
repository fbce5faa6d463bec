"""The demo's vendors, customers and staff."""

from collections.abc import Iterator, Sequence
from random import Random

from server.demo.homeserve.catalogue import CATEGORIES, SERVICES
from server.demo.homeserve.cities import CITIES
from server.demo.homeserve.model import City, Customer, Locality, People, Person, Vendor, WorkShift
from server.places.table import Places

_FIRST_NAMES = """
    Aarav Aditi Ananya Arjun Asha Bhavna Deepak Divya Farah Ganesh Gauri Harpreet Imran Ishaan Jaya Karan
    Kavita Kiran Lakshmi Manish Meera Mohan Nandini Neha Nikhil Pooja Pradeep Priya Rahul Rajesh Ravi Rekha
    Rohan Sameer Sanjay Shreya Sunita Suresh Tanvi Vikram
"""
_LAST_NAMES = """
    Agarwal Ahmed Banerjee Bhat Chatterjee Chauhan Choudhary Desai Fernandes Gill Gowda Gupta Iyer Jain Joshi
    Kapoor Khan Kulkarni Kumar Malhotra Mehta Mishra Nair Pandey Patel Pillai Rao Reddy
    Shah Sharma Singh Verma
"""

STAFF = (
    ("ops1", "Anil", "Saxena", "ops_manager"),
    ("onboard1", "Ritu", "Bose", "onboard_manager"),
    ("admin1", "Leela", "Menon", "super_admin"),
)
_PHONE_SERIES = {"vendor": 1, "customer": 2, "staff": 3}
_AREA_RADII_KM = (6.0, 7.0, 8.0, 9.0)
_BUFFERS_MINUTES = (15, 15, 15, 20, 30)

_EARLY, _OFFICE, _LATE = (7 * 60, 15 * 60), (9 * 60, 18 * 60), (12 * 60, 21 * 60)
"""Minutes from local midnight."""
_MONDAY_TO_SATURDAY, _WEDNESDAY_TO_SUNDAY, _WHOLE_WEEK = range(1, 7), range(3, 8), range(1, 8)


def people(seed: int, places: Places) -> People:
    """Give 60 vendors, 120 customers and 3 staff; `vendor1` and `customer1` are at 110001.

    Every service is offered by somebody in each city, and every city pincode has a customer.
    """
    rng = Random(f"people-{seed}")
    names = _names(rng)
    vendors: list[Vendor] = []
    customers: list[Customer] = []
    for city in CITIES:
        for index in range(city.vendors):
            vendors.append(_vendor(rng, names, city, index, len(vendors) + 1, places))
        for index in range(city.customers):
            customers.append(_customer(rng, names, city, index, len(customers) + 1))
    home = CITIES[0].localities[0].pincode
    staff = tuple(
        _person(username, (first, last), _phone("staff", number), home, role)
        for number, (username, first, last, role) in enumerate(STAFF, start=1)
    )
    return People(tuple(vendors), tuple(customers), staff)


def _names(rng: Random) -> Iterator[tuple[str, str]]:
    """Give first and last names, no pair twice."""
    pairs = [(first, last) for first in _FIRST_NAMES.split() for last in _LAST_NAMES.split()]
    rng.shuffle(pairs)
    return iter(pairs)


def _phone(series: str, number: int) -> str:
    return f"+9190000{_PHONE_SERIES[series]}{number:04d}"


def _person(username: str, name: tuple[str, str], phone: str, pincode: str, role: str) -> Person:
    return Person(username, f"{username}@example.com", *name, phone, pincode, role)


def _vendor(
    rng: Random, names: Iterator[tuple[str, str]], city: City, index: int, number: int, places: Places
) -> Vendor:
    """Give the city's vendor `index`: categories take turns, and the first of each knows all of its trade."""
    leader = index < len(CATEGORIES)
    home = _home(rng, city, index)
    username = f"vendor{number}"
    return Vendor(
        person=_person(username, next(names), _phone("vendor", number), home.pincode, "vendor"),
        city=city.name,
        skills=_skills(rng, index, leader),
        base_pincode=home.pincode,
        area_pincodes=places.nearby(
            home.pincode, max(_AREA_RADII_KM) if leader else rng.choice(_AREA_RADII_KM)
        ),
        shifts=_shifts(rng, number),
        buffer_minutes=15 if number == 1 else rng.choice(_BUFFERS_MINUTES),
        quality=round(rng.betavariate(5, 2), 2),
        busyness=1 / (1 + index // len(CATEGORIES)),
    )


def _home(rng: Random, city: City, index: int) -> Locality:
    """Give the city's first locality to its first inhabitant, then one by demand."""
    if index == 0:
        return city.localities[0]
    return rng.choices(city.localities, [locality.demand for locality in city.localities])[0]


def _skills(rng: Random, index: int, leader: bool) -> tuple[int, ...]:
    """Give a trade, whole for its leader; others know its first service, most of it and a little more."""
    category = CATEGORIES[index % len(CATEGORIES)]
    trade = [service.id for service in SERVICES if service.category == category]
    if leader:
        return tuple(trade)
    kept = [trade[0], *rng.sample(trade[1:], rng.randint(max(0, len(trade) - 2), len(trade) - 1))]
    other = [service.id for service in SERVICES if service.category != category]
    return tuple(sorted((*kept, *rng.sample(other, rng.randint(0, 2)))))


def _shifts(rng: Random, number: int) -> tuple[WorkShift, ...]:
    """Give a week: office hours for vendor1, else one of five ways of working."""
    week: list[tuple[int, tuple[int, int]]]
    way = 0 if number == 1 else rng.randrange(5)
    if way == 0:
        week = [(day, _OFFICE) for day in _MONDAY_TO_SATURDAY]
    elif way == 1:
        week = [(day, _EARLY) for day in _MONDAY_TO_SATURDAY]
    elif way == 2:
        day_off = rng.randint(1, 4)
        week = [(day, _LATE) for day in _WHOLE_WEEK if day != day_off]
    elif way == 3:
        week = [(day, _OFFICE) for day in _WEDNESDAY_TO_SUNDAY]
    else:
        week = [(day, _EARLY if day % 2 else _LATE) for day in _WHOLE_WEEK]
    return tuple(WorkShift(day, *hours) for day, hours in week)


def _customer(rng: Random, names: Iterator[tuple[str, str]], city: City, index: int, number: int) -> Customer:
    """Give the city's customer `index`; each locality has its first customer before one has its second."""
    localities: Sequence[Locality] = city.localities
    home = localities[index] if index < len(localities) else _home(rng, city, index)
    address = f"{rng.randint(1, 220)}, {rng.choice(city.streets)}, {home.name}, {city.name}"
    person = _person(f"customer{number}", next(names), _phone("customer", number), home.pincode, "customer")
    return Customer(person, city.name, address)
