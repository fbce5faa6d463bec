"""Accounts: signing in and up, by password and by code, under races and against squatters."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from server.domain.entities import User
from server.embedded import Endpoints
from server.errors import BadCredentials, Invalid, TooMany, UnknownPincode
from server.marketplaces.homeserve import HOMESERVE, SUPER_ADMIN, VENDOR
from server.places.table import Places
from server.realtime.bus import Bus
from server.services.accounts.accounts import Accounts, NewAccount
from server.services.accounts.codes import Codes
from server.services.accounts.passwords import Passwords
from server.services.accounts.signing import Signer
from server.services.accounts.throttle import Throttle
from server.services.accounts.tokens import Pair, Tokens
from server.services.audit import Audit
from server.settings import SettingsError
from server.store.database import Database
from server.store.stores import Stores
from tests.server.services.people import user

SECRET, ADDRESS, PASSWORD = "s" * 48, "192.0.2.7", "correct horse"


class Pocket:
    """A courier that keeps the newest code of every destination."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}

    async def send(self, to: str, subject: str, text: str) -> None:
        found = re.search(r"\b\d{6}\b", text)
        assert found is not None
        self.codes[to] = found[0]


class Scene:
    """The accounts of one process, with what they are made of at hand."""

    def __init__(self, database: Database, stores: Stores, places: Places, redis_url: str) -> None:
        self.stores, self.mail, self.sms = stores, Pocket(), Pocket()
        self.bus = Bus(redis_url, f"accounts-{uuid4().hex}")
        self.passwords, self.throttle = Passwords(), Throttle(redis_url, uuid4().hex)
        self.tokens = Tokens(
            HOMESERVE,
            stores.sessions,
            stores.users,
            Signer(SECRET, HOMESERVE.name),
            self.bus,
            access_minutes=60,
            refresh_days=7,
        )
        self.accounts = Accounts(
            HOMESERVE,
            stores.users,
            stores.ids,
            places,
            self.tokens,
            Codes(stores.codes, SECRET),
            self.mail,
            self.sms,
            self.passwords,
            self.throttle,
            Audit(stores.changes, stores.ids),
            database,
        )

    async def close(self) -> None:
        await self.throttle.close()
        await self.bus.stop()
        self.passwords.close()


@pytest_asyncio.fixture
async def scene(
    database: Database, stores: Stores, places: Places, services: Endpoints
) -> AsyncIterator[Scene]:
    opened = Scene(database, stores, places, services.redis_url)
    await opened.bus.start()
    yield opened
    await opened.close()


def newcomer(username: str, **fields: str | None) -> NewAccount:
    return NewAccount(username, f"{username}@example.com", PASSWORD, "customer", **fields)  # type: ignore[arg-type]


async def test_registering_makes_a_customer_who_can_sign_in(scene: Scene) -> None:
    """It is a customer's account, unverified, and its password opens it."""
    made = await scene.accounts.register(newcomer("Carla", pincode="110001"), ADDRESS)
    opened = await scene.accounts.sign_in("cARLA", PASSWORD, ADDRESS)
    assert (opened.user.id, opened.user.role, opened.user.is_verified) == (made.user.id, "customer", False)
    caller = await scene.tokens.verify(opened.tokens.access)
    await scene.accounts.sign_out(caller)
    assert scene.tokens.known(opened.tokens.access) is None
    assert (await scene.tokens.verify(made.tokens.access)).user_id == made.user.id


@pytest.mark.parametrize("role", ["vendor", "super_admin", "nobody"])
async def test_nobody_gives_themselves_power(scene: Scene, role: str) -> None:
    """Only roles that are open to everybody can be registered."""
    with pytest.raises(Invalid, match="role"):
        await scene.accounts.register(replace(newcomer("carla"), role=role), ADDRESS)
    assert await scene.stores.users.named("carla") is None


async def test_an_account_lives_in_a_known_place(scene: Scene) -> None:
    """A pincode that does not exist makes no account."""
    with pytest.raises(UnknownPincode):
        await scene.accounts.register(newcomer("carla", pincode="999999"), ADDRESS)
    assert await scene.stores.users.named("carla") is None


async def test_of_twenty_registrations_of_a_name_one_succeeds(scene: Scene) -> None:
    """The others are told what is taken."""
    results = await asyncio.gather(
        *(scene.accounts.register(newcomer("carla"), ADDRESS) for _ in range(20)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, Invalid)]
    assert len(refused) == 19
    assert all("username" in one.fields for one in refused)


