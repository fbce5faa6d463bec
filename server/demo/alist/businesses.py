"""The demo's businesses: what contractors tell of them, when they work, and what they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

from server.demo.alist.catalogue import TRADES
from server.demo.alist.people import Person
from server.demo.drawing import Drawing
from server.domain.openings import Opening
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.services.shop.portfolio import FOLDER as WORK_FOLDER
from server.services.shop.profiles import FOLDER as PROFILE_FOLDER

NOT_ONBOARDED = 5
"""So many of the last contractors cannot be paid yet."""

_WORDS = ("Elite", "Summit", "Bluebird", "Evergreen", "Liberty", "Harbor", "Prairie", "Northside", "Golden")
_PROMISES = (
    "on time and insured",
    "with a two-year warranty",
    "family owned since 1998",
    "open on Saturdays",
)
_HOURS = (((480, 960),), ((540, 1020),), ((480, 720), (780, 1020)), ((600, 1140),))
"""Minutes from local midnight."""
_WORKDAYS = range(1, 6)
_SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Businesses:
    """Everything contractors tell. `pictures` are by key; none is unlisted."""

    profiles: list[Profile]
    openings: list[Opening]
    items: list[PortfolioItem]
    pictures: dict[str, Drawing]


def businesses(seed: int, now: datetime, contractors: Sequence[Person]) -> Businesses:
    """Give each contractor's business: trades take turns, and contractor1's is the document's."""
    rng = Random(f"alist-businesses-{seed}")
    made = Businesses([], [], [], {})
    for index, person in enumerate(contractors):
        is_onboarded = index < len(contractors) - NOT_ONBOARDED
        profile = _profile(rng, index, person, is_onboarded)
        made.profiles.append(profile)
        if profile.image_key is not None:
            trade = TRADES[profile.service_ids[0]]
            made.pictures[profile.image_key] = Drawing(trade.name, trade.colour, trade.id)
        _show(rng, made, profile, now)
        _open(rng, made, profile)
    return made


def _profile(rng: Random, index: int, person: Person, is_onboarded: bool) -> Profile:
    trade = TRADES[index % len(TRADES) + 1]
    others = [id for id in TRADES if id != trade.id]
    more = (2, 3) if index == 0 else tuple(sorted(rng.sample(others, rng.choice((0, 0, 1, 2)))))
    years = 10 if index == 0 else rng.randint(1, 30)
    owner, since = person.user, person.user.created_at + timedelta(hours=2)
    word = _WORDS[(index + 3 * (index // len(TRADES))) % len(_WORDS)]
    return Profile(
        id=owner.id,
        business_name=f"{word} {trade.firm}",
        description=f"{trade.description}. {years} years of experience, {rng.choice(_PROMISES)}.",
        years_of_experience=years,
        license_number=f"{trade.name[:2].upper()}{12345 + 37 * index}",
        insurance_info=f"Fully insured - Policy #ABC{123 + index}",
        service_radius=50 if index == 0 else rng.choice((10, 20, 25, 40, 60)),
        service_ids=(trade.id, *more),
        created_at=since,
        updated_at=since,
        image_key=_key(PROFILE_FOLDER, since, owner.id) if index % 6 < 5 else None,
        is_onboarded=is_onboarded,
    )


def _show(rng: Random, made: Businesses, profile: Profile, now: datetime) -> None:
    """Add what a contractor shows: the trade's works, newest last, and something of another trade."""
    works = [
        (TRADES[id], place, work) for id in profile.service_ids for place, work in enumerate(TRADES[id].works)
    ]
    count = rng.randint(2, min(5, len(works)))
    span = (now - profile.created_at) / (count + 1)
    for number, (trade, place, (title, description)) in enumerate(works[:count], 1):
        shown_at = _whole(profile.created_at + number * span)
        id = len(made.items) + 1
        key = _key(WORK_FOLDER, shown_at, id) if number < 5 else None
        done_on = (shown_at - timedelta(days=rng.randint(3, 90))).date()
        item = PortfolioItem(id, profile.id, title, description, shown_at, done_on.isoformat(), key)
        made.items.append(item)
        if key is not None:
            made.pictures[key] = Drawing(title, trade.colour, 10 * trade.id + place)


def _open(rng: Random, made: Businesses, profile: Profile) -> None:
    """Add a contractor's hours: the same on every workday, and for some a Saturday that comes once."""
    hours = _HOURS[1] if profile.id == 1 else rng.choice(_HOURS)
    spans = [(day, start, end, True) for day in _WORKDAYS for start, end in hours]
    if rng.random() < 0.3:
        spans.append((_SATURDAY, 540, 780, False))
    for day, start, end, is_recurring in spans:
        id = len(made.openings) + 1
        opening = Opening(id, profile.id, day, start, end, is_recurring, profile.updated_at)
        made.openings.append(opening)


def _key(folder: str, at: datetime, id: int) -> str:
    name = uuid5(NAMESPACE_URL, f"doorstep:alist:{folder}:{id}").hex
    return f"{folder}/{at:%Y/%m/%d}/{name}.jpg"


def _whole(moment: datetime) -> datetime:
    """Give a moment as precise as the database keeps it."""
    return moment.replace(microsecond=0)
