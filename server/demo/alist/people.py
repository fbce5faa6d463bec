"""The demo's contractors, clients, crew, specialists and administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from server.domain.entities import User
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
_CITIES = ("Springfield, IL", "Riverside, IL", "Fairview, IL", "Oak Park, IL")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody. `quality` 0..1 is how good a professional is; `home` is where a client lives."""

    user: User
    quality: float
    home: str


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
            home = f"{rng.randint(1, 990)} {rng.choice(_STREETS)}, {rng.choice(_CITIES)}"
            crowd.append(Person(user, round(rng.betavariate(6, 2), 2), home))
    return crowd


def of_role(crowd: Sequence[Person], role: str) -> list[Person]:
    """Give those of a role."""
    return [one for one in crowd if one.user.role == role]
