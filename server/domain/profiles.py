"""Business profiles: what providers tell of their business, and the words that they are found by."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

LONGEST_WORD = 30
"""Letters of a word that are compared: two words that agree so far are the same to a search."""

MOST_WORDS = 200
"""Words of a profile that it is found by."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider's business, at most one a provider: the id is the provider's user id.

    service_radius : how far the provider travels, in the unit that the marketplace tells people
    service_ids    : what the business offers; the user's skills are the same
    is_onboarded   : whether the provider can be paid
    review_count   : how many reviews there are
    review_gaps    : numbers below the last one that no review has any more, ascending
    rating         : mean rating as of the last review, which orders those that are featured; the truth that
                     is shown is the user's
    """

    id: int
    business_name: str
    description: str
    years_of_experience: int
    license_number: str
    insurance_info: str
    service_radius: int
    service_ids: tuple[int, ...]
    created_at: datetime
    updated_at: datetime
    image_key: str | None = None
    is_onboarded: bool = False
    review_count: int = 0
    review_gaps: tuple[int, ...] = ()
    rating: float = 0.0
    revision: int = 0

    @property
    def last_review(self) -> int:
        """The number given last."""
        return self.review_count + len(self.review_gaps)

    def review_numbers(self, skip: int, size: int) -> range:
        """Give the numbers between which a page lies that begins with the `skip`th newest review."""
        last = min(skip + size, self.review_count) - 1
        return range(self._review_number(last), self._review_number(skip) + 1) if skip <= last else range(0)

    def _review_number(self, place: int) -> int:
        """Give the number of the review in a place, 0 for the newest."""
        number = self.last_review - place
        for gap in reversed(self.review_gaps):
            if gap < number:
                break
            number -= 1
        return number

    def without_review(self, number: int) -> "Profile":
        """Give the profile with one review less."""
        is_last = number == self.last_review
        gaps = self.review_gaps if is_last else tuple(sorted((*self.review_gaps, number)))
        return replace(self, review_count=self.review_count - 1, review_gaps=gaps)

    def words(self, service_names: Iterable[str]) -> tuple[str, ...]:
        """Give the words that the profile is found by: of its name, its services and its description."""
        texts = (self.business_name, *service_names, self.description)
        return tuple(words_of(" ".join(texts))[:MOST_WORDS])


def words_of(text: str) -> list[str]:
    """Give the different words of a text as they are compared, in their order."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain)))
