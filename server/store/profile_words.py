"""Finding profiles by parts of words: a part gives the words that hold it, words give profiles.

A word holds a part when one of its ends begins with it ("lumb": "lumbing" of "plumbing"), which is a range of
an index. A new word costs an entry a letter, and a profile one a word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.store.collection import Collection
from server.store.database import Index, session

LAST = "\U0010ffff"
"""Sorts behind every letter."""

MOST_WORDS = 300
"""A part of more words than that says nothing: a single letter, as a rule."""


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

    async def having(self, words: Iterable[str]) -> set[int]:
        """Give the ids of the profiles that have any of these words."""
        cursor = self._motor.find({"words": {"$in": list(words)}}, projection={"_id": 1}, session=session())
        return {row["_id"] for row in await cursor.to_list(length=None)}


@dataclass(frozen=True, slots=True)
class WordEnd:
    """A word that some profile has, or had, from one of its letters on; `is_whole` from the first."""

    id: str
    word: str
    end: str
    is_whole: bool


def ends_of(word: str) -> list[WordEnd]:
    """Give a word's ends, itself last: while that one is missing, the others are written again."""
    starts = range(len(word) - 1, -1, -1)
    return [WordEnd(f"{word}:{start}", word, word[start:], start == 0) for start in starts]


class Vocabulary(Collection[WordEnd]):
    """Every word that ever found a profile."""

    NAME = "word_ends"
    ENTITY = WordEnd
    INDEXES = (Index("end", (("is_whole", 1), ("end", 1))),)

    async def learn(self, words: Sequence[str]) -> None:
        """Add words; beside an open transaction, because a word without a profile does no harm."""
        await self.fill([end for word in words for end in ends_of(word)])

    async def unknown(self, words: Sequence[str]) -> list[str]:
        """Give those of these words that have not been learnt."""
        whole = [f"{word}:0" for word in words]
        known = {end.word for end in await self.find({"_id": {"$in": whole}})} if words else set()
        return [word for word in words if word not in known]

    async def holding(self, part: str) -> set[str] | None:
        """Give the words that hold a part, or only those that begin with it when there are too many.

        None: so many begin with it that it means nothing; a word itself always means something, however
              many others somebody makes up that begin with it
        """
        begun = await self._with_end(part, is_whole=True)
        if len(begun) > MOST_WORDS:
            return {part} if await self.get(f"{part}:0") is not None else None
        inside = await self._with_end(part, is_whole=False)
        return set(begun if len(inside) > MOST_WORDS else begun + inside)

    async def _with_end(self, part: str, *, is_whole: bool) -> list[str]:
        where = {"is_whole": is_whole, "end": {"$gte": part, "$lt": part + LAST}}
        return [end.word for end in await self.find(where, limit=MOST_WORDS + 1)]