@pytest.mark.parametrize("why", ["wrong password", "unknown name", "no password", "switched off"])
async def test_what_does_not_open_is_refused_alike(scene: Scene, why: str) -> None:
    """The error never says which part was wrong."""
    hashed = await scene.passwords.hash(PASSWORD)
    account = user(7, password_hash=None if why == "no password" else hashed, is_active=why != "switched off")
    await scene.stores.users.insert(account)
    name = "nobody" if why == "unknown name" else account.username
    with pytest.raises(BadCredentials) as refused:
        await scene.accounts.sign_in(name, "wrong" if why == "wrong password" else PASSWORD, ADDRESS)
    assert (refused.value.message, refused.value.facts) == (BadCredentials.message, {})


async def test_failures_lock_one_account_and_success_forgets_them(scene: Scene) -> None:
    """Ten failures in a row lock, from whatever addresses; nine with a success after them do not."""
    await scene.accounts.register(newcomer("carla"), ADDRESS)

    async def fail(times: int, offset: int) -> None:
        for n in range(times):
            with pytest.raises(BadCredentials):
                await scene.accounts.sign_in("carla", "wrong", f"192.0.2.{offset + n}")

    await fail(9, 10)
    await scene.accounts.sign_in("carla", PASSWORD, ADDRESS)
    await fail(10, 20)
    with pytest.raises(TooMany) as locked:
        await scene.accounts.sign_in("Carla", PASSWORD, ADDRESS)
    assert 0 < locked.value.facts["retry_after_seconds"] <= 15 * 60


async def test_a_weaker_hash_is_replaced_at_sign_in(scene: Scene) -> None:
    """Parameters of today reach old accounts without anybody's doing."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await scene.stores.users.insert(user(7, password_hash=weak))
    await scene.accounts.sign_in("customer7", PASSWORD, ADDRESS)
    kept = await scene.stores.users.get(7)
    assert kept is not None and kept.password_hash is not None
    assert not scene.passwords.needs_rehash(kept.password_hash)
    await scene.accounts.sign_in("customer7", PASSWORD, ADDRESS)


async def change_the_password(scene: Scene, user: User) -> None:
    """Do what changing a password does: another hash, and the end of every session."""
    await scene.stores.users.change(user.id, {"password_hash": await scene.passwords.hash("another one")})
    await scene.tokens.revoke_all(user.id)


async def test_an_old_password_opens_nothing_once_it_is_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does one that was checked just before the change, and whose session began just after it."""
    made = await scene.accounts.register(newcomer("carla"), ADDRESS)
    issue = scene.tokens.issue

    async def late(user: User) -> Pair:
        await change_the_password(scene, user)
        return await issue(user)

    monkeypatch.setattr(scene.tokens, "issue", late)
    with pytest.raises(BadCredentials):
        await scene.accounts.sign_in("carla", PASSWORD, ADDRESS)
    assert await scene.stores.sessions.of_user(made.user.id) == []


