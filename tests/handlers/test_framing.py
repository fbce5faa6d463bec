"""Which codes a close frame may carry."""

import pytest

from handlers.framing import may_be_sent


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1013, 1014, 3000, 3999, 4000, 4999])
def test_codes_with_a_meaning_may_be_sent(code: int) -> None:
    """Those of the protocol, of libraries and of applications."""
    assert may_be_sent(code)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
def test_others_may_not(code: int) -> None:
    """Those that are reserved for what no frame says, and those that nobody has given a meaning."""
    assert not may_be_sent(code)
