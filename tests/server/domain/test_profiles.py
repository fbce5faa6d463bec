"""The words by which profiles are found, and the numbers of their reviews."""

import random
from dataclasses import replace
from datetime import UTC, datetime

from server.domain.profiles import LONGEST_WORD, MOST_WORDS, Profile, words_of

OPENED = datetime(2024, 1, 1, tzinfo=UTC)


def test_words_are_compared_without_case_marks_or_repetition() -> None:
    """Letters and digits of any script count, whatever stands between them; each word once."""
    assert words_of("Elite-Plumbing, ELITE & co: 10+ years") == ["elite", "plumbing", "co", "10", "years"]
    assert words_of("Straße ﬁne घर") == ["strasse", "fine", *words_of("घर")]
    assert words_of(" -- !") == []


def test_long_words_are_compared_by_their_beginning() -> None:
    """Two words that agree for so long are one."""
    assert words_of("x" * 40) == words_of("x" * 50) == ["x" * LONGEST_WORD]


def test_a_long_description_crowds_nothing_else_out() -> None:
    """The first texts' words are kept whatever follows, and there is an end to them."""
    many = " ".join(f"{number:05}" for number in range(1000))
    profile = Profile(7, "Elite Pipes", many, 1, "", "", 1, (1,), OPENED, OPENED)
    words = profile.words(["Plumbing"])
    assert words[:3] == ("elite", "pipes", "plumbing")
    assert len(words) == MOST_WORDS


def test_pages_of_reviews_skip_what_was_removed() -> None:
    """Whatever was removed in whatever order, pages hold those that are left, newest first, and end."""
    rng = random.Random(7)
    for _ in range(200):
        profile, left = Profile(7, "Elite", "", 1, "", "", 1, (), OPENED, OPENED), list[int]()
        for _ in range(rng.randint(0, 30)):
            if left and rng.random() < 0.4:
                number = left.pop(rng.randrange(len(left)))
                profile = profile.without_review(number)
            else:
                left.append(profile.last_review + 1)
                profile = replace(profile, review_count=profile.review_count + 1)
        size = rng.randint(1, 5)
        for skip in range(0, len(left) + size, size):
            numbers = profile.review_numbers(skip, size)
            assert [one for one in reversed(left) if one in numbers] == left[::-1][skip : skip + size]
