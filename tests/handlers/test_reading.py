"""Reading bodies: which faults are told."""

from typing import Annotated

import pytest
from pydantic import Field

from handlers.fields import Email, Name, Phone
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


class Form(Body):
    """What people fill in."""

    email: Email
    phone: Phone
    name: Name
    size: Annotated[str, Field(min_length=2)]


def test_people_are_told_in_their_words() -> None:
    """No form of a text is explained by a pattern, and nothing blank by its length."""
    with pytest.raises(Invalid) as refused:
        Reader(Form).json(b'{"email": "jo", "phone": "12", "name": " ", "size": "x"}')
    assert refused.value.fields == {
        "email": ["Enter a valid email address."],
        "phone": ["Enter a number with its country and without spaces, like +12025550123."],
        "name": ["This field may not be blank."],
        "size": ["String should have at least 2 characters"],
    }


def test_very_many_faults_are_not_listed() -> None:
    """A body of nothing but faults costs no time and no long answer."""
    with pytest.raises(Invalid) as refused:
        Reader(Numbers).json(b'{"numbers": [' + b'"a",' * MOST_FAULTS + b'"a"]}')
    assert refused.value.fields == {"body": [f"More than {MOST_FAULTS} faults."]}
