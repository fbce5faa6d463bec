"""The demo's contractors, clients, crew, specialists and administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from server.domain.entities import Address, User
from server.marketplaces.alist import ADMIN, CLIENT, CONTRACTOR, CREW, SPECIALIST

COUNTS = {CONTRACTOR: 24, CLIENT: 40, CREW: 3, SPECIALIST: 3, ADMIN: 1}
"""In order of id, from 1."""

UNPROVEN = 3
"""So many of the last clients have not proven their address yet."""

_FIRST_NAMES = """
    Alice Anna Brian Carlos Chloe Daniel David Diana Elena Emily Ethan Fatima Grace Hannah Henry Isaac James
    Julia Kevin Laura Liam Linda Marcus Maria Mason Mia Nathan Nora Olivia Omar Oscar Paul Rachel Robert Rosa
    Samuel Sarah Sofia Thomas Victor
"""
_LAST_NAMES = """
    Anderson Baker Bennett Brooks Carter Chen Clark Cooper Cruz Diaz Edwards Evans Fisher Foster Garcia Gray
    Hall Harris Hill Jackson Kelly Kim King Lee Lewis Lopez Martin Miller Moore Morgan Nguyen Parker Patel
    Price Reed Rivera Scott Stewart Torres Turner Walker Ward Wright Young
"""
_STREETS = ("Main St", "Oak Ave", "Maple Dr", "Cedar Ln", "Lake Rd", "Hill St", "Park Blvd", "2nd Ave")
_TOWNS = {"Springfield": "62701", "Riverside": "60546", "Belleville": "62220", "Oak Park": "60301"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody. `quality` 0..1 is how good a professional is."""

    user: User
    quality: float
    street: str
    town: str
    zip_code: str

    @property
    def home(self) -> str:
        return f"{self.street}, {self.town}, IL"


def people(seed: int, now: datetime, password_hash: str) -> list[Person]:
    """Give everybody by id: `contractor1@example.com` is 1. Nobody shares a name or a number."""
    rng = Random(f"alist-people-{seed}")
    names = [f"{first} {last}" for first in _FIRST_NAMES.split() for last in _LAST_NAMES.split()]
    rng.shuffle(names)
    given = {"contractor1": "Jane Pro", "client1": "John Client"}
    crowd: list[Person] = []
    for role, count in COUNTS.items():
        for number in range(1, count + 1):
            name, id = f"{role}{number}", len(crowd) + 1
            user = User(
                id=id,
                username=f"{name}@example.com",
                email=f"{name}@example.com",
                role=role,
                created_at=now - timedelta(days=rng.randint(60, 300), minutes=rng.randint(0, 1439)),
                password_hash=password_hash,
                first_name=given.get(name) or names[id],
                contact_phone=f"+1217555{id:04d}",
                is_verified=not (role == CLIENT and number > count - UNPROVEN),
            )
            quality, street = round(rng.betavariate(6, 2), 2), f"{rng.randint(1, 990)} {rng.choice(_STREETS)}"
            crowd.append(Person(user, quality, street, *rng.choice(list(_TOWNS.items()))))
    return crowd


def addresses(clients: Sequence[Person]) -> list[Address]:
    """Give where clients live, an address each."""
    return [
        Address(
            id=str(number),
            user_id=one.user.id,
            label="Home",
            address_line=one.street,
            pincode=one.zip_code,
            lat=None,
            lng=None,
            is_default=True,
            created_at=one.user.created_at,
            updated_at=one.user.created_at,
            city=one.town,
            state="IL",
            country="USA",
        )
        for number, one in enumerate(clients, 1)
    ]


def of_role(crowd: Sequence[Person], role: str) -> list[Person]:
    """Give those of a role."""
    return [one for one in crowd if one.user.role == role]
