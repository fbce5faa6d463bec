"""Business profiles: what providers tell of their business, and the words that they are found by."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
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
    review_count   : how many reviews there are, which numbers the next one
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
    rating: float = 0.0
    revision: int = 0

    def words(self, service_names: Iterable[str]) -> tuple[str, ...]:
        """Give the words that the profile is found by: of its name, its services and its description."""
        texts = (self.business_name, *service_names, self.description)
        return tuple(words_of(" ".join(texts))[:MOST_WORDS])


def words_of(text: str) -> list[str]:
    """Give the different words of a text as they are compared, in their order."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(plain)))