async def test_a_stronger_hash_undoes_no_change_of_the_password(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changes the password while the old one is hashed anew has changed it."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    carla = user(7, password_hash=weak)
    await scene.stores.users.insert(carla)
    hash = scene.passwords.hash

    async def slowly(password: str) -> str:
        monkeypatch.setattr(scene.passwords, "hash", hash)
        await change_the_password(scene, carla)
        return await hash(password)

    monkeypatch.setattr(scene.passwords, "hash", slowly)
    with pytest.raises(BadCredentials):
        await scene.accounts.sign_in("customer7", PASSWORD, ADDRESS)
    monkeypatch.undo()
    assert (await scene.accounts.sign_in("customer7", "another one", ADDRESS)).user.id == 7


async def by_code(scene: Scene, to: str, **options: str) -> User:
    by_sms = "@" not in to
    await scene.accounts.send_code(to, by_sms, ADDRESS, **options)
    code = (scene.sms if by_sms else scene.mail).codes[to]
    return (await scene.accounts.sign_in_by_code(to, code, ADDRESS, **options)).user


@pytest.mark.parametrize("to", ["New.Person+x@example.com".lower(), "+919876500001"])
async def test_a_code_makes_one_account_for_an_address(scene: Scene, to: str) -> None:
    """The first code makes a verified customer, the next opens the same account."""
    first, second = await by_code(scene, to), await by_code(scene, to)
    assert (first.id, first.role, first.is_verified) == (second.id, "customer", True)
    assert re.fullmatch(r"[a-z0-9._-]+", first.username)


async def test_a_code_verifies_an_account_that_exists(scene: Scene) -> None:
    """Whoever reads an account's mail has proved its address."""
    made = await scene.accounts.register(newcomer("carla"), ADDRESS)
    assert (await by_code(scene, "carla@example.com")).id == made.user.id
    kept = await scene.stores.users.get(made.user.id)
    assert kept is not None and kept.is_verified


async def test_newcomers_with_one_local_part_all_get_in(scene: Scene) -> None:
    """Names are told apart even when twelve addresses that read alike prove themselves at once."""
    everyone = [f"sam@city{n}.example" for n in range(12)]
    for to in everyone:
        await scene.accounts.send_code(to, False, f"{ADDRESS}-{to}")
    opened = await asyncio.gather(
        *(scene.accounts.sign_in_by_code(to, scene.mail.codes[to], f"{ADDRESS}-{to}") for to in everyone)
    )
    assert len({one.user.username for one in opened}) == 12
    assert {one.user.email for one in opened} == set(everyone)


async def test_vendors_codes_reach_vendors_only(scene: Scene) -> None:
    """With a role demanded nobody is made, and only that role's accounts get a code that opens."""
    vendor = user(7, VENDOR, phone="+919876500002")
    await scene.stores.users.insert(vendor)
    await scene.stores.users.insert(user(8, phone="+919876500003"))
    assert (await by_code(scene, "+919876500002", role=VENDOR)).id == vendor.id
    for phone in ("+919876500003", "+919876500004"):
        await scene.accounts.send_code(phone, True, ADDRESS, role=VENDOR)
    assert set(scene.sms.codes) == {"+919876500002"}
    assert await scene.stores.users.with_phone("+919876500004") is None


async def test_sending_does_the_same_work_for_every_phone(scene: Scene) -> None:
    """A stranger's phone gets a code made and kept like a vendor's, so the time taken tells nothing."""
    await scene.stores.users.insert(user(7, VENDOR, phone="+919876500002"))
    phones = ("+919876500002", "+919876500004")
    for phone in phones:
        await scene.accounts.send_code(phone, True, ADDRESS, role=VENDOR)
    kept = [await scene.stores.codes.get(f"sign-in:{VENDOR}:{phone}") for phone in phones]
    assert all(kept)


async def test_a_vendors_code_is_no_customers(scene: Scene) -> None:
    """A code sent for one way in opens no other."""
    await scene.stores.users.insert(user(7, VENDOR, phone="+919876500002"))
    await scene.accounts.send_code("+919876500002", True, ADDRESS, role=VENDOR)
    with pytest.raises(Invalid):
        await scene.accounts.sign_in_by_code("+919876500002", scene.sms.codes["+919876500002"], ADDRESS)


async def test_codes_to_one_address_are_limited(scene: Scene) -> None:
    """Nobody's mailbox can be flooded, from however many addresses."""
    for n in range(10):
        await scene.accounts.send_code("carla@example.com", False, f"192.0.2.{n}")
    with pytest.raises(TooMany):
        await scene.accounts.send_code("carla@example.com", False, "192.0.2.99")


async def test_the_first_administrator_is_made_once(scene: Scene) -> None:
    """However many processes start at once, however often; the password is not reset by a later start."""
    await asyncio.gather(
        *(scene.accounts.ensure_administrator("root@example.com", PASSWORD) for _ in range(4))
    )
    await scene.accounts.ensure_administrator("other@example.com", "another password")
    opened = await scene.accounts.sign_in("admin", PASSWORD, ADDRESS)
    assert (opened.user.role, opened.user.email) == (SUPER_ADMIN, "root@example.com")


async def test_nobody_takes_the_administrators_name(scene: Scene) -> None:
    """Before there is an administrator neither a registration nor a code gets the name."""
    with pytest.raises(Invalid) as refused:
        await scene.accounts.register(newcomer("Admin"), ADDRESS)
    assert set(refused.value.fields) == {"username"}
    assert (await by_code(scene, "admin@example.com")).username != "admin"
    await scene.accounts.ensure_administrator("root@example.com", PASSWORD)
    assert (await scene.accounts.sign_in("admin", PASSWORD, ADDRESS)).user.role == SUPER_ADMIN


async def test_an_administrator_with_a_taken_address_is_a_setting_to_correct(scene: Scene) -> None:
    """The start says which setting is wrong instead of going on without an administrator."""
    await scene.accounts.register(newcomer("carla"), ADDRESS)
    with pytest.raises(SettingsError, match="ADMIN_EMAIL"):
        await scene.accounts.ensure_administrator("carla@example.com", PASSWORD)


async def test_nobody_keeps_a_phones_owner_out(scene: Scene) -> None:
    """The address that stands in for a phone's cannot be registered by somebody else."""
    with pytest.raises(Invalid) as refused:
        await scene.accounts.register(
            NewAccount("eve", "919876500001@phone.invalid", PASSWORD, "customer"), ADDRESS
        )
    assert set(refused.value.fields) == {"email"}
    assert (await by_code(scene, "+919876500001")).phone == "+919876500001"
