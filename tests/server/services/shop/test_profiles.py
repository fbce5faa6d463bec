"""Business profiles on the real embedded database: one a provider, with copies where others read them."""

import asyncio
from pathlib import Path

import pytest
from limits import RateLimitItemPerDay

from server import clock
from server.errors import Conflict, Invalid, NotFound, TooMany
from server.market import Market
from server.services.shop import profiles
from server.settings import Settings
from tests.handlers.homeserve.forms import picture
from tests.server.services.people import caller
from tests.server.services.shops import files, provider, services, shop


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "shop"
    path.write_bytes(picture())
    return path


@pytest.fixture
def media(settings: Settings) -> Path:
    """The folder that files lie in."""
    return settings.data_dir / "media"


async def test_nobody_makes_up_words_without_end(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that no profile had before are counted by user; known ones, however often they come, are not."""
    monkeypatch.setattr(profiles, "NEW_WORDS_USER", RateLimitItemPerDay(4, namespace="new-words-user"))
    await shop(market, 7, "Elite Plumbing")
    owner = caller(7, "vendor")
    for name in ("Elite Pipes", "Plumbing Pumps", "Elite Plumbing Pipes Pumps"):
        await market.profiles.update(owner, {"business_name": name})
    with pytest.raises(TooMany):
        await market.profiles.update(owner, {"business_name": "Roofs"})
    assert (await market.showcase.get(7)).profile.business_name == "Elite Plumbing Pipes Pumps"
    await shop(market, 8, "Roofs")
    await market.profiles.update(owner, {"business_name": "Roofs"})


async def test_a_profile_is_made_with_its_copies(market: Market) -> None:
    """Its id is the provider's, whose account carries the business' name and services; the audit knows."""
    plumbing, painting = await services(market, "Plumbing", "Painting")
    owner = await provider(market, 7)
    values = {"business_name": "Elite", "service_ids": (painting, plumbing, painting), "service_radius": 50}
    card = await market.profiles.create(owner, values)
    assert (card.profile.id, card.profile.service_ids) == (7, (painting, plumbing))
    assert [one.name for one in card.services] == ["Painting", "Plumbing"]
    assert (card.profile.years_of_experience, card.profile.is_onboarded) == (0, False)
    kept = await market.database.collection("users").find_one({"_id": 7})
    assert (kept["trade_name"], kept["skills"]) == ("Elite", [painting, plumbing])
    assert [one.action for one in await market.stores.changes.find({"subject": "Profile"})] == ["create"]


async def test_of_two_creations_at_once_one_wins(market: Market) -> None:
    """However many calls come at once there is one profile, and the others are told why not."""
    owner = await provider(market, 7)
    made = await asyncio.gather(
        *(market.profiles.create(owner, {"business_name": f"Shop {one}"}) for one in range(5)),
        return_exceptions=True,
    )
    lost = [one for one in made if isinstance(one, BaseException)]
    assert len(lost) == 4
    assert {(type(one), str(one)) for one in lost} == {(Conflict, "You have a profile already.")}
    assert await market.stores.profiles.count({}) == 1


async def test_what_is_not_named_stays(market: Market) -> None:
    """An update changes what it names, the copies with it, and nobody else's profile."""
    (plumbing,) = await services(market, "Plumbing")
    await shop(market, 7, description="Pipes", service_ids=(plumbing,))
    await shop(market, 8, "Other")
    card = await market.profiles.update(caller(7, "vendor"), {"business_name": "Best Pipes"})
    assert (card.profile.business_name, card.profile.description) == ("Best Pipes", "Pipes")
    assert card.profile.service_ids == (plumbing,)
    kept = await market.database.collection("users").find_one({"_id": 7})
    assert kept["trade_name"] == "Best Pipes"
    assert (await market.showcase.get(8)).profile.business_name == "Other"


async def test_who_has_no_profile_changes_none(market: Market) -> None:
    """Neither update nor onboarding makes a profile."""
    owner = await provider(market, 7)
    with pytest.raises(NotFound):
        await market.profiles.update(owner, {"business_name": "Elite"})
    await market.profiles.set_onboarded(7, True)
    assert await market.stores.profiles.count({}) == 0


async def test_unknown_services_are_named(market: Market) -> None:
    """Services that there are not, or not any more, are refused, and nothing is written."""
    known, retired = await services(market, "Plumbing", "Painting")
    await market.stores.services.change(retired, {"is_active": False})
    owner = await provider(market, 7)
    with pytest.raises(Invalid) as refused:
        await market.profiles.create(owner, {"business_name": "Elite", "service_ids": (known, retired, 99)})
    assert refused.value.fields == {"service_ids": ["There is no service 2.", "There is no service 99."]}
    assert await market.stores.profiles.count({}) == 0


async def test_updates_at_once_lose_nothing(market: Market) -> None:
    """Each of several calls that change different fields has its way."""
    await shop(market, 7)
    changes = {"description": "Pipes", "license_number": "PL1", "insurance_info": "Yes", "service_radius": 9}
    owner = caller(7, "vendor")
    await asyncio.gather(*(market.profiles.update(owner, {name: value}) for name, value in changes.items()))
    profile = (await market.showcase.get(7)).profile
    assert {name: getattr(profile, name) for name in changes} == changes


async def test_a_replaced_image_is_gone(market: Market, image: Path, media: Path) -> None:
    """A new image takes the old one's place, on the disk too; removing it leaves none."""
    before = files(media)
    owner = await provider(market, 7)
    first = (await market.profiles.create(owner, {"business_name": "Elite"}, image)).profile.image_key
    assert first is not None
    second = (await market.profiles.update(owner, {}, image)).profile.image_key
    assert second is not None
    added = sorted(set(files(media)) - set(before))
    assert [name for name in added if "thumbnail" not in name] == [second]
    assert len(added) == 2
    same = await market.profiles.update(owner, {"service_radius": 3})
    assert same.profile.image_key == second
    bare = await market.profiles.update(owner, {}, removes_image=True)
    assert bare.profile.image_key is None
    assert files(media) == before


async def test_images_are_for_everybody_while_a_profile_names_them(market: Market, image: Path) -> None:
    """Anybody reads a profile's image and thumbnail, signed in or not; what no row names nobody does."""
    owner = await provider(market, 7)
    key = (await market.profiles.create(owner, {"business_name": "Elite"}, image)).profile.image_key
    assert key is not None
    for reader in (None, caller(99, "customer")):
        assert (await market.media.read(reader, key)).content_type == "image/jpeg"
    await market.profiles.update(owner, {}, removes_image=True)
    with pytest.raises(NotFound):
        await market.media.read(None, key)
    assert await market.media.sweep_due() == 0


async def test_a_picture_of_a_profile_is_not_swept(market: Market, image: Path) -> None:
    """The sweep finds the profile that names a file, and lets it be."""
    owner = await provider(market, 7)
    key = (await market.profiles.create(owner, {"business_name": "Elite"}, image)).profile.image_key
    assert key is not None
    await market.stores.leftovers.change(key, {"due_at": clock.now()})
    assert await market.media.sweep_due() == 0
    assert (await market.media.read(None, key)).content


async def test_a_refused_creation_keeps_no_image(market: Market, image: Path, media: Path) -> None:
    """Who has a profile already is told so before a file is kept."""
    await shop(market, 7)
    before = files(media)
    with pytest.raises(Conflict):
        await market.profiles.create(caller(7, "vendor"), {"business_name": "Again"}, image)
    assert files(media) == before


async def test_onboarding_is_noted(market: Market) -> None:
    """Being onboarded and not any more changes the profile, once each, and the audit knows."""
    await shop(market, 7)
    for is_onboarded in (True, True, False):
        await market.profiles.set_onboarded(7, is_onboarded)
        assert (await market.showcase.get(7)).profile.is_onboarded is is_onboarded
    changes = await market.stores.changes.find({"subject": "Profile", "action": "update"})
    assert [one.new for one in changes] == [{"is_onboarded": True}, {"is_onboarded": False}]
