"""One-time codes: single use, few tries, a short life, and nothing readable kept."""

import asyncio
from datetime import timedelta

import pytest

from server import clock
from server.errors import Invalid
from server.services.accounts.codes import LIFE, TRIES, Codes
from server.store.codes import Codes as CodeStore
from server.store.database import Database

TO = "somebody@example.com"


@pytest.fixture
def codes(database: Database) -> Codes:
    return Codes(CodeStore(database), "s" * 32)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_of_fifty_verifies_at_once_one_succeeds(codes: Codes) -> None:
    """A code works once, whatever the concurrency (within the tries it has)."""
    code = await codes.make("sign-in", TO)
    results = await asyncio.gather(
        *(codes.verify("sign-in", TO, code) for _ in range(50)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert all(isinstance(one, Invalid) for one in results if one is not None)


async def test_guesses_sent_at_once_get_no_more_tries(codes: Codes) -> None:
    """Of many concurrent guesses only the first few are looked at, so the right one comes too late."""
    code = await codes.make("sign-in", TO)
    guesses = asyncio.gather(
        *(codes.verify("sign-in", TO, wrong(code)) for _ in range(30)), return_exceptions=True
    )
    assert all(isinstance(one, Invalid) for one in await guesses)
    with pytest.raises(Invalid):
        await codes.verify("sign-in", TO, code)


async def test_five_wrong_tries_void_a_code(codes: Codes) -> None:
    """After the tries are spent even the right code is refused, with the same error."""
    code = await codes.make("sign-in", TO)
    messages = set()
    for attempt in [*[wrong(code)] * TRIES, code]:
        with pytest.raises(Invalid) as refused:
            await codes.verify("sign-in", TO, attempt)
        messages.add(refused.value.message)
    assert len(messages) == 1


async def test_the_fifth_try_still_counts(codes: Codes) -> None:
    """Four mistakes leave one more try."""
    code = await codes.make("sign-in", TO)
    for _ in range(TRIES - 1):
        with pytest.raises(Invalid):
            await codes.verify("sign-in", TO, wrong(code))
    await codes.verify("sign-in", TO, code)


async def test_a_code_ends_after_ten_minutes(codes: Codes, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old code is refused even while the database has not removed it."""
    code = await codes.make("sign-in", TO)
    later = clock.now() + LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Invalid):
        await codes.verify("sign-in", TO, code)


async def test_a_new_code_voids_the_old_and_purposes_are_apart(codes: Codes) -> None:
    """Only the newest code of its purpose and destination opens."""
    first = await codes.make("sign-in", TO)
    newest = await codes.make("sign-in", TO)
    if first != newest:
        with pytest.raises(Invalid):
            await codes.verify("sign-in", TO, first)
    with pytest.raises(Invalid):
        await codes.verify("reset", TO, newest)
    await codes.verify("sign-in", TO, newest)


async def test_a_code_is_kept_as_a_digest_only(codes: Codes, database: Database) -> None:
    """The database never holds the digits."""
    code = await codes.make("sign-in", TO)
    kept = await database.collection("codes").find_one({})
    assert code not in str({name: value for name, value in kept.items() if name != "expires_at"})
