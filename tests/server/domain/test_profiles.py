"""The words by which profiles are found."""

from server.domain.profiles import LONGEST_WORD, MOST_WORDS, beginnings_of, words_of


def test_words_are_compared_without_case_marks_or_repetition() -> None:
    """Letters and digits of any script count, whatever stands between them; each word once."""
    assert words_of("Elite-Plumbing, ELITE & co: 10+ years") == ["elite", "plumbing", "co", "10", "years"]
    assert words_of("Straße ﬁne घर") == ["strasse", "fine", *words_of("घर")]
    assert words_of(" -- !") == []


def test_every_beginning_is_kept() -> None:
    """A profile is found by any beginning of any word, up to the longest that are compared."""
    assert beginnings_of(["Tap", "to"]) == ("t", "ta", "tap", "to")
    long = "x" * 40
    assert max(map(len, beginnings_of([long]))) == LONGEST_WORD
    assert words_of(long)[0] in beginnings_of([long])


def test_a_long_description_crowds_nothing_else_out() -> None:
    """The first texts' words are kept whatever follows, and there is an end to them."""
    many = " ".join(f"{number:05}" for number in range(1000))
    found_by = beginnings_of(["Plumbing", many])
    assert "plumbing" in found_by
    assert sum(len(one) == 5 for one in found_by) <= MOST_WORDS
