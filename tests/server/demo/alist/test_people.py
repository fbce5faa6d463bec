"""Who is in A-List's demo, and what they tell of themselves."""

import re
from collections import Counter
from itertools import pairwise

from server.demo.alist.people import COUNTS
from server.demo.filling import Filling
from server.domain.portfolio import PortfolioItem
from server.domain.profiles import Profile
from server.marketplaces.alist import ALIST, CLIENT, CONTRACTOR
from server.services.shop.portfolio import MOST_ITEMS

KEY = re.compile(r"^(profiles|portfolio)/\d{4}/\d\d/\d\d/[0-9a-f]{32}\.jpg$")


def test_every_role_is_there(demo: Filling) -> None:
    """Roles are the marketplace's, as many of each as promised; contractor1 is user 1."""
    assert Counter(user.role for user in demo.users) == COUNTS
    assert set(COUNTS) == set(ALIST.roles)
    assert [user.id for user in demo.users] == list(range(1, len(demo.users) + 1))
    assert demo.users[0].email == "contractor1@example.com"


def test_nobody_shares_a_name_or_an_address(demo: Filling) -> None:
    """People sign in by mail address; full names and numbers are unique, too."""
    assert all(user.username == user.email for user in demo.users)
    for field in ("email", "name", "contact_phone"):
        assert len({getattr(user, field) for user in demo.users}) == len(demo.users)


def test_every_client_lives_somewhere(demo: Filling) -> None:
    """A client has one address, the primary one, and appointments of theirs are there."""
    homes = {one.user_id: one for one in demo.addresses}
    assert len(homes) == len(demo.addresses) == COUNTS[CLIENT]
    assert all(one.is_default for one in demo.addresses)
    for booking in demo.bookings:
        home = homes[booking.customer_id]
        assert booking.address_line == f"{home.address_line}, {home.city}, {home.state}"


def test_plumbing_is_the_first_of_the_categories(demo: Filling) -> None:
    """Category 1 is Plumbing, 2 Electrical, and every category is offered by somebody."""
    assert [one.name for one in demo.services[:2]] == ["Plumbing", "Electrical"]
    offered = {id for profile in demo.profiles for id in profile.service_ids}
    assert offered == {one.id for one in demo.services} == set(range(1, len(demo.services) + 1))


def test_contractor1_is_the_documents(demo: Filling) -> None:
    """The first profile is the one that the document shows."""
    profile = demo.profiles[0]
    shown = (profile.business_name, profile.years_of_experience, profile.license_number)
    assert shown == ("Elite Plumbing Services", 10, "PL12345")
    assert (profile.insurance_info, profile.service_radius) == ("Fully insured - Policy #ABC123", 50)
    assert profile.service_ids == (1, 2, 3)


def test_every_contractor_has_a_business_of_its_own_name(demo: Filling) -> None:
    """One profile a contractor; the account carries its name and services."""
    contractors = {user.id: user for user in demo.users if user.role == CONTRACTOR}
    assert {profile.id for profile in demo.profiles} == set(contractors)
    assert len({profile.business_name for profile in demo.profiles}) == len(demo.profiles)
    for profile in demo.profiles:
        owner = contractors[profile.id]
        assert (owner.trade_name, owner.skills) == (profile.business_name, profile.service_ids)
        assert owner.created_at < profile.created_at


def test_profiles_are_found_by_their_words(demo: Filling) -> None:
    """Name, services and description of each profile find it, by words that the vocabulary has."""
    words = {row.id: row.words for row in demo.profile_words}
    assert set(words) == {profile.id for profile in demo.profiles}
    assert {"elite", "plumbing", "professional"} <= set(words[1])
    assert {one.word for one in demo.vocabulary} == {word for found_by in words.values() for word in found_by}


def test_hours_do_not_overlap(demo: Filling) -> None:
    """A contractor's hours of a weekday follow each other; some hours come only once."""
    assert {opening.provider_id for opening in demo.openings} == {profile.id for profile in demo.profiles}
    assert {opening.is_recurring for opening in demo.openings} == {True, False}
    by_day: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for one in demo.openings:
        assert 0 <= one.weekday <= 6 and 0 <= one.start_minute < one.end_minute <= 1440
        by_day.setdefault((one.provider_id, one.weekday), []).append((one.start_minute, one.end_minute))
    for spans in by_day.values():
        ordered = sorted(spans)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))


def test_every_picture_belongs_to_one_row(demo: Filling) -> None:
    """What is drawn is shown by exactly one profile or work, under a key that may be served."""
    owners: list[Profile | PortfolioItem] = [*demo.profiles, *demo.portfolio_items]
    keys = [one.image_key for one in owners if one.image_key is not None]
    assert len(set(keys)) == len(keys) and set(keys) == set(demo.pictures)
    assert all(KEY.fullmatch(key) for key in keys)
    shown = Counter(item.provider_id for item in demo.portfolio_items)
    assert all(2 <= shown[profile.id] <= MOST_ITEMS for profile in demo.profiles)
