"""Password hashes: right, slow to guess, and alike for names that do not exist."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, extract_parameters

from server.services.accounts import passwords as module
from server.services.accounts.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_only_the_password_itself_matches(passwords: Passwords) -> None:
    """Case, spaces and length count, whatever the script; equal passwords have different hashes."""
    right = "Pass wörd हिन्दी"
    hashed = await passwords.hash(right)
    assert await passwords.verify(hashed, right)
    for wrong in ("pass wörd हिन्दी", right + " ", right[:-1], ""):
        assert not await passwords.verify(hashed, wrong)
    assert await passwords.hash(right) != hashed


async def test_hashes_cost_what_owasp_asks(passwords: Passwords) -> None:
    """argon2id with 19 MiB, two passes, one lane."""
    found = extract_parameters(await passwords.hash("password123"))
    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19 * 1024, 2, 1)


async def test_without_a_hash_the_same_work_is_done_in_vain(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that does not exist costs one verification of the same parameters and never matches."""
    checked: list[str] = []
    matches = module._matches

    def watched(password_hash: str, password: str) -> bool:
        checked.append(password_hash)
        return matches(password_hash, password)

    monkeypatch.setattr(module, "_matches", watched)
    for password in ("password123", "nobody's password"):
        assert not await passwords.verify(None, password)
    assert len(checked) == 2
    assert extract_parameters(checked[0]) == extract_parameters(await passwords.hash("password123"))


async def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    """What is no hash is a wrong password, not a fault."""
    for damaged in ("plain text", "$argon2id$v=19$m=19456,t=2,p=1$broken"):
        assert not await passwords.verify(damaged, "password123")


async def test_weaker_hashes_are_told_apart(passwords: Passwords) -> None:
    """Hashes of other parameters want to be made anew, today's do not."""
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("password123")
    assert passwords.needs_rehash(weak)
    assert not passwords.needs_rehash(await passwords.hash("password123"))
