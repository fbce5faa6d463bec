"""Fields that faces share: what they take, and what they refuse."""

import pytest
from pydantic import TypeAdapter, ValidationError

from handlers.fields import Email, MinorAmount

EMAIL, AMOUNT = TypeAdapter[str](Email), TypeAdapter[int](MinorAmount)


@pytest.mark.parametrize(
    "address", ["asha@example.com", "a.b+c_d'e@sub.ex-ample.co", "आशा@उदाहरण.भारत", "o'neil/x=y@example.com"]
)
def test_an_address_is_taken(address: str) -> None:
    """Addresses of any script, with all that people have in theirs."""
    assert EMAIL.validate_python(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "x<asha@example.com",
        '"<asha@example.com>',
        "asha@example.com>",
        "b,asha@example.com",
        "b;asha@example.com",
        "b:asha@example.com",
        "(b)asha@example.com",
        "=?utf-8?q?asha?=@example.com",
        "asha@[127.0.0.1]",
        "asha@example..com",
        "asha@example.com.",
        "asha@localhost",
    ],
)
def test_what_a_mail_would_send_elsewhere_is_no_address(address: str) -> None:
    """One that a mail's head takes for another's would escape limits and uniqueness, and reach that other."""
    with pytest.raises(ValidationError):
        EMAIL.validate_python(address)


@pytest.mark.parametrize(("value", "minor"), [("150.00", 15000), ("0.5", 50), (2, 200), (1e2, 10000)])
def test_an_amount_is_minor_units(value: object, minor: int) -> None:
    """Numbers and text mean the same."""
    assert AMOUNT.validate_python(value) == minor


@pytest.mark.parametrize(
    "value",
    ["1_5.00", "１５", "٣", "0.001", "1e-99999999", "1e99999999", "NaN", "Infinity", True, None, [1], -1],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    """Nothing is paid that two readers of the same request could take for different amounts."""
    with pytest.raises(ValidationError):
        AMOUNT.validate_python(value)
