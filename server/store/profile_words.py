"""Finding profiles by beginnings of words: a beginning gives the words there are, words give profiles.

Every search then reads two indexes, and writes cost an entry a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from server.store.collection import Collection
from server.store.database import Index, session

LAST = "\U0010ffff"
"""Sorts behind every letter."""

MOST_WORDS = 300
"""A beginning of more words than that says nothing: a single letter, as a rule."""


@dataclass(frozen=True, slots=True)
class FoundBy:
    """The words that find a profile; the id is the profile's."""

    id: int
    words: tuple[str, ...]


class ProfileWords(Collection[FoundBy]):
    """Beside the profiles, so that reading those does not read their words."""

    NAME = "profile_words"
    ENTITY = FoundBy
    INDEXES = (Index("words", (("words", 1),)),)

    async def put(self, found_by: FoundBy) -> None:
        document = self.dump(found_by)
        await self._motor.replace_one({"_id": found_by.id}, document, upsert=True, session=session())

    async def having(self, words: Sequence[str]) -> set[int]:
        """Give the ids of the profiles that have any of these words."""
        cursor = self._motor.find({"words": {"$in": list(words)}}, projection={"_id": 1}, session=session())
        return {row["_id"] for row in await cursor.to_list(length=None)}


@dataclass(frozen=True, slots=True)
class Word:
    """A word that some profile has, or had; it is kept twice because ranges of ids are slow to read."""

    id: str
    word: str


class Vocabulary(Collection[Word]):
    """Every word that ever found a profile."""

    NAME = "vocabulary"
    ENTITY = Word
    INDEXES = (Index("word", (("word", 1),)),)

    async def learn(self, words: Sequence[str]) -> None:
        """Add words; beside an open transaction, because a word without a profile does no harm."""
        known = {word.id for word in await self.find({"_id": {"$in": list(words)}})} if words else set()
        await self.fill([Word(word, word) for word in words if word not in known])

    async def beginning(self, start: str) -> list[str] | None:
        """Give the words that begin so; None when they are too many to mean anything."""
        where = {"word": {"$gte": start, "$lt": start + LAST}}
        found = await self.find(where, limit=MOST_WORDS + 1)
        return None if len(found) > MOST_WORDS else [word.id for word in found]
