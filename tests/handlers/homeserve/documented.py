"""The documented calls as facts: a JSON file an operation in fixtures/."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.handlers.homeserve.scene import shape

FIXTURES = Path(__file__).parent / "fixtures"


@dataclass(frozen=True)
class Example:
    """A documented call; `status` and `response` are None where the document shows none."""

    method: str
    path: str
    request: Any
    status: int | None
    response: Any

    def page_shape(self) -> Any:
        """Give the structure of a documented list; every list also has its page links."""
        return shape({"next": None, "previous": None, **self.response})


def documented(operation: str) -> Example:
    """Give the documented call of that name."""
    return Example(**json.loads((FIXTURES / f"{operation}.json").read_text()))


def fits(example: Any, answer: Any, where: str = "answer") -> None:
    """Fail, naming the place, when an answer lacks a documented field or has another type.

    A number is a number whether the example shows a fraction or not; null fits anything; a list is
    compared by its first entries.
    """
    if example is None or answer is None:
        return
    if isinstance(example, dict):
        assert isinstance(answer, dict), where
        for name, value in example.items():
            assert name in answer, f"{where}.{name} is missing"
            fits(value, answer[name], f"{where}.{name}")
    elif isinstance(example, list):
        assert isinstance(answer, list), where
        if example:
            assert answer, f"{where} is empty"
            fits(example[0], answer[0], f"{where}[0]")
    else:
        number = isinstance(example, int | float) and not isinstance(example, bool)
        kind = int | float if number else type(example)
        assert isinstance(answer, kind), f"{where} is {answer!r}, documented is {example!r}"
