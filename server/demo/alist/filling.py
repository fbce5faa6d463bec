"""A-List's demo as entities, with every figure that follows from them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from server.demo.alist.businesses import businesses
from server.demo.alist.catalogue import TRADES, services
from server.demo.alist.opinions import opinions, rated
from server.demo.alist.people import Person, addresses, of_role, people
from server.demo.alist.purses import payouts, purses
from server.demo.alist.talk import talk
from server.demo.alist.visits import visits
from server.demo.filling import Filling, days_of
from server.domain.entities import Booking, User
from server.domain.marketplace import Marketplace
from server.domain.profiles import Profile
from server.domain.reviews import Review
from server.marketplaces.alist import CLIENT, CONTRACTOR
from server.places.table import Places
from server.store.profile_words import FoundBy, ends_of

SEED = 2026
ACCOUNTS = """client1@example.com ... client40@example.com          clients
contractor1@example.com ... contractor24@example.com  contractors
crew1@example.com ... crew3@example.com               crew
specialist1@example.com ... specialist3@example.com   specialists
admin1@example.com                                    administrator"""


def alist(
    meaning: Marketplace, places: Places, now: datetime, password_hash: str, fee_fraction: float
) -> Filling:
    """Give the marketplace as it stands at `now`; its people all have one password."""
    now = now.replace(microsecond=0)
    crowd = people(SEED, now, password_hash)
    clients, contractors = of_role(crowd, CLIENT), of_role(crowd, CONTRACTOR)
    shown = businesses(SEED, now, contractors)
    bookings = visits(SEED, now, clients, shown.profiles)
    reviews = opinions(SEED, now, clients, contractors, bookings)
    accounts = payouts(shown.profiles)
    money = purses(SEED, now, bookings, accounts, fee_fraction)
    rooms, messages = talk(SEED, now, crowd, bookings)
    homes = addresses(clients)
    profiles = [rated(profile, reviews) for profile in shown.profiles]
    found_by = [_found_by(profile) for profile in profiles]
    rows = {
        "users": crowd,
        "services": TRADES,
        "bookings": bookings,
        "payments": money.payments,
        "addresses": homes,
        "openings": shown.openings,
        "portfolio": shown.items,
        "reviews": reviews,
        "rooms": rooms,
        "messages": messages,
    }
    return Filling(
        services=services(min(person.user.created_at for person in crowd)),
        users=_users(crowd, profiles, bookings, reviews),
        bookings=bookings,
        days=days_of(bookings, meaning.lifecycle),
        addresses=homes,
        openings=shown.openings,
        payments=money.payments,
        earnings=money.earnings,
        ledger=money.entries,
        payout_accounts=accounts,
        profiles=profiles,
        profile_words=found_by,
        vocabulary=[
            end for word in sorted({word for one in found_by for word in one.words}) for end in ends_of(word)
        ],
        portfolio_items=shown.items,
        reviews=reviews,
        rooms=rooms,
        messages=messages,
        pictures=shown.pictures,
        last_ids={name: len(entities) for name, entities in rows.items()},
    )


def _users(
    crowd: Sequence[Person],
    profiles: Sequence[Profile],
    bookings: Sequence[Booking],
    reviews: Sequence[Review],
) -> list[User]:
    """Give the accounts with what their business, appointments and reviews come to."""
    by_id = {profile.id: profile for profile in profiles}
    users: list[User] = []
    for person in crowd:
        user, profile = person.user, by_id.get(person.user.id)
        if profile is not None:
            ratings = [review.rating for review in reviews if review.provider_id == user.id]
            done = [one for one in bookings if one.provider_id == user.id and one.completed_at is not None]
            user = replace(
                user,
                trade_name=profile.business_name,
                skills=profile.service_ids,
                rating_sum=sum(ratings),
                rating_count=len(ratings),
                completed_jobs=len(done),
            )
        users.append(user)
    return users


def _found_by(profile: Profile) -> FoundBy:
    return FoundBy(profile.id, profile.words([TRADES[id].name for id in profile.service_ids]))
