"""One-time codes: single use, few tries, and nothing readable kept."""

import asyncio
import re

import pytest

from server.errors import Invalid
from server.services.codes import TRIES, Codes
from server.store.codes import Codes as CodeStore
from server.store.database import Database

TO = "somebody@example.com"


class Pocket:
    """A courier that keeps what it was given."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def send(self, to: str, subject: str, text: str) -> None:
        self.texts.append(text)

    @property
    def code(self) -> str:
        found = re.search(r"\b\d{6}\b", self.texts[-1])
        assert found is not None
        return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_of_fifty_verifies_at_once_one_succeeds(database: Database) -> None:
    """A code works once, whatever the concurrency (within the tries it has)."""
    codes, pocket = Codes(CodeStore(database), "s" * 32), Pocket()
    await codes.send("sign-in", TO, pocket)
    results = await asyncio.gather(
        *(codes.verify("sign-in", TO, pocket.code) for _ in range(50)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert all(isinstance(one, Invalid) for one in results if one is not None)


async def test_five_wrong_tries_void_a_code(database: Database) -> None:
    """After the tries are spent even the right code is refused, with the same error."""
    codes, pocket = Codes(CodeStore(database), "s" * 32), Pocket()
    await codes.send("sign-in", TO, pocket)
    messages = set()
    for attempt in [*[wrong(pocket.code)] * TRIES, pocket.code]:
        with pytest.raises(Invalid) as refused:
            await codes.verify("sign-in", TO, attempt)
        messages.add(refused.value.message)
    assert len(messages) == 1


async def test_a_new_code_voids_the_old_and_purposes_are_apart(database: Database) -> None:
    """Only the newest code of its purpose and destination opens."""
    codes, pocket = Codes(CodeStore(database), "s" * 32), Pocket()
    await codes.send("sign-in", TO, pocket)
    first = pocket.code
    await codes.send("sign-in", TO, pocket)
    if first != pocket.code:
        with pytest.raises(Invalid):
            await codes.verify("sign-in", TO, first)
    with pytest.raises(Invalid):
        await codes.verify("reset", TO, pocket.code)
    await codes.verify("sign-in", TO, pocket.code)


async def test_a_code_is_kept_as_a_digest_only(database: Database) -> None:
    """The database never holds the digits."""
    codes, pocket = Codes(CodeStore(database), "s" * 32), Pocket()
    await codes.send("sign-in", TO, pocket)
    kept = await database.collection("codes").find_one({})
    assert pocket.code not in str({name: value for name, value in kept.items() if name != "expires_at"})
