"""A-List's documented calls as facts: a JSON file an operation in fixtures/."""

import json
from pathlib import Path

from tests.handlers.homeserve.documented import Example

FIXTURES = Path(__file__).parent / "fixtures"


def documented(operation: str) -> Example:
    """Give the documented call of that name."""
    return Example(**json.loads((FIXTURES / f"{operation}.json").read_text()))
