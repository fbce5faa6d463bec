"""Reading bodies: which faults are told."""

import pytest

from handlers.reading import MOST_FAULTS, Body, Reader
from server.errors import Invalid


class Numbers(Body):
    """A list of numbers."""

    numbers: tuple[int, ...]


def test_few_faults_are_told_by_their_fields() -> None:
    """Each faulty place is named."""
    with pytest.raises(Invalid) as refused:
        Reader(Numbers).json(b'{"numbers": [1, "a", 2, "b"], "more": 1}')
    assert refused.value.fields.keys() == {"numbers.1", "numbers.3", "more"}


def test_very_many_faults_are_not_listed() -> None:
    """A body of nothing but faults costs no time and no long answer."""
    with pytest.raises(Invalid) as refused:
        Reader(Numbers).json(b'{"numbers": [' + b'"a",' * MOST_FAULTS + b'"a"]}')
    assert refused.value.fields == {"body": [f"More than {MOST_FAULTS} faults."]}
