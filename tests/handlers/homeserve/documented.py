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
